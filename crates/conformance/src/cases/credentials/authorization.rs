//! Who may make a credential: touch, PIN, token, alwaysUv.

use lab_client::manage;
use lab_client::pin_uv::{Protocol, Token};
use lab_protocol::ctap2::Permissions;
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::webauthn::Flags;

use super::{Done, UNPROTECTED};
use crate::bench::{Bench, OTHER_RP, RP, authorize_creation, authorize_request, read};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.mc.pin-zero-len",
        needs: &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin")],
        sends: "an empty pinUvAuthParam before and after a PIN is set",
        must: "0x35, then 0x31",
        run: zero_length,
    },
    Case {
        id: "au.mc.pin-no-protocol",
        needs: &[Need::Fresh, Need::Pin],
        sends: "pinUvAuthParam without protocol",
        must: "0x14",
        run: |b| {
            let request = Request { pin_uv_auth_param: Some(vec![1; 16]), ..b.creation() };
            b.make(&request)?.is(0x14)
        },
    },
    Case {
        id: "au.mc.pin-bad-protocol",
        needs: &[Need::Fresh, Need::Pin],
        sends: "protocol 3",
        must: "0x02 (0x33 is seen)",
        run: |b| {
            let request =
                Request { pin_uv_auth_param: Some(vec![1; 16]), pin_uv_auth_protocol: Some(3), ..b.creation() };
            b.make(&request)?.is_of(&[0x02], &[0x33])
        },
    },
    Case {
        id: "au.mc.pin-no-pin",
        needs: &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin"), UNPROTECTED],
        sends: "pinUvAuthParam where no PIN is set",
        must: "0x35, 0x33 or 0x00: recorded",
        run: |b| {
            let request = Request {
                pin_uv_auth_param: Some(vec![1; 16]),
                pin_uv_auth_protocol: Some(b.protocol()?.number()),
                ..b.creation()
            };
            b.make(&request)?.is_of(&[], &[0x35, 0x33, 0x00, 0x36])
        },
    },
    Case {
        id: "au.mc.pin-ok",
        needs: &[Need::Fresh, Need::Pin],
        sends: "a valid pinUvAuthParam",
        must: "UV set",
        run: pin_ok,
    },
    Case {
        id: "au.mc.pin-bad",
        needs: &[Need::Fresh, Need::Pin],
        sends: "a wrong pinUvAuthParam",
        must: "0x33",
        run: |b| {
            let token = b.ceremony_token()?;
            with_token(b, &token, |request| flip(&mut request.pin_uv_auth_param), &[0x33])
        },
    },
    Case {
        id: "au.mc.pin-required",
        needs: &[Need::IsNot("alwaysUv"), UNPROTECTED, Need::Fresh, Need::Is("rk"), Need::Pin],
        sends: "no pinUvAuthParam, discoverable",
        must: "0x36",
        run: |b| {
            let request = b.resident(1);
            b.make(&request)?.is(0x36)
        },
    },
    Case {
        id: "au.mc.pin-notreq",
        needs: &[Need::Fresh, Need::Is("makeCredUvNotRqd"), Need::Pin],
        sends: "no pinUvAuthParam, not discoverable, makeCredUvNotRqd",
        must: "0x00, UV clear",
        run: not_required,
    },
    Case {
        id: "au.mc.pin-notreq-false",
        needs: &[Need::IsNot("alwaysUv"), UNPROTECTED, Need::Fresh, Need::IsNot("makeCredUvNotRqd"), Need::Pin],
        sends: "no pinUvAuthParam, not discoverable",
        must: "0x36",
        run: |b| {
            let request = b.creation();
            b.make(&request)?.is(0x36)
        },
    },
    Case {
        id: "au.mc.perm-missing",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token without mc",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.perm-rp-mismatch",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token for another RP ID",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::MAKE_CREDENTIAL, Some(OTHER_RP))?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.perm-once",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token twice",
        must: "0x00, then 0x33",
        run: |b| {
            let token = b.ceremony_token()?;
            with_token(b, &token, |_| (), &[0])?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.token-expired",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Seconds(31), Need::Pin],
        sends: "a token that was not used for 31 s",
        must: "0x33",
        run: |b| {
            let token = b.ceremony_token()?;
            b.wait(31)?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.token-old",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Seconds(660), Need::Pin],
        sends: "a token in use, after 9 and after 11 minutes",
        must: "0x00, then 0x33",
        run: old_token,
    },
    Case {
        id: "au.mc.alwaysuv",
        needs: &[Need::Fresh, Need::Option("alwaysUv"), Need::IsNot("alwaysUv"), UNPROTECTED, Need::Pin],
        sends: "no pinUvAuthParam where alwaysUv is on",
        must: "0x36",
        run: always_uv,
    },
    Case {
        id: "au.mc.touch-required",
        needs: &[Need::Person],
        sends: "a credential, and nobody touches",
        must: "0x2f (0x27 is seen)",
        run: untouched,
    },
    Case {
        id: "au.mc.uv-clear",
        needs: &[Need::IsNot("alwaysUv"), Need::Fresh, UNPROTECTED],
        sends: "a credential of somebody who is not verified",
        must: "UV clear",
        run: unverified,
    },
];

fn zero_length(b: &mut Bench<'_>) -> Done {
    let number = Some(b.protocol()?.number());
    let request = Request { pin_uv_auth_param: Some(vec![]), pin_uv_auth_protocol: number, ..b.creation() };
    b.make(&request)?.must(0x35)?;
    b.set_pin()?;
    b.make(&request)?.is(0x31)
}

/// A request under a token, changed after it was authorized.
fn with_token(b: &mut Bench<'_>, token: &Token, change: impl FnOnce(&mut Request), expected: &[u8]) -> Done {
    let mut request = b.creation();
    authorize_creation(&mut request, token);
    change(&mut request);
    b.make(&request)?.is_of(expected, &[])
}

/// Silent assertions keep a token in use and leave it its permissions.
fn old_token(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let token = b.ceremony_token()?;
    let mut silent = b.request(&[&credential.id]);
    silent.options.push(("up".to_owned(), false));
    authorize_request(&mut silent, &token);
    b.get(&silent)?.must(0x00)?;
    b.wait(540)?;
    b.get(&silent)?.must(0x00)?;
    b.wait(120)?;
    b.get(&silent)?.is(0x33)
}

fn flip(param: &mut Option<Vec<u8>>) {
    if let Some(byte) = param.as_mut().and_then(|param| param.first_mut()) {
        *byte ^= 1;
    }
}

fn pin_ok(b: &mut Bench<'_>) -> Done {
    for protocol in [Protocol::One, Protocol::Two] {
        let Ok(protocol) = b.with_protocol(protocol) else { continue };
        let token = b.token_by(protocol, Permissions::MAKE_CREDENTIAL, Some(RP))?;
        let mut request = b.creation();
        authorize_creation(&mut request, &token);
        let credential = read(&b.make(&request)?.ok()?, RP)?;
        if !credential.flags.has(Flags::UV) {
            return Err(Stop::fail(format!("UV set with {protocol}"), credential.flags));
        }
    }
    Ok(Outcome::Pass)
}

fn not_required(b: &mut Bench<'_>) -> Done {
    let request = b.creation();
    let credential = b.made_unverified(&request)?;
    Ok(Outcome::check(!credential.flags.has(Flags::UV), "UV clear", credential.flags))
}

fn always_uv(b: &mut Bench<'_>) -> Done {
    b.drive(manage::config::toggle_always_uv())?;
    let request = b.creation();
    b.make(&request)?.is(0x36)
}

fn untouched(b: &mut Bench<'_>) -> Done {
    b.person(Behaviour::Absent)?;
    let request = b.creation();
    b.make(&request)?.is_of(&[0x2f], &[0x27, 0x3a])
}

fn unverified(b: &mut Bench<'_>) -> Done {
    let request = b.creation();
    let reply = b.make(&request)?;
    if reply.status.0 == 0x36 {
        return Err(Stop::not_applicable("it serves nobody who is not verified"));
    }
    let credential = read(&reply.ok()?, RP)?;
    Ok(Outcome::check(!credential.flags.has(Flags::UV), "UV clear", credential.flags))
}
