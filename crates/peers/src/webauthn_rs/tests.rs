use std::collections::BTreeSet;

use jiff::Timestamp;
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorDataDraft};
use lab_protocol::webauthn::{AuthenticationResponse, Flags, RegistrationResponse, attestation_object};
use lab_protocol::{Aaguid, base64url};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;

mod vectors;

#[test]
fn ids_of_limits_are_unique_and_each_says_where_it_was_seen() {
    let ids: BTreeSet<_> = LIMITS.iter().map(|limit| limit.id).collect();
    assert_eq!(ids.len(), LIMITS.len());
    for limit in LIMITS {
        assert!(
            limit.id.starts_with("webauthn-rs/") && limit.sentence.ends_with('.') && limit.source == SOURCE,
            "{limit:?}"
        );
    }
}

fn bare_registration(object: Vec<u8>, client_data: Vec<u8>) -> RegistrationResponse {
    let (object, client_data) = (base64url::encode(object), base64url::encode(client_data));
    serde_json::from_value(json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key",
        "response": {"attestationObject": object, "clientDataJSON": client_data},
    }))
    .unwrap()
}

fn ask(response: &RegistrationResponse, origin: &str, challenge: &str) -> Opinion {
    let ceremony =
        Ceremony { rp_id: "example.org", origin, challenge, require_user_verification: false, framed: false };
    let at = Timestamp::UNIX_EPOCH;
    second_opinion(&Case::Registration(Registration {
        ceremony,
        response,
        algorithms: &[],
        anchors: &[vec![0x30]],
        at,
    }))
}

#[test]
fn what_it_cannot_be_asked_is_unsupported() {
    let response = bare_registration(vec![], vec![]);
    let opinion = ask(&response, "no url", "AAAA");
    assert_eq!((opinion.verdict, opinion.limits[0].id), (Verdict::Unsupported, "webauthn-rs/origin-url"));
    let opinion = ask(&response, "https://example.org", "not base64url!");
    assert_eq!((opinion.verdict, opinion.limits[0].id), (Verdict::Unsupported, "webauthn-rs/challenge-text"));
    assert_eq!(ask(&response, "https://example.org", "AAAA").verdict, Verdict::Reject);
}

proptest! {
    #[test]
    fn any_bytes_get_an_opinion(object in vec(any::<u8>(), 0..300), client_data: String) {
        let opinion = ask(&bare_registration(object, client_data.into_bytes()), "https://example.org", "AAAA");
        prop_assert_ne!(opinion.verdict, Verdict::Accept);
    }

    #[test]
    fn any_statement_and_key_get_an_opinion(key in vec(any::<u8>(), 0..120), statement in vec(any::<u8>(), 0..80), flags: u8, format in 0..7_usize) {
        let formats = ["none", "packed", "tpm", "android-key", "apple", "fido-u2f", "android-safetynet"];
        let attested = AttestedDraft { aaguid: Aaguid::ZERO, credential_id: vec![7; 16], public_key: key.clone() };
        let draft = AuthenticatorDataDraft {
            rp_id_hash: Sha256::digest("example.org").into(),
            flags: Flags(flags | 0x41),
            sign_count: 0,
            attested: Some(attested),
            extensions: None,
            trailing: vec![],
        };
        let object = attestation_object::encode(formats[format], &statement, &draft.encode());
        let client_data = br#"{"type":"webauthn.create","challenge":"AAAA","origin":"https://example.org"}"#;
        let _ = ask(&bare_registration(object, client_data.to_vec()), "https://example.org", "AAAA");
        let response: AuthenticationResponse = serde_json::from_value(json!({
            "id": "AAAA", "rawId": "AAAA", "type": "public-key",
            "response": {"authenticatorData": base64url::encode(draft.encode()), "clientDataJSON": base64url::encode(client_data), "signature": "AA"},
        })).unwrap();
        let ceremony = Ceremony { rp_id: "example.org", origin: "https://example.org", challenge: "AAAA", require_user_verification: false, framed: false };
        let credential = StoredCredential { id: &[0; 3], public_key: &key, sign_count: 0, backup_eligible: None, backup_state: None };
        let opinion = second_opinion(&Case::Authentication(Authentication { ceremony, response: &response, credential }));
        prop_assert_ne!(opinion.verdict, Verdict::Accept);
    }
}
