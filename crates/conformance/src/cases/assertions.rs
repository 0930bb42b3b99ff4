//! authenticatorGetAssertion and authenticatorGetNextAssertion (`ctap-2.2 §6.2, §6.3`).

use lab_client::manage;
use lab_client::pin_uv::Token;
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::ctap2::get_assertion::{Request, Response};
use lab_protocol::ctap2::{Command, Permissions, make_credential};
use lab_protocol::webauthn::Flags;

use crate::bench::{Bench, Credential, OTHER_RP, RP, authorize_request, output, verify};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const GA: Command = Command::GET_ASSERTION;
const PROTECT: &[Need] =
    &[Need::Fresh, Need::Extension("credProtect"), Need::Is("rk"), Need::IsNot("alwaysUv"), Need::Pin];
const TOKENS: &[Need] = &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.ga.base",
        needs: &[],
        sends: "an allow list of one",
        must: "a signature that verifies, AT clear, backup flags as at registration",
        run: base,
    },
    Case { id: "au.ga.missing-rpid", needs: &[], sends: "no rpId", must: "0x14", run: |b| without(b, 1) },
    Case { id: "au.ga.missing-cdh", needs: &[], sends: "no clientDataHash", must: "0x14", run: |b| without(b, 2) },
    Case { id: "au.ga.types", needs: &[], sends: "each member as a number or text", must: "0x11", run: types },
    Case {
        id: "au.ga.none",
        needs: &[],
        sends: "an id of nobody",
        must: "0x2e",
        run: |b| {
            let request = b.request(&[&[9; 64]]);
            b.get(&request)?.is(0x2e)
        },
    },
    Case { id: "au.ga.other-rp", needs: &[], sends: "a credential of another RP", must: "0x2e", run: other_rp },
    Case {
        id: "au.ga.corrupt-id",
        needs: &[],
        sends: "an id with one bit changed, for each byte",
        must: "0x2e",
        run: corrupt_id,
    },
    Case {
        id: "au.ga.empty-list",
        needs: &[],
        sends: "an allow list without an entry",
        must: "anything: recorded",
        run: |b| {
            let request = Request { allow_list: Some(vec![]), ..b.request(&[]) };
            b.get(&request)?.record()
        },
    },
    Case {
        id: "au.ga.opt-rk",
        needs: &[],
        sends: "the option rk",
        must: "0x2b (passed over is seen)",
        run: |b| option(b, "rk", true, &[0x2b], &[0x00, 0x2c]),
    },
    Case { id: "au.ga.opt-up-false", needs: &[], sends: "up false", must: "0x00, UP clear", run: up_false },
    Case {
        id: "au.ga.opt-uv",
        needs: &[Need::IsNot("uv")],
        sends: "uv true where it has no verification of its own",
        must: "0x2c",
        run: |b| option(b, "uv", true, &[0x2c], &[0x2b]),
    },
    Case {
        id: "au.ga.rk-single",
        needs: &[Need::Is("rk")],
        sends: "no list, one account",
        must: "its user id, no numberOfCredentials or 1",
        run: single,
    },
    Case {
        id: "au.ga.rk-many",
        needs: &[Need::Fresh, Need::Is("rk")],
        sends: "no list, three accounts",
        must: "numberOfCredentials 3, newest first",
        run: many,
    },
    Case {
        id: "au.ga.user-privacy",
        needs: &[Need::Fresh, Need::Is("rk"), Need::IsNot("alwaysUv")],
        sends: "no list, nobody verified",
        must: "user has the id only",
        run: privacy,
    },
    Case {
        id: "au.ga.user-uv",
        needs: &[Need::Fresh, Need::Is("rk"), Need::Pin],
        sends: "no list, two accounts, verified",
        must: "name and displayName",
        run: names,
    },
    Case {
        id: "au.ga.next-none",
        needs: &[],
        sends: "getNextAssertion first",
        must: "0x30",
        run: |b| b.next()?.is(0x30),
    },
    Case {
        id: "au.ga.next-after-other",
        needs: &[Need::Fresh, Need::Is("rk")],
        sends: "getInfo before getNextAssertion",
        must: "0x30",
        run: next_after_other,
    },
    Case {
        id: "au.ga.next-timeout",
        needs: &[Need::Fresh, Need::Is("rk"), Need::Seconds(31)],
        sends: "getNextAssertion after 31 s",
        must: "0x30",
        run: next_late,
    },
    Case {
        id: "au.ga.next-beyond",
        needs: &[Need::Fresh, Need::Is("rk")],
        sends: "getNextAssertion after the last",
        must: "0x30",
        run: next_beyond,
    },
    Case {
        id: "au.ga.next-ext",
        needs: &[Need::Fresh, Need::Is("rk"), Need::Extension("hmac-secret")],
        sends: "hmac-secret, then getNextAssertion",
        must: "an output in each",
        run: next_extension,
    },
    Case {
        id: "au.ga.protect2",
        needs: PROTECT,
        sends: "level 2, no list, nobody verified",
        must: "0x2e",
        run: |b| protected(b, 2, false, &[0x2e]),
    },
    Case {
        id: "au.ga.protect2-list",
        needs: PROTECT,
        sends: "level 2, in the list, nobody verified",
        must: "0x00",
        run: |b| protected(b, 2, true, &[0x00]),
    },
    Case {
        id: "au.ga.protect3",
        needs: PROTECT,
        sends: "level 3, in the list, nobody verified",
        must: "0x2e",
        run: |b| protected(b, 3, true, &[0x2e]),
    },
    Case { id: "au.ga.protect3-uv", needs: PROTECT, sends: "level 3, verified", must: "0x00", run: protected_verified },
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
    Case {
        id: "au.ga.counter",
        needs: &[],
        sends: "three assertions",
        must: "each counter greater than the last, or all 0",
        run: counter,
    },
    Case { id: "au.ga.dup-list", needs: &[], sends: "an id twice", must: "one assertion", run: duplicate },
    Case {
        id: "au.ga.list-too-long",
        needs: &[],
        sends: "one entry more than maxCredentialCountInList",
        must: "0x15 or 0x39",
        run: too_many,
    },
    Case {
        id: "au.ga.after-reset",
        needs: &[Need::Fresh, Need::Resets, Need::Replug],
        sends: "a credential from before a reset",
        must: "0x2e",
        run: after_reset,
    },
    Case {
        id: "au.ga.reboot",
        needs: &[Need::Replug],
        sends: "a credential from before a replug",
        must: "0x00",
        run: |b| {
            let credential = b.made(b.creation())?;
            b.replug()?;
            let request = b.request(&[&credential.id]);
            b.signed(&credential, &request)?;
            Ok(Outcome::Pass)
        },
    },
];

