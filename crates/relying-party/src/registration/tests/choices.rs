//! What the specification leaves open, decided both ways.

use lab_protocol::cbor::emit::{self, KeyOrder, Style};
use lab_protocol::trace::Outcome::{Fail, Note};

use super::*;
use crate::testing::{ORIGIN, time};
use crate::{Expiry, Framing};

#[test]
fn choices_of_the_relying_party_change_the_verdict_both_ways() {
    let rfu: Edit = |maker, _| maker.auth_data.flags = Flags(0x67);
    assert_eq!(decided_by(rfu), None);
    let empty: Edit = |maker, _| attested(maker).credential_id = vec![];
    assert_eq!(decided_by(empty), Some("registration/cred-id-len"));
    let allowed: Edit = |maker, site| {
        attested(maker).credential_id = vec![];
        site.policy.empty_credential_id = Choice::Note;
    };
    assert_eq!(decided_by(allowed), None);
    let conditional: Edit = |maker, site| {
        maker.auth_data.flags = Flags(0x44);
        site.mediation_conditional = true;
    };
    assert_eq!(decided_by(conditional), None);
    let framed: Edit = |maker, site| {
        maker.client_data.cross_origin = true;
        maker.client_data.top_origin = Some("https://top.example".into());
        site.framing = Framing::Allowed { top_origins: None };
    };
    assert_eq!(decided_by(framed), None);
    let related: Edit = |_, site| {
        site.origins = vec!["https://other.example".into()];
        site.related = vec![ORIGIN.into()];
    };
    assert_eq!(decided_by(related), None);
    let none_refused: Edit = |maker, site| {
        maker.fmt = "none".into();
        site.policy.no_attestation = Choice::Refuse;
    };
    assert_eq!(decided_by(none_refused), Some("registration/trust"));
    let expired: Edit = |_, site| {
        site.expiry = Some(Expiry { expires: time("2026-11-20T10:05:00Z"), now: time("2026-11-20T10:06:00Z") });
    };
    assert_eq!(decided_by(expired), Some("registration/challenge"));
}

#[test]
fn a_lying_copy_is_refused_and_a_true_one_is_not() {
    let copies = |data: &[u8], key: &[u8], alg: i64| {
        let maker = Maker::default();
        let mut response = maker.registration();
        response.response.authenticator_data = Some([&maker.auth_data.encode()[..], data].concat().into());
        response.response.public_key = Some([&maker.key.public_key().to_spki().unwrap()[..], key].concat().into());
        response.response.public_key_algorithm = Some(alg);
        Site::default().register(&response, |outcome| outcome.decided_by().map(|check| check.id))
    };
    assert_eq!(copies(b"", b"", -7), None);
    let lies = [copies(b"x", b"", -7), copies(b"", b"x", -7), copies(b"", b"", -8)];
    assert_eq!(lies, [Some("registration/record"); 3]);
}

#[test]
fn odd_cbor_is_noted_or_refused_as_the_policy_says() {
    let members = |maker: &Maker| {
        let object = cbor::decode(&maker.registration().response.attestation_object, cbor::Rules::RELYING_PARTY);
        let Cbor::Map(mut members) = object.unwrap() else { panic!("a map") };
        members.reverse();
        members
    };
    let unsorted = |maker: &Maker| {
        emit::encode(&Cbor::Map(members(maker)), &Style { keys: KeyOrder::AsGiven, ..Style::CANONICAL })
    };
    let outcome = |object: Vec<u8>, site: Site| {
        let maker = Maker { object: Some(object), ..Maker::default() };
        site.register(&maker.registration(), |outcome| {
            (outcome.verdict, outcome.trace.entry("registration/att-obj").unwrap().finding.outcome)
        })
    };
    let maker = Maker::default();
    assert_eq!(outcome(unsorted(&maker), Site::default()), (Verdict::Valid, Note));
    let strict = |policy| Site { policy, ..Site::default() };
    let policy = Policy { unsorted_cbor: Choice::Refuse, ..Policy::webauthn() };
    assert_eq!(outcome(unsorted(&maker), strict(policy)), (Verdict::Invalid, Fail));
    let more = cbor::encode(&Cbor::Map([members(&maker), vec![("foo".into(), 1.into())]].concat()));
    assert_eq!(outcome(more.clone(), Site::default()), (Verdict::Valid, Note));
    let policy = Policy { unknown_members: Choice::Refuse, ..Policy::webauthn() };
    assert_eq!(outcome(more, strict(policy)), (Verdict::Invalid, Fail));
    let indefinite = emit::encode(&Cbor::Map(members(&maker)), &Style { indefinite: true, ..Style::CANONICAL });
    assert_eq!(outcome(indefinite, Site::default()), (Verdict::Invalid, Fail));
}

#[test]
fn extra_members_of_the_key_follow_the_policy() {
    let with_kid: Edit = |maker, _| {
        let key = cbor::decode(&maker.cose(), cbor::Rules::CTAP2).unwrap();
        let Cbor::Map(mut members) = key else { panic!("a map") };
        members.push((2.into(), Cbor::Bytes(vec![1])));
        attested(maker).public_key = cbor::encode(&Cbor::Map(members));
    };
    assert_eq!(decided_by(with_kid), Some("registration/credential-key"));
    let (mut maker, mut site) = (Maker::default(), Site::default());
    with_kid(&mut maker, &mut site);
    site.policy.extra_key_members = Choice::Note;
    site.register(&maker.registration(), |outcome| {
        assert_eq!(outcome.verdict, Verdict::Valid);
        assert_eq!(outcome.trace.entry("registration/credential-key").unwrap().finding.outcome, Note);
    });
}
