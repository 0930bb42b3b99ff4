//! PINs, tokens and alwaysUv at sign-in.

use lab_client::manage;
use lab_client::pin_uv::Token;
use lab_protocol::ctap2::Permissions;
use lab_protocol::ctap2::get_assertion::Request;
use lab_protocol::webauthn::Flags;

use super::Done;
use crate::bench::{Bench, Credential, OTHER_RP, RP, authorize_request};
use crate::case::{Case, Need};
use crate::outcome::Outcome;

const TOKENS: &[Need] = &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.ga.pin-zero-len",
        needs: &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin")],
        sends: "an empty pinUvAuthParam before and after a PIN is set",
        must: "0x35, then 0x31",
        run: zero_length,
    },
    Case {
        id: "au.ga.pin-bad-protocol",
        needs: &[Need::Fresh, Need::Pin],
        sends: "protocol 3",
        must: "0x02 (0x33 is seen)",
        run: |b| pin(b, vec![1; 16], Some(3), &[0x02], &[0x33]),
    },
    Case {
        id: "au.ga.pin-no-protocol",
        needs: &[Need::Fresh, Need::Pin],
        sends: "pinUvAuthParam without protocol",
        must: "0x14",
        run: |b| pin(b, vec![1; 16], None, &[0x14], &[]),
    },
    Case {
        id: "au.ga.pin-no-pin",
        needs: &[
            Need::Fresh,
            Need::Option("clientPin"),
            Need::IsNot("clientPin"),
            Need::IsNot("uv"),
            Need::IsNot("alwaysUv"),
        ],
        sends: "pinUvAuthParam where no PIN is set",
        must: "0x35, 0x33 or 0x00: recorded",
        run: |b| {
            let protocol = b.protocol()?.number();
            pin(b, vec![1; 16], Some(protocol), &[], &[0x35, 0x33, 0x00, 0x36])
        },
    },
    Case {
        id: "au.ga.pin-ok",
        needs: &[Need::Fresh, Need::Pin],
        sends: "a valid pinUvAuthParam",
        must: "UV set",
        run: pin_ok,
    },
    Case {
        id: "au.ga.pin-bad",
        needs: &[Need::Fresh, Need::Pin],
        sends: "a wrong pinUvAuthParam",
        must: "0x33",
        run: pin_bad,
    },
    Case {
        id: "au.ga.pin-missing",
        needs: &[Need::Fresh, Need::IsNot("alwaysUv"), Need::Pin],
        sends: "no pinUvAuthParam",
        must: "0x00, UV clear",
        run: pin_missing,
    },
    Case {
        id: "au.ga.perm-missing",
        needs: TOKENS,
        sends: "a token without ga",
        must: "0x33",
        run: |b| {
            let credential = b.made(b.creation())?;
            let token = b.token(Permissions::MAKE_CREDENTIAL, Some(RP))?;
            by_token(b, &credential, &token, &[0x33])
        },
    },
    Case {
        id: "au.ga.perm-rp-mismatch",
        needs: TOKENS,
        sends: "a token for another RP ID",
        must: "0x33",
        run: |b| {
            let credential = b.made(b.creation())?;
            let token = b.token(Permissions::GET_ASSERTION, Some(OTHER_RP))?;
            by_token(b, &credential, &token, &[0x33])
        },
    },
    Case { id: "au.ga.perm-once", needs: TOKENS, sends: "a token twice", must: "0x00, then 0x33", run: once },
    Case {
        id: "au.ga.preflight-then-touch",
        needs: TOKENS,
        sends: "a token with up false, then with up true",
        must: "0x00 twice",
        run: preflight,
    },
    Case {
        id: "au.ga.alwaysuv-preflight",
        needs: &[Need::Fresh, Need::Option("alwaysUv"), Need::IsNot("alwaysUv"), Need::IsNot("uv"), Need::Pin],
        sends: "up false, no pinUvAuthParam, alwaysUv on",
        must: "0x00",
        run: always_uv_preflight,
    },
];

fn zero_length(b: &mut Bench<'_>) -> Done {
    let number = Some(b.protocol()?.number());
    let request = Request { pin_uv_auth_param: Some(vec![]), pin_uv_auth_protocol: number, ..b.request(&[&[9; 64]]) };
    b.get(&request)?.must(0x35)?;
    b.set_pin()?;
    b.get(&request)?.is(0x31)
}

fn pin(b: &mut Bench<'_>, param: Vec<u8>, protocol: Option<i64>, expected: &[u8], tolerated: &[u8]) -> Done {
    let credential = b.made(b.creation())?;
    let request =
        Request { pin_uv_auth_param: Some(param), pin_uv_auth_protocol: protocol, ..b.request(&[&credential.id]) };
    b.get(&request)?.is_of(expected, tolerated)
}

fn pin_ok(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
    let mut request = b.request(&[&credential.id]);
    authorize_request(&mut request, &token);
    let signed = b.signed(&credential, &request)?;
    Ok(Outcome::check(signed.flags.has(Flags::UV), "UV set", signed.flags))
}

fn pin_bad(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
    let mut request = b.request(&[&credential.id]);
    request.pin_uv_auth_param = Some(token.authenticate(&[0; 32]));
    request.pin_uv_auth_protocol = Some(token.protocol().number());
    b.get(&request)?.is(0x33)
}

fn pin_missing(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let request = b.request(&[&credential.id]);
    let signed = b.signed(&credential, &request)?;
    Ok(Outcome::check(!signed.flags.has(Flags::UV), "UV clear", signed.flags))
}

fn by_token(b: &mut Bench<'_>, credential: &Credential, token: &Token, expected: &[u8]) -> Done {
    let mut request = b.request(&[&credential.id]);
    authorize_request(&mut request, token);
    b.get(&request)?.is_of(expected, &[])
}

fn once(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
    by_token(b, &credential, &token, &[0x00])?;
    by_token(b, &credential, &token, &[0x33])
}

fn preflight(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
    let mut request = Request { options: vec![("up".to_owned(), false)], ..b.request(&[&credential.id]) };
    authorize_request(&mut request, &token);
    b.get(&request)?.must(0x00)?;
    by_token(b, &credential, &token, &[0x00])
}

fn always_uv_preflight(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    b.drive(manage::config::toggle_always_uv())?;
    let request = Request { options: vec![("up".to_owned(), false)], ..b.request(&[&credential.id]) };
    b.get(&request)?.is(0x00)
}
