//! U2F raw messages (1.2), as CTAP1.

use lab_attestation::x509::Certificate;
use lab_attestation::{sha256, signature};
use lab_client::manage;
use lab_protocol::cose::{Algorithm, CredentialPublicKey, Curve, KeyMaterial};
use lab_protocol::ctap2::{get_assertion, make_credential};

use crate::bench::{Bench, U2F_RP};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

type Done = Result<Outcome, Stop>;

const U2F: &[Need] = &[Need::Version("U2F_V2"), Need::IsNot("alwaysUv")];
const CHALLENGE: [u8; 32] = [0xca; 32];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.u2f.version",
        needs: U2F,
        sends: "VERSION",
        must: "U2F_V2, 9000",
        run: |b| {
            let (data, status) = b.u2f(&apdu(0x03, 0, &[]))?;
            Ok(Outcome::check(data == b"U2F_V2" && status == 0x9000, "U2F_V2, 9000", format!("{status:04x}")))
        },
    },
    Case {
        id: "au.u2f.register",
        needs: U2F,
        sends: "REGISTER",
        must: "the layout of §4.3, a signature that verifies",
        run: |b| registered(b).map(|_| Outcome::Pass),
    },
    Case {
        id: "au.u2f.register-touch",
        needs: &[Need::Version("U2F_V2"), Need::IsNot("alwaysUv"), Need::Person],
        sends: "REGISTER, and nobody touches",
        must: "6985 at once",
        run: |b| {
            b.person(Behaviour::Absent)?;
            word(b, &register(), &[0x6985])
        },
    },
    Case {
        id: "au.u2f.auth",
        needs: U2F,
        sends: "AUTHENTICATE twice",
        must: "signatures that verify, a counter that grows",
        run: authenticated,
    },
    Case {
        id: "au.u2f.check-only",
        needs: U2F,
        sends: "check-only with its handle and another",
        must: "6985 and 6a80",
        run: check_only,
    },
    Case {
        id: "au.u2f.no-up-sign",
        needs: U2F,
        sends: "AUTHENTICATE with P1 08",
        must: "UP byte 0 (6985 or 6d00 where it has none: recorded)",
        run: no_presence,
    },
    Case {
        id: "au.u2f.bad-handle",
        needs: U2F,
        sends: "AUTHENTICATE with a handle of nobody",
        must: "6a80",
        run: |b| word(b, &authenticate(0x03, &application(), &[9; 64]), &[0x6a80]),
    },
    Case {
        id: "au.u2f.bad-appid",
        needs: U2F,
        sends: "AUTHENTICATE with another application",
        must: "6a80",
        run: |b| {
            let made = registered(b)?;
            word(b, &authenticate(0x03, &[9; 32], &made.handle), &[0x6a80])
        },
    },
    Case {
        id: "au.u2f.handle-len",
        needs: U2F,
        sends: "a handle length that does not fit",
        must: "6700 (6a80 is seen)",
        run: handle_len,
    },
    Case {
        id: "au.u2f.bad-cla",
        needs: U2F,
        sends: "the class 0x5a",
        must: "6e00",
        run: |b| {
            let mut apdu = apdu(0x03, 0, &[]);
            apdu[0] = 0x5a;
            word(b, &apdu, &[0x6e00])
        },
    },
    Case {
        id: "au.u2f.bad-ins",
        needs: U2F,
        sends: "the instruction 0x3f",
        must: "6d00",
        run: |b| word(b, &apdu(0x3f, 0, &[]), &[0x6d00]),
    },
    Case {
        id: "au.u2f.lc",
        needs: U2F,
        sends: "REGISTER with 63 bytes",
        must: "6700",
        run: |b| word(b, &apdu(0x01, 0, &[1; 63]), &[0x6700]),
    },
    Case {
        id: "au.u2f.protect",
        needs: &[Need::Version("U2F_V2"), Need::IsNot("alwaysUv"), Need::Extension("credProtect")],
        sends: "credentials of level 2 and 3 over U2F",
        must: "6a80",
        run: protected,
    },
    Case {
        id: "au.u2f.alwaysuv",
        needs: &[
            Need::Fresh,
            Need::Version("U2F_V2"),
            Need::Is("authnrCfg"),
            Need::Option("alwaysUv"),
            Need::IsNot("alwaysUv"),
            Need::IsNot("uv"),
            Need::Pin,
        ],
        sends: "REGISTER where alwaysUv is on",
        must: "6986",
        run: |b| {
            b.drive(manage::config::toggle_always_uv())?;
            word(b, &register(), &[0x6986])
        },
    },
    Case {
        id: "au.u2f.interop",
        needs: U2F,
        sends: "a credential of U2F to CTAP2",
        must: "an assertion",
        run: to_ctap2,
    },
];

