use ciborium::Value;
use proptest::prelude::*;

use super::*;
use crate::layout::oid as id;
use crate::test_certificates::{Issued, Template, key};
use crate::test_statements::{Bench, certificate_of_the_credential, message, root, statement, withstands_changes, x5c};
use crate::vendors::writer::{OCTET_STRING, SEQUENCE, element, extension};

fn nonce(value: &[u8]) -> Vec<u8> {
    let member = element(0xa1, &[&element(OCTET_STRING, &[value])]);
    extension(id::APPLE_NONCE, false, &element(SEQUENCE, &[&member]))
}

fn right() -> Vec<u8> {
    crate::sha256(&message()).to_vec()
}

fn certified_by(leaf: &Issued) -> Vec<u8> {
    statement(&[("x5c", x5c(&[&leaf.der, &root().der]))])
}

fn bench() -> Bench {
    Bench::new(&Apple)
}

#[test]
fn a_certificate_with_key_and_nonce_is_anonymous_attestation() {
    let leaf = certificate_of_the_credential(vec![nonce(&right())]);
    let attested = bench().accepts(&certified_by(&leaf));
    assert_eq!((attested.kind, attested.trust_path.len(), attested.notes), (Kind::AnonCa, 2, vec![]));
    let with_alg = statement(&[("alg", (-7).into()), ("x5c", x5c(&[&leaf.der]))]);
    assert_eq!(bench().accepts(&with_alg).notes, [Note::UnknownMember("alg".into())]);
}

#[test]
fn the_nonce_has_to_be_that_of_the_ceremony_in_its_one_form() {
    let with = |extensions: Vec<Vec<u8>>| certified_by(&certificate_of_the_credential(extensions));
    let raw = |value: &[u8]| with(vec![extension(id::APPLE_NONCE, false, value)]);
    bench().refuses(&with(vec![nonce(&[0; 32])]), &NONCE, "the nonce in the certificate is another one");
    bench().refuses(&with(vec![]), &NONCE, "has no nonce (extension 1.2.840.113635.100.8.2)");
    bench().refuses(&raw(&right()), &NONCE, "is not SEQUENCE");
    bench().refuses(&raw(&element(OCTET_STRING, &[&right()])), &NONCE, "expected a SEQUENCE, found OCTET STRING");
    let untagged = element(SEQUENCE, &[&element(OCTET_STRING, &[&right()])]);
    bench().refuses(&raw(&untagged), &NONCE, "has no member [1]");
    let further = element(SEQUENCE, &[&element(0xa2, &[]), &element(0xa1, &[&element(OCTET_STRING, &[&right()])])]);
    bench().accepts(&raw(&further));
}

#[test]
fn the_certificate_has_to_be_that_of_the_credential() {
    let other = Template { key: 2, extensions: vec![nonce(&right())], ..Template::leaf() };
    bench().refuses(&certified_by(&other.issued_by(&root())), &KEY, "another one");
}

#[test]
fn what_is_no_statement_is_refused_by_its_syntax() {
    bench().refuses(&statement(&[]), &SYNTAX, "x5c is missing");
    bench().refuses(&statement(&[("x5c", Value::Null)]), &SYNTAX, "x5c is null");
    bench().refuses(&statement(&[("x5c", x5c(&[]))]), &SYNTAX, "x5c has no elements");
    bench().refuses(&statement(&[("x5c", x5c(&[&[1, 2]]))]), &SYNTAX, "certificate 1 of x5c is unreadable");
}

#[test]
fn changes_are_refused_where_they_matter() {
    let leaf = certificate_of_the_credential(vec![nonce(&right())]);
    let good = certified_by(&leaf);
    let spki = key(1).public_key().to_spki().unwrap();
    let judged = [spki, right()];
    withstands_changes(&bench(), &good, |at| {
        judged.iter().all(|part| {
            let place = good.windows(part.len()).position(|window| window == part).unwrap();
            !(place..place + part.len()).contains(&at)
        })
    });
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(bench().judge(&bytes).0.is_none());
    }

    #[test]
    fn any_nonce_extension_is_judged(value in prop::collection::vec(any::<u8>(), 0..60)) {
        let leaf = certificate_of_the_credential(vec![extension(id::APPLE_NONCE, false, &value)]);
        prop_assert!(bench().judge(&certified_by(&leaf)).0.is_none());
    }
}