fn base(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let request = b.request(&[&credential.id]);
    let signed = b.signed(&credential, &request)?;
    if signed.flags.has(Flags::AT) || !signed.flags.has(Flags::UP) {
        return Err(Stop::fail("UP set, AT clear", signed.flags));
    }
    if signed.flags.has(Flags::BS) && !signed.flags.has(Flags::BE) {
        return Err(Stop::fail("BS only with BE", signed.flags));
    }
    let same = signed.flags.has(Flags::BE) == credential.flags.has(Flags::BE);
    Ok(Outcome::check(same, format!("BE as at registration ({})", credential.flags), signed.flags))
}

fn members(b: &Bench<'_>) -> Result<Vec<(Value, Value)>, Stop> {
    let request = b.request(&[&[9; 64]]);
    let value = cbor::decode(&request.encode(), Rules::CTAP2).map_err(|error| Stop::fail("CBOR", error))?;
    Ok(value.into_map().unwrap_or_default())
}

fn without(b: &mut Bench<'_>, member: i64) -> Done {
    let kept = members(b)?.into_iter().filter(|(key, _)| *key != Value::from(member)).collect();
    b.send_value(GA, &Value::Map(kept))?.is_of(&[0x14], &[0x02, 0x11, 0x12])
}

fn types(b: &mut Bench<'_>) -> Done {
    let mut seen = Outcome::Pass;
    for member in 1..=7 {
        let mut members: Vec<_> = members(b)?.into_iter().filter(|(key, _)| *key != Value::from(member)).collect();
        let wrong = if member == 1 { Value::from(5) } else { Value::from("x") };
        members.push((member.into(), wrong));
        let outcome = b.send_value(GA, &Value::Map(members))?.is_of(&[0x11], &[0x12, 0x02])?;
        if outcome != Outcome::Pass {
            seen = outcome;
        }
    }
    Ok(seen)
}