/// A registration.
struct Made {
    handle: Vec<u8>,
    key: CredentialPublicKey,
}

fn application() -> [u8; 32] {
    sha256(U2F_RP.as_bytes())
}

/// An APDU with extended length.
fn apdu(instruction: u8, p1: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
    let lc = if data.is_empty() { vec![] } else { [&[0][..], &length].concat() };
    let le = if data.is_empty() { &[0, 0, 0][..] } else { &[0, 0] };
    [&[0, instruction, p1, 0], &lc[..], data, le].concat()
}

fn register() -> Vec<u8> {
    apdu(0x01, 0x03, &[CHALLENGE, application()].concat())
}

/// AUTHENTICATE.
pub(super) fn authenticate(p1: u8, application: &[u8; 32], handle: &[u8]) -> Vec<u8> {
    let length = u8::try_from(handle.len()).unwrap_or(u8::MAX);
    apdu(0x02, p1, &[&CHALLENGE[..], application, &[length], handle].concat())
}

fn word(b: &mut Bench<'_>, apdu: &[u8], expected: &[u16]) -> Done {
    let (_, status) = b.u2f(apdu)?;
    let named: Vec<_> = expected.iter().map(|status| format!("{status:04x}")).collect();
    Ok(Outcome::check(expected.contains(&status), named.join(" or "), format!("{status:04x}")))
}

/// Sends until it is touched: U2F does not block.
fn touched(b: &mut Bench<'_>, apdu: &[u8]) -> Result<Vec<u8>, Stop> {
    for _ in 0..20 {
        b.target.touch();
        match b.u2f(apdu)? {
            (data, 0x9000) => return Ok(data),
            (_, 0x6985) => b.wait(1)?,
            (_, status) => return Err(Stop::fail("9000", format!("{status:04x}"))),
        }
    }
    match b.target.is_model() {
        true => Err(Stop::fail("9000", "6985, whenever asked")),
        false => Err(Stop::not_applicable("nobody touched it within 20 s")),
    }
}

fn registered(b: &mut Bench<'_>) -> Result<Made, Stop> {
    let data = touched(b, &register())?;
    let short = || Stop::fail("the layout of a registration", format!("{} bytes", data.len()));
    let (head, rest) = data.split_first_chunk::<67>().ok_or_else(short)?;
    let (handle, rest) = rest.split_at_checked(usize::from(head[66])).ok_or_else(short)?;
    if head[0] != 5 || head[1] != 4 {
        return Err(Stop::fail("05 04", format!("{:02x} {:02x}", head[0], head[1])));
    }
    let length = der_length(rest).ok_or_else(short)?;
    let (certificate, signature) = rest.split_at_checked(length).ok_or_else(short)?;
    let point = &head[1..66];
    let message = [&[0][..], &application(), &CHALLENGE, handle, point].concat();
    let certificate = Certificate::parse(certificate).map_err(|error| Stop::fail("a certificate", error))?;
    signature::verify_with(Algorithm::ES256, &certificate.public_key(), &message, signature)
        .map_err(|error| Stop::fail("a signature that verifies", error))?;
    Ok(Made { handle: handle.to_vec(), key: es256(point) })
}

