use ciborium::Value;
use lab_protocol::Aaguid;
use lab_protocol::trace::Choice;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use proptest::prelude::*;

use super::*;
use crate::layout::oid as id;
use crate::policy::Policy;
use crate::signature::PublicKey;
use crate::test_certificates::{Template, key};
use crate::test_statements::{Bench, HASH, auth_data, root, statement, x5c};
use crate::vendors::writer::{OCTET_STRING, SEQUENCE, element, extension};

fn key_id() -> Vec<u8> {
    let credential = key(1);
    let PublicKey::Ec2 { x, y, .. } = PublicKey::from(credential.public_key()) else { panic!("P-256") };
    crate::sha256(&[&[4], x, y].concat()).to_vec()
}

/// What App Attest makes of the credential, with one thing changed.
fn attested(change: impl FnOnce(&mut AuthenticatorDataDraft)) -> AuthenticatorDataDraft {
    let mut draft = auth_data();
    let attested = draft.attested.as_mut().unwrap();
    (attested.aaguid, attested.credential_id) = (Aaguid(*b"appattest\0\0\0\0\0\0\0"), key_id());
    change(&mut draft);
    draft
}

fn of(auth_data: AuthenticatorDataDraft, key: u64) -> (Bench, Vec<u8>) {
    let nonce = crate::sha256(&[auth_data.encode(), HASH.to_vec()].concat());
    let member = element(0xa1, &[&element(OCTET_STRING, &[&nonce])]);
    let extensions = vec![extension(id::APPLE_NONCE, false, &element(SEQUENCE, &[&member]))];
    let leaf = Template { key, extensions, ..Template::leaf() }.issued_by(&root());
    let att_stmt = statement(&[("x5c", x5c(&[&leaf.der])), ("receipt", Value::Bytes(vec![1]))]);
    (Bench { auth_data, ..Bench::new(&AppleAppAttest) }, att_stmt)
}

#[test]
fn a_key_of_an_app_from_the_store_is_attested() {
    let (bench, att_stmt) = of(attested(|_| {}), 1);
    let attested = bench.accepts(&att_stmt);
    assert_eq!((attested.kind, attested.notes), (Kind::AnonCa, vec![]));
}

#[test]
fn each_step_refuses_what_it_is_for() {
    let refuses = |change: fn(&mut AuthenticatorDataDraft), check: &Check, cause: &str| {
        let (bench, att_stmt) = of(attested(change), 1);
        bench.refuses(&att_stmt, check, cause);
    };
    refuses(|draft| draft.sign_count = 1, &COUNTER, "the signature counter is 1");
    refuses(|draft| draft.attested.as_mut().unwrap().credential_id = vec![1; 32], &KEY_ID, "is not SHA-256");
    refuses(|draft| draft.attested.as_mut().unwrap().aaguid = Aaguid([7; 16]), &AAGUID, "neither “appattest”");
    let (bench, att_stmt) = of(attested(|_| {}), 1);
    let elsewhere = Bench { auth_data: attested(|draft| draft.rp_id_hash = [3; 32]), ..bench };
    elsewhere.refuses(&att_stmt, &NONCE, "another one");
    let (bench, att_stmt) = of(attested(|_| {}), 2);
    let entries = bench.judge(&att_stmt).1;
    assert!(entries[2].2.contains("another one") && entries[3].2.contains("is not SHA-256"), "{entries:?}");
}

#[test]
fn the_development_environment_is_a_policy() {
    let development = |draft: &mut AuthenticatorDataDraft| {
        draft.attested.as_mut().unwrap().aaguid = Aaguid(*b"appattestdevelop");
    };
    let (bench, att_stmt) = of(attested(development), 1);
    bench.refuses(&att_stmt, &AAGUID, "development environment");
    let policy = Policy { app_attest_development: Choice::Note, ..Policy::webauthn() };
    Bench { policy, ..bench }.accepts(&att_stmt);
}

#[test]
fn what_is_no_statement_is_refused_by_its_syntax() {
    let (bench, _) = of(attested(|_| {}), 1);
    let leaf = Template::leaf().issued_by(&root());
    bench.refuses(&statement(&[("x5c", x5c(&[&leaf.der]))]), &SYNTAX, "the member receipt is missing");
    bench.refuses(&statement(&[("receipt", Value::Bytes(vec![]))]), &SYNTAX, "the member x5c is missing");
    let text = statement(&[("x5c", x5c(&[&leaf.der])), ("receipt", "AA".into())]);
    bench.refuses(&text, &SYNTAX, "receipt is a text string");
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (bench, _) = of(attested(|_| {}), 1);
        prop_assert!(bench.judge(&bytes).0.is_none());
    }
}
