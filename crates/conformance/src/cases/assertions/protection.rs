//! credProtect at sign-in (`ctap-2.2 §12.1`).

use lab_protocol::ctap2::make_credential;

use super::{Done, ask_verified};
use crate::bench::{Bench, Credential};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

const PROTECT: &[Need] =
    &[Need::Fresh, Need::Extension("credProtect"), Need::Is("rk"), Need::IsNot("alwaysUv"), Need::Pin];

pub(super) const CASES: &[Case] = &[
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
];

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