fn es256(point: &[u8]) -> CredentialPublicKey {
    let material = KeyMaterial::Ec2 { curve: Curve::P256, x: point[1..33].to_vec(), y: point[33..65].to_vec() };
    CredentialPublicKey { alg: Algorithm::ES256, material, extra: vec![] }
}

/// The length of a DER sequence, header included.
fn der_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0x30, length @ 0..=0x7f, ..] => Some(2 + usize::from(*length)),
        [0x30, 0x81, length, ..] => Some(3 + usize::from(*length)),
        [0x30, 0x82, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

/// An assertion: its UP byte and its counter.
fn asserted(made: &Made, data: &[u8]) -> Result<(u8, u32), Stop> {
    let (head, signature) = data.split_first_chunk::<5>().ok_or_else(|| Stop::fail("an assertion", data.len()))?;
    let message = [&application()[..], head, &CHALLENGE].concat();
    signature::verify(&made.key, &message, signature)
        .map_err(|error| Stop::fail("a signature that verifies", error))?;
    Ok((head[0], u32::from_be_bytes([head[1], head[2], head[3], head[4]])))
}

fn authenticated(b: &mut Bench<'_>) -> Done {
    let made = registered(b)?;
    let apdu = authenticate(0x03, &application(), &made.handle);
    let mut counters = Vec::new();
    for _ in 0..2 {
        let data = touched(b, &apdu)?;
        let (up, counter) = asserted(&made, &data)?;
        if up != 1 {
            return Err(Stop::fail("UP byte 1", up));
        }
        counters.push(counter);
    }
    Ok(Outcome::check(counters[0] < counters[1], "a counter that grows", format!("{counters:?}")))
}

fn check_only(b: &mut Bench<'_>) -> Done {
    let made = registered(b)?;
    match word(b, &authenticate(0x07, &application(), &made.handle), &[0x6985])? {
        Outcome::Pass => word(b, &authenticate(0x07, &application(), &[9; 64]), &[0x6a80]),
        other => Ok(other),
    }
}

fn no_presence(b: &mut Bench<'_>) -> Done {
    let made = registered(b)?;
    b.wait(11)?;
    match b.u2f(&authenticate(0x08, &application(), &made.handle))? {
        (data, 0x9000) => asserted(&made, &data).map(|(up, _)| Outcome::check(up == 0, "UP byte 0", up)),
        (_, status) => Ok(Outcome::observe(format!("answered {status:04x}"))),
    }
}

fn handle_len(b: &mut Bench<'_>) -> Done {
    let data = [&CHALLENGE[..], &application(), &[64], &[9; 10]].concat();
    let (_, status) = b.u2f(&apdu(0x02, 0x03, &data))?;
    match status {
        0x6700 => Ok(Outcome::Pass),
        0x6a80 => Ok(Outcome::observe("answered 6a80 instead of 6700")),
        other => Err(Stop::fail("6700", format!("{other:04x}"))),
    }
}

fn protected(b: &mut Bench<'_>) -> Done {
    for level in [2, 3] {
        let extensions = vec![("credProtect".into(), level.into())];
        let mut request = make_credential::Request { extensions, ..b.creation() };
        U2F_RP.clone_into(&mut request.rp.id);
        let credential = b.made(request)?;
        let (_, status) = b.u2f(&authenticate(0x07, &application(), &credential.id))?;
        if status != 0x6a80 {
            return Err(Stop::fail(format!("6a80 at level {level}"), format!("{status:04x}")));
        }
    }
    Ok(Outcome::Pass)
}

fn to_ctap2(b: &mut Bench<'_>) -> Done {
    let made = registered(b)?;
    let request = get_assertion::Request { rp_id: U2F_RP.to_owned(), ..b.request(&[&made.handle]) };
    b.get(&request)?.is_of(&[0x00], &[0x2e])
}
