use lab_protocol::cbor::{self, Value as Cbor, emit};
use lab_protocol::trace::Outcome;
use proptest::prelude::*;

use super::*;
use crate::Choice;
use crate::testing::Maker;

/// The outcome of each rule of `ceremony`.
fn outcomes(bytes: &[u8], ceremony: Ceremony, policy: &Policy) -> Vec<(&'static str, Outcome)> {
    let mut trace = Trace::new();
    read(Known::Value(bytes), ceremony, policy, &mut trace);
    trace.entries().iter().map(|entry| (entry.check.id, entry.finding.outcome)).collect()
}

fn registration(bytes: &[u8]) -> Vec<Outcome> {
    let found = outcomes(bytes, Ceremony::Registration, &Policy::webauthn());
    found.into_iter().map(|(_, outcome)| outcome).collect()
}

#[test]
fn rules_before_the_broken_one_hold_and_those_behind_it_are_not_judged() {
    use Outcome::{Fail, NotJudged, Pass};
    let mut draft = Maker::default().auth_data;
    let good = draft.encode();
    assert_eq!(registration(&good), [Pass; 7]);
    assert_eq!(registration(&good[..20]), [Fail, NotJudged, NotJudged, NotJudged, NotJudged, NotJudged, NotJudged]);
    assert_eq!(registration(&good[..60]), [Pass, Pass, Fail, NotJudged, NotJudged, NotJudged, Pass]);
    assert_eq!(registration(&good[..good.len() - 1]), [Pass, Pass, Pass, Fail, NotJudged, NotJudged, Pass]);
    draft.trailing = vec![0xa0];
    assert_eq!(registration(&draft.encode()), [Pass, Pass, Pass, Pass, Fail, NotJudged, Pass]);
    draft.trailing = vec![0x01];
    assert_eq!(registration(&draft.encode()), [Pass, Pass, Pass, Pass, Pass, Fail, Pass]);
}

#[test]
fn without_attested_data_nothing_is_said_about_the_key() {
    use Outcome::{Fail, NotJudged, Pass};
    let draft = Maker::signing_in().auth_data;
    assert_eq!(registration(&draft.encode()), [Pass, Fail, NotJudged, NotJudged, Pass, Pass, Pass]);
}

#[test]
fn unsorted_keys_are_noted_where_they_are() {
    let members = vec![("b".into(), 1.into()), ("a".into(), 1.into())];
    let style = emit::Style { keys: emit::KeyOrder::AsGiven, ..emit::Style::CANONICAL };
    let unsorted = emit::encode(&Cbor::Map(members), &style);
    let mut draft = Maker::default().auth_data;
    draft.flags = Flags(0xc5);
    draft.extensions = Some(unsorted.clone());
    let noted = |bytes: &[u8], policy: &Policy| {
        let found = outcomes(bytes, Ceremony::Registration, policy);
        found.into_iter().find(|(_, outcome)| *outcome != Outcome::Pass).unwrap()
    };
    let strict = Policy { unsorted_cbor: Choice::Refuse, ..Policy::webauthn() };
    assert_eq!(noted(&draft.encode(), &Policy::webauthn()), ("authenticator-data/ed", Outcome::Note));
    assert_eq!(noted(&draft.encode(), &strict), ("authenticator-data/ed", Outcome::Fail));
    let mut draft = Maker::default().auth_data;
    draft.attested.as_mut().unwrap().public_key = unsorted;
    assert_eq!(noted(&draft.encode(), &Policy::webauthn()), ("authenticator-data/cose-one", Outcome::Note));
}

#[test]
fn an_assertion_may_carry_extensions_and_nothing_else() {
    let mut draft = Maker::signing_in().auth_data;
    draft.flags = Flags(0x85);
    draft.extensions = Some(cbor::encode(&Cbor::Map(vec![("hmac-secret".into(), Cbor::Bytes(vec![1; 32]))])));
    let found = outcomes(&draft.encode(), Ceremony::Authentication, &Policy::webauthn());
    assert_eq!(found, AUTHENTICATION.map(|check| (check.id, Outcome::Pass)));
}

proptest! {
    #[test]
    fn any_bytes_are_judged_by_every_rule(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let registration = outcomes(&bytes, Ceremony::Registration, &Policy::webauthn());
        prop_assert_eq!(registration.len(), REGISTRATION.len());
        prop_assert_eq!(outcomes(&bytes, Ceremony::Authentication, &Policy::webauthn()).len(), AUTHENTICATION.len());
        let intact = AuthenticatorData::parse(&bytes).is_ok_and(|data| data.attested.is_some());
        prop_assert_eq!(registration.iter().all(|(_, outcome)| *outcome != Outcome::Fail), intact);
    }
}
