//! An assertion, and what is asked for wrongly.

use lab_client::manage;
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::get_assertion::Request;
use lab_protocol::webauthn::Flags;

use super::{Done, GA, members, without};
use crate::bench::{Bench, OTHER_RP, verify};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

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
