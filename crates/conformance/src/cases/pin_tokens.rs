//! pinUvAuthTokens: permissions, and what makes them void (`ctap-2.2 §6.5.5.7`).

use lab_client::manage;
use lab_client::pin_uv::{Protocol, Token};
use lab_protocol::ctap2::Permissions;
use lab_protocol::ctap2::client_pin::{Request, SubCommand};

use super::pin::force;
use crate::bench::{Bench, PIN, RP, authorize_creation};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

type Done = Result<Outcome, Stop>;

const SET: &[Need] = &[Need::Fresh, Need::Pin];
const TOKENS: &[Need] = &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin];
const FORCED: &[Need] = &[Need::Fresh, Need::Is("setMinPINLength"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.pin.token05-perms",
        needs: SET,
        sends: "getPinToken with permissions, and with an RP ID",
        must: "0x02",
        run: superseded,
    },
    Case {
        id: "au.pin.perm-zero",
        needs: TOKENS,
        sends: "no permission",
        must: "0x02",
        run: |b| permissions(b, Permissions::NONE, &[0x02]),
    },
    Case {
        id: "au.pin.perm-unauth",
        needs: TOKENS,
        sends: "each permission whose option is not there",
        must: "0x40",
        run: unauthorized,
    },
    Case {
        id: "au.pin.perm-undefined",
        needs: TOKENS,
        sends: "mc and the bit 0x80",
        must: "passed over: 0x00",
        run: |b| permissions(b, Permissions(0x81), &[0x00]),
    },
    Case {
        id: "au.pin.perm-pcmr-mixed",
        needs: &[Need::Fresh, Need::Is("perCredMgmtRO"), Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "pcmr together with cm",
        must: "0x40",
        run: |b| permissions(b, Permissions(0x44), &[0x40]),
    },
    Case {
        id: "au.pin.perm-mc-no-rp",
        needs: TOKENS,
        sends: "mc without an RP ID",
        must: "0x14: recorded",
        run: no_rp_id,
    },
    Case {
        id: "au.pin.force-05",
        needs: FORCED,
        sends: "forceChangePin, then getPinToken",
        must: "0x31",
        run: |b| forced(b, false, &[0x31], &[0x37]),
    },
    Case {
        id: "au.pin.force-09",
        needs: FORCED,
        sends: "forceChangePin, then a token with permissions",
        must: "0x37",
        run: |b| forced(b, true, &[0x37], &[]),
    },
    Case {
        id: "au.pin.new-token-invalidates",
        needs: SET,
        sends: "a token after another was given",
        must: "0x33",
        run: superseding,
    },
    Case {
        id: "au.pin.proto2-iv",
        needs: SET,
        sends: "two tokens in protocol 2",
        must: "another initialization vector",
        run: vectors,
    },
    Case {
        id: "au.pin.proto1-mac-len",
        needs: SET,
        sends: "a MAC of 32 bytes in protocol 1",
        must: "0x33",
        run: |b| mac_length(b, Protocol::One),
    },
    Case {
        id: "au.pin.proto2-mac-16",
        needs: SET,
        sends: "a MAC of 16 bytes in protocol 2",
        must: "0x33",
        run: |b| mac_length(b, Protocol::Two),
    },
    Case {
        id: "au.pin.cross-proto",
        needs: SET,
        sends: "a token of protocol 1 under protocol 2",
        must: "0x33",
        run: cross,
    },
    Case {
        id: "au.pin.uv-unconfigured",
        needs: &[Need::Fresh, Need::Option("uv"), Need::IsNot("uv"), Need::Is("pinUvAuthToken")],
        sends: "a token by verification where no finger is enrolled",
        must: "0x30",
        run: unconfigured,
    },
    Case {
        id: "au.pin.uv-retries",
        needs: &[Need::Fresh, Need::Person, Need::Option("uv"), Need::Is("pinUvAuthToken")],
        sends: "a wrong finger until it is blocked",
        must: "0x3f, then 0x3c; a PIN gives the attempts back",
        run: wrong_fingers,
    },
];

fn superseded(b: &mut Bench<'_>) -> Done {
    for with_rp in [false, true] {
        let request = token05(b)?;
        let request = match with_rp {
            true => Request { rp_id: Some(RP.to_owned()), ..request },
            false => Request { permissions: Some(Permissions::MAKE_CREDENTIAL), ..request },
        };
        b.client_pin(&request)?.must(0x02)?;
    }
    Ok(Outcome::Pass)
}

/// getPinToken with the right PIN.
fn token05(b: &mut Bench<'_>) -> Result<Request, Stop> {
    let agreement = b.agree()?;
    let request = b.token_request(&agreement, PIN, Permissions::NONE, None)?;
    Ok(Request { sub_command: SubCommand::GET_PIN_TOKEN, permissions: None, rp_id: None, ..request })
}

fn permissions(b: &mut Bench<'_>, permissions: Permissions, expected: &[u8]) -> Done {
    let agreement = b.agree()?;
    let request = b.token_request(&agreement, PIN, permissions, Some(RP))?;
    b.client_pin(&request)?.is_of(expected, &[])
}

fn unauthorized(b: &mut Bench<'_>) -> Done {
    let guarded = [
        (Permissions::CREDENTIAL_MANAGEMENT, b.info.option("credMgmt") == Some(true)),
        (Permissions::BIO_ENROLLMENT, b.info.option("bioEnroll").is_some()),
        (Permissions::LARGE_BLOB_WRITE, b.info.option("largeBlobs") == Some(true)),
        (Permissions::AUTHENTICATOR_CONFIG, b.info.option("authnrCfg") == Some(true)),
        (Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY, b.info.option("perCredMgmtRO") == Some(true)),
    ];
    let mut refused = 0;
    for (permission, _) in guarded.iter().filter(|(_, able)| !able) {
        permissions(b, *permission, &[0x40])?;
        refused += 1;
    }
    if refused == 0 { Err(Stop::not_applicable("it has every option")) } else { Ok(Outcome::Pass) }
}

fn no_rp_id(b: &mut Bench<'_>) -> Done {
    let agreement = b.agree()?;
    let request = b.token_request(&agreement, PIN, Permissions::MAKE_CREDENTIAL, None)?;
    b.client_pin(&request)?.is_of(&[0x14], &[0x00, 0x02])
}

fn forced(b: &mut Bench<'_>, with_permissions: bool, expected: &[u8], tolerated: &[u8]) -> Done {
    force(b)?;
    let request = match with_permissions {
        true => {
            let agreement = b.agree()?;
            b.token_request(&agreement, PIN, Permissions::MAKE_CREDENTIAL, Some(RP))?
        }
        false => token05(b)?,
    };
    b.client_pin(&request)?.is_of(expected, tolerated)
}

fn superseding(b: &mut Bench<'_>) -> Done {
    let first = b.ceremony_token()?;
    b.ceremony_token()?;
    creation(b, &first, &[0x33])
}

/// A credential under a token.
fn creation(b: &mut Bench<'_>, token: &Token, expected: &[u8]) -> Done {
    let mut request = b.creation();
    authorize_creation(&mut request, token);
    b.make(&request)?.is_of(expected, &[])
}

fn vectors(b: &mut Bench<'_>) -> Done {
    let protocol = b.with_protocol(Protocol::Two)?;
    let mut encrypted = Vec::new();
    for _ in 0..2 {
        let agreement = b.agree_by(protocol)?;
        let request = b.token_request(&agreement, PIN, Permissions::MAKE_CREDENTIAL, Some(RP))?;
        let body = b.client_pin(&request)?.ok()?;
        let token = lab_protocol::ctap2::client_pin::Response::parse(&body)?.pin_uv_auth_token.unwrap_or_default();
        encrypted.push(token.get(..16).map(<[u8]>::to_vec));
    }
    Ok(Outcome::check(encrypted[0] != encrypted[1], "another one", "the same"))
}

fn mac_length(b: &mut Bench<'_>, protocol: Protocol) -> Done {
    let protocol = b.with_protocol(protocol)?;
    let token = b.token_by(protocol, Permissions::MAKE_CREDENTIAL, Some(RP))?;
    let mut request = b.creation();
    let whole = Token::new(Protocol::Two, token.value()).authenticate(&request.client_data_hash);
    let length = if protocol == Protocol::One { 32 } else { 16 };
    request.pin_uv_auth_param = Some(whole[..length].to_vec());
    request.pin_uv_auth_protocol = Some(protocol.number());
    b.make(&request)?.is(0x33)
}

fn cross(b: &mut Bench<'_>) -> Done {
    b.with_protocol(Protocol::Two)?;
    let protocol = b.with_protocol(Protocol::One)?;
    let token = b.token_by(protocol, Permissions::MAKE_CREDENTIAL, Some(RP))?;
    let other = Token::new(Protocol::Two, token.value());
    creation(b, &other, &[0x33])
}

/// The request of a token by the authenticator's own verification.
fn by_verification(b: &mut Bench<'_>) -> Result<Request, Stop> {
    let agreement = b.agree()?;
    Ok(Request {
        permissions: Some(Permissions::MAKE_CREDENTIAL),
        rp_id: Some(RP.to_owned()),
        ..agreement.request(SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS)
    })
}

fn unconfigured(b: &mut Bench<'_>) -> Done {
    let request = by_verification(b)?;
    b.client_pin(&request)?.is_of(&[0x30], &[0x02])
}

fn wrong_fingers(b: &mut Bench<'_>) -> Done {
    let has_pin = b.info.option("clientPin").is_some();
    if has_pin {
        b.set_pin()?;
    }
    if b.info.option("uv") == Some(false) {
        b.drive(manage::fingerprints::enroll(None))?;
    }
    let attempts = b.drive(manage::pin::state())?.uv_retries.unwrap_or(0);
    b.person(Behaviour::IsNotVerified)?;
    let mut last = 0;
    for _ in 0..attempts {
        let request = by_verification(b)?;
        last = b.client_pin(&request)?.status.0;
    }
    let request = by_verification(b)?;
    let after = b.client_pin(&request)?.status.0;
    if !matches!(last, 0x3f | 0x3c) || after != 0x3c {
        return Err(Stop::fail("0x3f, then 0x3c", format!("0x{last:02x}, then 0x{after:02x}")));
    }
    if !has_pin {
        return Ok(Outcome::observe("it has no PIN to give the attempts back"));
    }
    b.person(Behaviour::Obliges)?;
    b.try_pin(PIN)?.must(0x00)?;
    let left = b.drive(manage::pin::state())?.uv_retries;
    Ok(Outcome::check(left == Some(attempts), attempts, format!("{left:?}")))
}
