use ciborium::Value;
use lab_protocol::Aaguid;
use lab_protocol::trace::{Choice, Outcome};
use proptest::prelude::*;

use super::*;
use crate::keys::{Backend, SigningKey};
use crate::test_certificates::{Issued, Template, key};
use crate::test_rng::Counter;
use crate::test_statements::{HASH, statement, x5c};
use crate::test_subject::{Subject, Verified, with_member};

fn subject() -> Subject {
    Subject { aaguid: Aaguid([0; 16]), ..Subject::new(key(1)) }
}

fn leaf() -> Issued {
    Template::leaf().issued_by(&Template::root("Root", 50).self_signed())
}

fn of_alg(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, Backend::Deterministic, &mut Counter::new(9)).unwrap()
}

/// What U2F signs of the credential with key 1, as its own specification has it.
fn signed() -> Vec<u8> {
    let KeyMaterial::Ec2 { x, y, .. } = &key(1).public_key().material.clone() else { panic!("an EC key") };
    [&[0][..], &[2; 32], &HASH, &[1; 16], &[4], x, y].concat()
}

fn signed_by(signer: &SigningKey, chain: &[&[u8]]) -> Vec<u8> {
    statement(&[("sig", Value::Bytes(signer.sign(&signed(), &mut Counter::new(0)))), ("x5c", x5c(chain))])
}

fn good() -> Vec<u8> {
    signed_by(&leaf().key, &[&leaf().der])
}

fn verify(att_stmt: &[u8]) -> Verified {
    subject().verify("fido-u2f", att_stmt)
}

#[test]
fn a_statement_that_holds_visits_every_check() {
    let verified = verify(&good());
    assert_eq!(verified.ids(), CHECKS.iter().map(|check| check.id).collect::<Vec<_>>());
    assert!(verified.entries.iter().all(|(_, outcome, _)| *outcome == Outcome::Pass));
    let attested = verified.held();
    assert_eq!((attested.kind, attested.trust_path, attested.notes), (Kind::Basic, vec![leaf().der], vec![]));
}

#[test]
fn each_defect_is_refused_at_its_check() {
    let with = |member: &str, value: Option<Value>| verify(&with_member(&good(), member, |_| value));
    with("sig", None).assert_refused(SYNTAX.id, "sig is missing");
    with("x5c", None).assert_refused(SYNTAX.id, "x5c is missing");
    with("sig", Some("x".into())).assert_refused(SYNTAX.id, "sig is a text string");
    with("x5c", Some(x5c(&[]))).assert_refused(ONE_CERT.id, "x5c has 0 certificates, expected one");
    let two = with("x5c", Some(x5c(&[&leaf().der, &leaf().der])));
    two.assert_refused(ONE_CERT.id, "x5c has 2 certificates");
    assert_eq!(two.outcome(SIG.id), Some(Outcome::NotJudged));
    with("x5c", Some(x5c(&[&[1, 2]]))).assert_refused(P256_CERT.id, "the certificate is unreadable");
    verify(&signed_by(&key(3), &[&leaf().der])).assert_refused(SIG.id, "not one by this key");
    let packed = leaf().key.sign(&[subject().auth_data(), HASH.to_vec()].concat(), &mut Counter::new(0));
    with("sig", Some(Value::Bytes(packed))).assert_refused(SIG.id, "not one by this key");
}

#[test]
fn keys_of_other_kinds_are_refused() {
    let root = Template::root("Root", 50).self_signed();
    for (alg, kind) in
        [(Algorithm::ES384, "a P-384 key"), (Algorithm::RS256, "an RSA key"), (Algorithm::ES256K, "a secp256k1 key")]
    {
        let issued = Template::leaf().issued_by_for(&root, &of_alg(alg));
        verify(&signed_by(&issued.key, &[&issued.der])).assert_refused(P256_CERT.id, kind);
        let other = Subject { credential: of_alg(alg), ..subject() };
        other.verify("fido-u2f", &good()).assert_refused(KEY_XY.id, kind);
    }
}

#[test]
fn an_aaguid_is_noted_or_refused_by_its_switch() {
    let mut named = Subject { aaguid: Aaguid([7; 16]), ..subject() };
    let verified = named.verify("fido-u2f", &good());
    assert_eq!(verified.outcome(ZERO_AAGUID.id), Some(Outcome::Note));
    verified.held();
    named.policy.u2f_aaguid = Choice::Refuse;
    named.verify("fido-u2f", &good()).assert_refused(ZERO_AAGUID.id, "U2F keys have none");
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let verified = verify(&bytes);
        prop_assert!(verified.attested.is_none());
        prop_assert_eq!(verified.entries.len(), CHECKS.len());
    }

    #[test]
    fn a_truncated_statement_is_refused(at: prop::sample::Index) {
        let good = good();
        prop_assert_eq!(verify(&good[..at.index(good.len())]).refused().0, SYNTAX.id);
    }

    /// A changed bit is refused, or it is one of the certificate's own, which the path is judged by.
    #[test]
    fn a_changed_bit_is_refused_or_is_the_certificates_own(at: prop::sample::Index, bit in 0..8) {
        let good = good();
        let mut bytes = good.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let certificate = leaf().der;
        let start = good.windows(certificate.len()).position(|window| window == certificate).unwrap();
        let in_certificate = (start..start + certificate.len()).contains(&at);
        prop_assert!(verify(&bytes).attested.is_none() || in_certificate, "bit {bit} of byte {at}");
    }
}
