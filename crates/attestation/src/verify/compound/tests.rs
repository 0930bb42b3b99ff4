use ciborium::Value;
use lab_protocol::trace::Outcome;
use proptest::prelude::*;

use super::*;
use crate::keys::SigningKey;
use crate::policy::Quorum;
use crate::test_certificates::{Template, at, key};
use crate::test_rng::Counter;
use crate::test_statements::HASH;
use crate::test_subject::{Subject, Verified};
use crate::trust::{Anchor, Anchors, Origin, Trust, assess};
use crate::verify::Kind;

fn subject() -> Subject {
    Subject::new(key(1))
}

fn map(members: &[(&str, Value)]) -> Value {
    Value::Map(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

fn sub(fmt: &str, att_stmt: Value) -> Value {
    map(&[("fmt", fmt.into()), ("attStmt", att_stmt)])
}

fn signature(signer: &SigningKey) -> Value {
    Value::Bytes(signer.sign(&[subject().auth_data(), HASH.to_vec()].concat(), &mut Counter::new(0)))
}

fn own() -> Value {
    sub("packed", map(&[("alg", (-7).into()), ("sig", signature(&key(1)))]))
}

fn bad() -> Value {
    sub("packed", map(&[("alg", (-7).into()), ("sig", signature(&key(2)))]))
}

/// Certified under the root with this key.
fn certified(root: u64) -> Value {
    let leaf = Template::leaf().issued_by(&Template::root("Root", root).self_signed());
    let x5c = Value::Array(vec![Value::Bytes(leaf.der)]);
    sub("packed", map(&[("alg", (-7).into()), ("sig", signature(&leaf.key)), ("x5c", x5c)]))
}

fn none() -> Value {
    sub("none", map(&[]))
}

fn encoded(subs: &[Value]) -> Vec<u8> {
    cbor::encode(&Value::Array(subs.to_vec()))
}

fn verify_by(compound: Quorum, subs: &[Value]) -> Verified {
    let mut subject = subject();
    subject.policy.compound = compound;
    subject.verify("compound", &encoded(subs))
}

fn verify(subs: &[Value]) -> Verified {
    verify_by(Quorum::All, subs)
}

#[test]
fn statements_that_hold_come_to_the_best_of_them() {
    let verified = verify(&[none(), own(), certified(50)]);
    let own_checks: Vec<_> = verified.ids().into_iter().filter(|id| id.starts_with("attestation/compound")).collect();
    assert_eq!(own_checks, [SYNTAX.id, NO_NESTING.id, SUB.id, SUB.id, SUB.id, POLICY.id]);
    assert!(verified.ids().contains(&"attestation/packed-x5c-sig"), "the checks of each statement are in the trace");
    let attested = verified.held();
    assert_eq!((attested.kind, attested.trust_path.len(), attested.parts.len()), (Kind::Basic, 1, 3));
    let kinds: Vec<_> = attested.parts.iter().map(|part| (part.format, part.attested.kind)).collect();
    assert_eq!(kinds, [("none", Kind::None), ("packed", Kind::SelfAttestation), ("packed", Kind::Basic)]);
    let attested = verify(&[none(), own()]).held();
    assert_eq!((attested.kind, attested.trust_path.len()), (Kind::SelfAttestation, 0));
    assert_eq!(verify(&[none(), none()]).held().kind, Kind::None);
}

#[test]
fn the_policy_says_how_many_have_to_hold() {
    use Quorum::{All, Any, AtLeast};
    let subs = [own(), bad(), certified(50)];
    let refused = verify_by(All, &subs);
    refused.assert_refused(
        POLICY.id,
        "2 of 3 statements hold, 3 have to; statement 2 (packed) does not hold: attestation/packed-self-sig decides",
    );
    assert_eq!(refused.outcome("attestation/packed-self-sig"), Some(Outcome::Pass), "the first statement's own");
    assert!(refused.entries.iter().all(|(id, outcome, _)| *outcome != Outcome::Fail || *id == POLICY.id));
    verify_by(AtLeast(3), &subs).assert_refused(POLICY.id, "3 have to");
    assert_eq!(verify_by(AtLeast(2), &subs).held().parts.len(), 2);
    assert_eq!(verify_by(Any, &subs).held().kind, Kind::Basic);
    assert_eq!(verify_by(Any, &[bad(), none()]).held().kind, Kind::None);
    verify_by(Any, &[bad(), bad()]).assert_refused(POLICY.id, "0 of 2 statements hold, 1 have to");
}

#[test]
fn a_format_that_is_not_built_leaves_it_open_only_where_it_would_be_enough() {
    let unknown = || sub("x-vendor", map(&[]));
    let verified = verify(&[own(), unknown()]);
    assert_eq!((verified.attested, verified.entries.last().unwrap().1), (None, Outcome::NotJudged));
    verify(&[bad(), unknown()]).assert_refused(POLICY.id, "0 of 2");
    verify_by(Quorum::Any, &[own(), unknown()]).held();
}

#[test]
fn each_defect_of_the_syntax_is_named() {
    let refused = |bytes: &[u8], cause: &str| {
        let verified = subject().verify("compound", bytes);
        verified.assert_refused(SYNTAX.id, cause);
        assert_eq!(verified.entries.len(), CHECKS.len());
    };
    refused(&encoded(&[]), "there are 0 statements, expected 2 to 8");
    refused(&encoded(&[own()]), "there are 1 statements");
    refused(&encoded(&vec![none(); 9]), "there are 9 statements");
    refused(&cbor::encode(&own()), "expected an array, found a map");
    refused(&encoded(&[own(), 1.into()]), "expected a map, found an integer");
    refused(&encoded(&[own(), map(&[("attStmt", map(&[]))])]), "statement 2 has no fmt");
    refused(&encoded(&[map(&[("fmt", "none".into())]), own()]), "statement 1 has no attStmt");
    refused(&[encoded(&[own(), own()]), vec![0]].concat(), "1 bytes follow");
    let nested = sub("compound", Value::Array(vec![own(), own()]));
    verify(&[own(), nested]).assert_refused(NO_NESTING.id, "statement 2 is itself compound");
}

#[test]
fn any_path_that_is_trusted_will_do() {
    let attested = verify(&[certified(50), certified(60)]).held();
    assert_eq!(attested.trust_paths().len(), 2);
    let trust = |root: u64| {
        let mut anchors = Anchors::new();
        anchors.push(Anchor::from_der(&Template::root("Root", root).self_signed().der, Origin::Given).unwrap());
        let mut trace = Trace::new();
        (assess(&attested, &anchors, &[], at("2026-01-01T00:00:00Z"), &mut trace), trace.entries().len())
    };
    let checks = crate::trust::CHECKS.len();
    for (root, trusted) in [(50, true), (60, true), (70, false)] {
        let (found, entries) = trust(root);
        assert_eq!((matches!(found, Trust::Trusted { .. }), entries), (trusted, checks), "{root}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(subject().verify("compound", &bytes).attested.is_none());
    }

    #[test]
    fn a_truncated_statement_is_refused(at: prop::sample::Index) {
        let good = encoded(&[own(), certified(50)]);
        prop_assert_eq!(subject().verify("compound", &good[..at.index(good.len())]).refused().0, SYNTAX.id);
    }
}
