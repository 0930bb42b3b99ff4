//! excludeList: whom it stops, and whom it does not.

use lab_protocol::ctap2::make_credential::Request;

use super::{Done, with};
use crate::bench::{Bench, OTHER_RP, authorize_creation, list};
use crate::case::{Case, Need};
use crate::outcome::Stop;
use crate::target::Behaviour;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.mc.exclude-hit",
        needs: &[],
        sends: "its own credential in excludeList",
        must: "0x19",
        run: exclude_hit,
    },
    Case {
        id: "au.mc.exclude-hit-notouch",
        needs: &[Need::Person],
        sends: "the same, and nobody touches",
        must: "0x19 (0x2f is seen)",
        run: exclude_untouched,
    },
    Case {
        id: "au.mc.exclude-other-rp",
        needs: &[],
        sends: "a credential of another RP in excludeList",
        must: "0x00",
        run: exclude_other_rp,
    },
    Case {
        id: "au.mc.exclude-unknown",
        needs: &[],
        sends: "ids of nobody in excludeList",
        must: "0x00",
        run: |b| with(b, |request| request.exclude_list = list(&[&[9; 32], &[8; 64]])),
    },
    Case {
        id: "au.mc.exclude-protect3",
        needs: &[Need::Fresh, Need::Extension("credProtect"), Need::Is("makeCredUvNotRqd"), Need::Pin],
        sends: "a credential of level 3 in excludeList, nobody verified",
        must: "passed over: 0x00",
        run: exclude_protected,
    },
    Case {
        id: "au.mc.exclude-too-many",
        needs: &[],
        sends: "one entry more than maxCredentialCountInList",
        must: "0x15 or 0x39",
        run: too_many,
    },
    Case {
        id: "au.mc.exclude-long-id",
        needs: &[],
        sends: "an id longer than maxCredentialIdLength",
        must: "passed over, or 0x15",
        run: long_id,
    },
];

fn exclude_hit(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let mut request = Request { exclude_list: list(&[&credential.id]), ..b.creation() };
    if b.info.option("clientPin") == Some(true) {
        let token = b.ceremony_token()?;
        authorize_creation(&mut request, &token);
    }
    b.make(&request)?.is_of(&[0x19], &[0x36])
}

fn exclude_untouched(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    b.person(Behaviour::Absent)?;
    let request = Request { exclude_list: list(&[&credential.id]), ..b.creation() };
    b.make(&request)?.is_of(&[0x19], &[0x2f, 0x27, 0x3a])
}

fn exclude_other_rp(b: &mut Bench<'_>) -> Done {
    let mut other = b.creation();
    other.rp.id = OTHER_RP.to_owned();
    let credential = b.made(other)?;
    with(b, |request| request.exclude_list = list(&[&credential.id]))
}

fn exclude_protected(b: &mut Bench<'_>) -> Done {
    let protected = Request { extensions: vec![("credProtect".into(), 3.into())], ..b.creation() };
    let credential = b.made(protected)?;
    let request = Request { exclude_list: list(&[&credential.id]), ..b.creation() };
    b.make(&request)?.is(0x00)
}

fn too_many(b: &mut Bench<'_>) -> Done {
    let most = b.info.max_credential_count_in_list.and_then(|count| usize::try_from(count).ok());
    let most = most.ok_or_else(|| Stop::not_applicable("it does not tell maxCredentialCountInList"))?;
    let ids: Vec<Vec<u8>> = (0..=most).map(|index| vec![index as u8; 16]).collect();
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
    let request = Request { exclude_list: list(&ids), ..b.creation() };
    b.make(&request)?.is_of(&[0x15, 0x39], &[0x00, 0x36])
}

fn long_id(b: &mut Bench<'_>) -> Done {
    let longest = b.info.max_credential_id_length.and_then(|length| usize::try_from(length).ok());
    let longest = longest.ok_or_else(|| Stop::not_applicable("it does not tell maxCredentialIdLength"))?;
    let request = Request { exclude_list: list(&[&vec![7; longest + 1]]), ..b.creation() };
    b.make(&request)?.is_of(&[0x00, 0x15], &[0x02, 0x03, 0x36])
}
