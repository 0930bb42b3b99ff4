use lab_protocol::webauthn::options::UserEntity;
use serde_json::{Value, json};

use super::*;
use crate::testing::Counter;

fn user() -> UserEntity {
    UserEntity { id: vec![1, 2, 3].into(), name: "john@contoso.com".into(), display_name: "John Doe".into() }
}

fn with_creation(path: entra::Path) -> Value {
    let challenge = Challenge::random(&mut Counter::default());
    let creation = Creation {
        rp_id: entra::RP_ID,
        rp_name: "ignored",
        user: user(),
        challenge: &challenge,
        exclude_credentials: vec![CredentialDescriptor::new(vec![9; 16])],
    };
    serde_json::to_value(entra::creation(creation, path)).unwrap()
}

/// The members that the capture of June 2024 has, challenge and ids aside.
#[test]
fn entras_creation_options_are_those_of_the_capture() {
    let mut options = with_creation(entra::Path::Graph);
    for (member, value) in [("/challenge", "…"), ("/user/id", "…")] {
        *options.pointer_mut(member).unwrap() = value.into();
    }
    let expected = json!({
        "rp": { "id": "login.microsoft.com", "name": "Microsoft" },
        "user": { "id": "…", "name": "john@contoso.com", "displayName": "John Doe" },
        "challenge": "…",
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 }],
        "timeout": 60000,
        "excludeCredentials": [{ "type": "public-key", "id": "CQkJCQkJCQkJCQkJCQkJCQ" }],
        "authenticatorSelection": {
            "authenticatorAttachment": "cross-platform", "requireResidentKey": true, "userVerification": "required"
        },
        "attestation": "direct",
        "extensions": {
            "hmacCreateSecret": true, "enforceCredentialProtectionPolicy": true,
            "credentialProtectionPolicy": "userVerificationOptional"
        }
    });
    assert_eq!(options, expected);
}

#[test]
fn only_graph_keeps_platform_authenticators_out() {
    let selection = with_creation(entra::Path::Web)["authenticatorSelection"].clone();
    assert_eq!(selection, json!({ "requireResidentKey": true, "userVerification": "required" }));
}

#[test]
fn entras_request_demands_verification() {
    let challenge = Challenge::random(&mut Counter::default());
    let options = entra::request(Request { rp_id: entra::RP_ID, challenge: &challenge, allow_credentials: vec![] });
    assert_eq!((options.user_verification.as_str(), options.timeout), ("required", Some(600_000)));
    assert!(options.allow_credentials.is_empty());
    assert_eq!(&options.challenge[..], challenge.bytes());
}

#[test]
fn the_generic_options_ask_for_a_passkey_without_attestation() {
    let challenge = Challenge::random(&mut Counter::default());
    let creation = Creation {
        rp_id: "example.org",
        rp_name: "Example",
        user: user(),
        challenge: &challenge,
        exclude_credentials: vec![],
    };
    let options = super::creation(creation);
    assert_eq!(options.attestation, "none");
    assert_eq!(options.rp.name, "Example");
    let offered: Vec<i64> = options.pub_key_cred_params.iter().map(|params| params.alg.0).collect();
    assert_eq!(offered, [-8, -7, -257]);
    let request = request(Request { rp_id: "example.org", challenge: &challenge, allow_credentials: vec![] });
    assert_eq!(request.user_verification, "preferred");
}