fn other_rp(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let request = Request { rp_id: OTHER_RP.to_owned(), ..b.request(&[&credential.id]) };
    b.get(&request)?.is(0x2e)
}

fn corrupt_id(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    for index in 0..credential.id.len() {
        let mut id = credential.id.clone();
        id[index] ^= 1;
        let request = Request { options: vec![("up".to_owned(), false)], ..b.request(&[&id]) };
        b.get(&request)?.must(0x2e)?;
    }
    Ok(Outcome::Pass)
}

fn option(b: &mut Bench<'_>, name: &str, value: bool, expected: &[u8], tolerated: &[u8]) -> Done {
    let credential = b.made(b.creation())?;
    let request = Request { options: vec![(name.to_owned(), value)], ..b.request(&[&credential.id]) };
    b.get_plainly(&request)?.is_of(expected, tolerated)
}

fn up_false(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let request = Request { options: vec![("up".to_owned(), false)], ..b.request(&[&credential.id]) };
    let signed = b.signed(&credential, &request)?;
    Ok(Outcome::check(!signed.flags.has(Flags::UP), "UP clear", signed.flags))
}

/// Makes discoverable credentials.
fn accounts(b: &mut Bench<'_>, count: u8) -> Result<Vec<Credential>, Stop> {
    (1..=count)
        .map(|number| {
            let request = b.resident(number);
            b.made(request)
        })
        .collect()
}

/// Asks without a list, with the user verified where that can be.
fn ask_verified(b: &mut Bench<'_>) -> Result<Request, Stop> {
    let mut request = b.request(&[]);
    if b.info.option("uv") == Some(true) {
        request.options.push(("uv".to_owned(), true));
    } else if b.info.option("clientPin") == Some(true) {
        let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
        authorize_request(&mut request, &token);
    }
    Ok(request)
}

fn single(b: &mut Bench<'_>) -> Done {
    let credential = accounts(b, 1)?.remove(0);
    let request = ask_verified(b)?;
    let signed = b.signed(&credential, &request)?;
    let user = signed.response.user.map(|user| user.id);
    if user != Some(vec![1; 16]) {
        return Err(Stop::fail("the user id", format!("{user:?}")));
    }
    let number = signed.response.number_of_credentials;
    Ok(Outcome::check(matches!(number, None | Some(1)), "no numberOfCredentials, or 1", format!("{number:?}")))
}

fn many(b: &mut Bench<'_>) -> Done {
    let credentials = accounts(b, 3)?;
    let request = ask_verified(b)?;
    let first = Response::parse(&b.get(&request)?.ok()?)?;
    if first.number_of_credentials.is_none() && first.user_selected == Some(true) {
        return Ok(Outcome::observe("it let the user choose on its own display"));
    }
    if first.number_of_credentials != Some(3) {
        return Err(Stop::fail("numberOfCredentials 3", format!("{:?}", first.number_of_credentials)));
    }
    let mut users = vec![first.user.map(|user| user.id)];
    for _ in 0..2 {
        let body = b.next()?.ok()?;
        users.push(Response::parse(&body)?.user.map(|user| user.id));
    }
    let newest_first: Vec<_> = (1..=credentials.len()).rev().map(|number| Some(vec![number as u8; 16])).collect();
    Ok(Outcome::check(users == newest_first, "users 3, 2, 1", format!("{users:?}")))
}

fn privacy(b: &mut Bench<'_>) -> Done {
    accounts(b, 1)?;
    let request = b.request(&[]);
    let reply = b.get(&request)?;
    if reply.status.0 == 0x36 {
        return Err(Stop::not_applicable("it serves nobody who is not verified"));
    }
    let response = Response::parse(&reply.ok()?)?;
    let named = response.user.is_some_and(|user| user.name.is_some() || user.display_name.is_some());
    Ok(Outcome::check(!named, "no name", "a name"))
}

fn names(b: &mut Bench<'_>) -> Done {
    accounts(b, 2)?;
    let request = ask_verified(b)?;
    let user = Response::parse(&b.get(&request)?.ok()?)?.user;
    let named = user.is_some_and(|user| user.name.is_some() && user.display_name.is_some());
    Ok(Outcome::check(named, "name and displayName", "none"))
}

