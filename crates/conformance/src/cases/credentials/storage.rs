//! What is kept of a credential, and for how long.

use lab_attestation::sha256;
use lab_client::manage;

use super::Done;
use crate::bench::{Bench, U2F_RP};
use crate::case::{Case, Need};
use crate::cases::u2f;
use crate::outcome::{Outcome, Stop};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.mc.duplicate-ids",
        needs: &[],
        sends: "two credentials of one user",
        must: "two ids, two keys",
        run: duplicates,
    },
    Case {
        id: "au.mc.overwrite",
        needs: &[Need::Fresh, Need::Is("rk"), Need::Is("credMgmt"), Need::Pin],
        sends: "two discoverable credentials of one account",
        must: "one remains",
        run: overwrite,
    },
    Case {
        id: "au.mc.full",
        needs: &[Need::Fresh, Need::Is("rk")],
        sends: "discoverable credentials until none fits",
        must: "0x28, and the first still signs",
        run: full,
    },
    Case {
        id: "au.mc.counter",
        needs: &[],
        sends: "a credential",
        must: "anything: recorded",
        run: |b| {
            let credential = b.made(b.creation())?;
            Ok(Outcome::observe(format!("signature counter {}", credential.sign_count)))
        },
    },
    Case {
        id: "au.mc.u2f-interop",
        needs: &[Need::Version("U2F_V2"), Need::IsNot("alwaysUv")],
        sends: "a credential of CTAP2 to U2F",
        must: "check-only finds it",
        run: interop,
    },
    Case {
        id: "au.mc.power-cycle",
        needs: &[Need::Replug],
        sends: "a credential, then a replug",
        must: "it still signs",
        run: survives,
    },
];

fn duplicates(b: &mut Bench<'_>) -> Done {
    let (one, two) = (b.made(b.creation())?, b.made(b.creation())?);
    let differ = one.id != two.id && one.public_key != two.public_key;
    Ok(Outcome::check(differ, "another id and another key", "the same"))
}

fn overwrite(b: &mut Bench<'_>) -> Done {
    for _ in 0..2 {
        let request = b.resident(1);
        b.made(request)?;
    }
    let parties = b.drive(manage::credentials::list())?;
    let found: usize = parties.iter().map(|party| party.credentials.len()).sum();
    Ok(Outcome::check(found == 1, "1 credential", found))
}

fn full(b: &mut Bench<'_>) -> Done {
    let slots = b.info.remaining_discoverable_credentials;
    let slots = slots.ok_or_else(|| Stop::not_applicable("it does not tell remainingDiscoverableCredentials"))?;
    if slots > 250 || (slots > 64 && !b.target.is_model()) {
        return Err(Stop::not_applicable(format!("it has {slots} slots")));
    }
    let request = b.resident(0);
    let first = b.made(request)?;
    for number in 1..slots {
        let request = b.resident(number as u8);
        b.made(request)?;
    }
    let mut request = b.resident(255);
    if b.info.option("uv") == Some(true) {
        request.options.push(("uv".to_owned(), true));
    }
    b.make(&request)?.must(0x28)?;
    let request = b.request(&[&first.id]);
    b.signed(&first, &request)?;
    Ok(Outcome::Pass)
}

fn interop(b: &mut Bench<'_>) -> Done {
    let mut request = b.creation();
    U2F_RP.clone_into(&mut request.rp.id);
    let credential = b.made(request)?;
    let apdu = u2f::authenticate(0x07, &sha256(U2F_RP.as_bytes()), &credential.id);
    let (_, status) = b.u2f(&apdu)?;
    match status {
        0x6985 => Ok(Outcome::Pass),
        0x6a80 => Ok(Outcome::observe("credentials of CTAP2 are not usable over U2F")),
        other => Err(Stop::fail("6985", format!("{other:04x}"))),
    }
}

fn survives(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    b.replug()?;
    let request = b.request(&[&credential.id]);
    b.signed(&credential, &request)?;
    Ok(Outcome::Pass)
}
