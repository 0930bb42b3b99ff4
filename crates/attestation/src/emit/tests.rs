mod captures;
pub(super) mod w3c;

use lab_protocol::cbor;
use lab_protocol::cose::Algorithm;
use lab_protocol::tamper::Root;

use lab_protocol::webauthn::Flags;
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorDataDraft};

use super::*;
use crate::keys::Backend;
use crate::test_rng::Counter;
use crate::vendors::tests::{model, stand_in};

/// 2026-11-20T12:00:00Z.
const NOW: i64 = 1_795_176_000;

/// Authenticator data that attests a credential.
pub(super) fn auth_data(credential: &SigningKey) -> Vec<u8> {
    let draft = AuthenticatorDataDraft {
        rp_id_hash: [1; 32],
        flags: Flags(0x45),
        sign_count: 0,
        attested: Some(AttestedDraft {
            aaguid: model().aaguid,
            credential_id: vec![7; 32],
            public_key: credential.cose().to_vec(),
        }),
        extensions: None,
        trailing: Vec::new(),
    };
    draft.encode()
}

/// A credential of `alg`, attested in `fmt` by `attestor`.
pub(super) fn make(fmt: &str, attestor: Option<&Attestor>, alg: i64) -> Result<Statement, EmitError> {
    let mut rng = Counter::new(3);
    let credential = SigningKey::generate(Algorithm(alg), Backend::Deterministic, &mut rng).unwrap();
    let attest = Attest {
        auth_data: &auth_data(&credential),
        client_data_hash: &[2; 32],
        credential: &credential,
        attestor,
        now: Timestamp::from_second(NOW).unwrap(),
        rng: &mut rng,
    };
    statement(fmt, attest)
}

/// The attestor of the tests' model in `fmt`, with a key of `alg` where there is a choice.
pub(super) fn attestor(fmt: &str, alg: i64) -> Option<std::sync::Arc<Attestor>> {
    let model = VendorModel { parts: vec!["packed".into(), "tpm".into(), "android-key".into()], ..model() };
    stand_in().attestor(&model, &Wanted::new(fmt, Algorithm(alg), Root::StandIn)).ok()
}

pub(super) fn names(statement: &Statement) -> Vec<&str> {
    statement.att_stmt.as_map().unwrap().iter().map(|(name, _)| name.as_text().unwrap()).collect()
}

pub(super) fn bytes<'s>(statement: &'s Statement, name: &str) -> &'s [u8] {
    let members = statement.att_stmt.as_map().unwrap();
    members.iter().find(|(key, _)| key.as_text() == Some(name)).unwrap().1.as_bytes().unwrap()
}

pub(super) fn chain(statement: &Statement) -> Vec<Vec<u8>> {
    let members = statement.att_stmt.as_map().unwrap();
    let x5c = members.iter().find(|(key, _)| key.as_text() == Some("x5c")).unwrap().1.as_array().unwrap();
    x5c.iter().map(|certificate| certificate.as_bytes().unwrap().clone()).collect()
}

/// What captured registrations of each format have, in the canonical order of CTAP2.
#[test]
fn members_are_those_of_captures_in_canonical_order() {
    for (fmt, expected) in [
        ("packed", &["alg", "sig", "x5c"][..]),
        ("tpm", &["alg", "sig", "ver", "x5c", "pubArea", "certInfo"]),
        ("android-key", &["alg", "sig", "x5c"]),
        ("android-safetynet", &["ver", "response"]),
        ("fido-u2f", &["sig", "x5c"]),
        ("apple", &["x5c"]),
        ("apple-appattest", &["x5c", "receipt"]),
        ("none", &[]),
    ] {
        let made = make(fmt, attestor(fmt, -7).as_deref(), -7).unwrap();
        assert_eq!(names(&made), expected, "{fmt}");
        canonical(&made);
    }
    assert_eq!(names(&make("packed", None, -8).unwrap()), ["alg", "sig"]);
    let compound = make("compound", attestor("compound", -7).as_deref(), -7).unwrap();
    canonical(&compound);
    let parts = compound.att_stmt.as_array().unwrap();
    let formats: Vec<_> = parts.iter().map(|part| part.as_map().unwrap()[0].1.as_text().unwrap()).collect();
    assert_eq!(formats, ["packed", "tpm", "android-key"]);
}

fn canonical(statement: &Statement) {
    let style = cbor::emit::Style { keys: cbor::emit::KeyOrder::AsGiven, ..cbor::emit::Style::CANONICAL };
    assert_eq!(cbor::emit::encode(&statement.att_stmt, &style), cbor::encode(&statement.att_stmt));
}

#[test]
fn the_algorithm_is_that_of_the_key_that_signs() {
    let alg = |made: &Statement| made.att_stmt.as_map().unwrap()[0].1.clone();
    assert_eq!(alg(&make("packed", attestor("packed", -35).as_deref(), -7).unwrap()), Value::from(-35));
    assert_eq!(alg(&make("tpm", attestor("tpm", -257).as_deref(), -7).unwrap()), Value::from(-257));
    assert_eq!(alg(&make("android-key", attestor("android-key", -35).as_deref(), -7).unwrap()), Value::from(-7));
}

#[test]
fn the_same_seed_makes_the_same_statement() {
    for alg in [-7, -35, -36, -8, -257, -37] {
        assert_eq!(make("packed", None, alg), make("packed", None, alg));
    }
    for fmt in formats() {
        let made = || make(fmt, attestor(fmt, -7).as_deref(), -7);
        assert_eq!(made(), made(), "{fmt}");
    }
}

#[test]
fn what_cannot_be_made_is_an_error_that_says_why() {
    assert!(!can_emit("tomato"));
    let error = make("tomato", None, -7).unwrap_err().to_string();
    assert!(error.starts_with("statements of format “tomato” cannot be made; these can: packed, tpm, "), "{error}");
    for fmt in formats().filter(|fmt| !["none", "packed"].contains(fmt)) {
        assert!(matches!(make(fmt, None, -7), Err(EmitError::Attestor { .. })), "{fmt}: nobody attests");
        let other = attestor(if fmt == "apple" { "packed" } else { "apple" }, -7);
        let crossed = make(fmt, other.as_deref(), -7);
        let same_kind = ["android-key", "apple", "apple-appattest"].contains(&fmt);
        assert_eq!(crossed.is_err(), !same_kind || fmt == "apple", "{fmt}: somebody else attests");
    }
    for fmt in ["tpm", "android-key", "fido-u2f", "apple", "apple-appattest"] {
        let refused = make(fmt, attestor(fmt, -7).as_deref(), -8);
        assert!(matches!(refused, Err(EmitError::Credential { .. })), "{fmt}: {refused:?}");
    }
    let lone = VendorModel { parts: vec!["packed".into()], ..model() };
    let refused = stand_in().attestor(&lone, &Wanted::new("compound", Algorithm::ES256, Root::StandIn)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a compound statement has at least two parts, none of them compound: found [\"packed\"]"
    );
}