/// Three accounts, the first of which was answered.
fn enumeration(b: &mut Bench<'_>) -> Result<(), Stop> {
    accounts(b, 3)?;
    let request = ask_verified(b)?;
    let first = Response::parse(&b.get(&request)?.ok()?)?;
    match first.number_of_credentials {
        Some(3) => Ok(()),
        _ if first.user_selected == Some(true) => Err(Stop::not_applicable("it lets the user choose on its display")),
        other => Err(Stop::fail("numberOfCredentials 3", format!("{other:?}"))),
    }
}

fn next_after_other(b: &mut Bench<'_>) -> Done {
    enumeration(b)?;
    b.get_info()?;
    b.next()?.is(0x30)
}

fn next_late(b: &mut Bench<'_>) -> Done {
    enumeration(b)?;
    b.wait(31)?;
    b.next()?.is(0x30)
}

fn next_beyond(b: &mut Bench<'_>) -> Done {
    enumeration(b)?;
    b.next()?.ok()?;
    b.next()?.ok()?;
    b.next()?.is(0x30)
}

fn next_extension(b: &mut Bench<'_>) -> Done {
    for number in 1..=2 {
        let extensions = vec![("hmac-secret".into(), true.into())];
        let request = make_credential::Request { extensions, ..b.resident(number) };
        b.made(request)?;
    }
    let mut request = ask_verified(b)?;
    let (input, _) = super::extensions::salts(b, &[7; 32])?;
    request.extensions.push(("hmac-secret".into(), input));
    let first = Response::parse(&b.get(&request)?.ok()?)?;
    let second = Response::parse(&b.next()?.ok()?)?;
    let has = |response: &Response| Ok::<_, Stop>(output(&response.auth_data, "hmac-secret")?.is_some());
    Ok(Outcome::check(has(&first)? && has(&second)?, "an output in both", "none in one"))
}

fn protected_credential(b: &mut Bench<'_>, level: i64) -> Result<Credential, Stop> {
    let extensions = vec![("credProtect".into(), level.into())];
    let request = make_credential::Request { extensions, ..b.resident(1) };
    b.made(request)
}

fn protected(b: &mut Bench<'_>, level: i64, listed: bool, expected: &[u8]) -> Done {
    let credential = protected_credential(b, level)?;
    let request = if listed { b.request(&[&credential.id]) } else { b.request(&[]) };
    b.get(&request)?.is_of(expected, &[])
}

fn protected_verified(b: &mut Bench<'_>) -> Done {
    let credential = protected_credential(b, 3)?;
    let request = ask_verified(b)?;
    b.signed(&credential, &request).map(|_| Outcome::Pass)
}

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

fn counter(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let mut counters = vec![credential.sign_count];
    for _ in 0..3 {
        let request = b.request(&[&credential.id]);
        counters.push(b.signed(&credential, &request)?.sign_count);
    }
    if counters.iter().all(|counter| *counter == 0) {
        return Ok(Outcome::observe("it has no signature counter"));
    }
    let grows = counters.windows(2).all(|pair| pair[0] < pair[1]);
    Ok(Outcome::check(grows, "counters that grow", format!("{counters:?}")))
}

fn duplicate(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let request = b.request(&[&credential.id, &credential.id]);
    let body = b.get(&request)?.ok()?;
    let signed = verify(&credential, &body, &request)?;
    Ok(Outcome::check(signed.response.number_of_credentials.is_none(), "no numberOfCredentials", "one"))
}

fn too_many(b: &mut Bench<'_>) -> Done {
    let most = b.info.max_credential_count_in_list.and_then(|count| usize::try_from(count).ok());
    let most = most.ok_or_else(|| Stop::not_applicable("it does not tell maxCredentialCountInList"))?;
    let ids: Vec<Vec<u8>> = (0..=most).map(|index| vec![index as u8; 16]).collect();
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
    let request = b.request(&ids);
    b.get(&request)?.is_of(&[0x15, 0x39], &[0x2e])
}

fn after_reset(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    b.replug()?;
    b.drive(manage::reset())?;
    let request = b.request(&[&credential.id]);
    b.get_plainly(&request)?.is_of(&[0x2e, 0x36], &[])
}
