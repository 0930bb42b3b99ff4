//! Discoverable credentials: one account, several, and the next (`ctap-2.2 §6.3`).

use lab_protocol::ctap2::get_assertion::Response;
use lab_protocol::ctap2::make_credential;

use super::{Done, ask_verified};
use crate::bench::{Bench, Credential, output};
use crate::case::{Case, Need};
use crate::cases::extensions;
use crate::outcome::{Outcome, Stop};

pub(super) const CASES: &[Case] = &[
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
];

/// Makes discoverable credentials.
fn accounts(b: &mut Bench<'_>, count: u8) -> Result<Vec<Credential>, Stop> {
    (1..=count)
        .map(|number| {
            let request = b.resident(number);
            b.made(request)
        })
        .collect()
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
    let (input, _) = extensions::salts(b, &[7; 32])?;
    request.extensions.push(("hmac-secret".into(), input));
    let first = Response::parse(&b.get(&request)?.ok()?)?;
    let second = Response::parse(&b.next()?.ok()?)?;
    let has = |response: &Response| Ok::<_, Stop>(output(&response.auth_data, "hmac-secret")?.is_some());
    Ok(Outcome::check(has(&first)? && has(&second)?, "an output in both", "none in one"))
}
