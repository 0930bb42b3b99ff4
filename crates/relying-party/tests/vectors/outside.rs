//! Collections with shapes of their own: the specification's pairs, and Chromium's virtual authenticator.

use lab_attestation::verify;
use lab_protocol::base64url;
use lab_relying_party::{CredentialRecord, Policy, UserVerification, Verdict};
use serde_json::{Value, json};

use super::assertions::{response_of, sign_in};
use super::cases::{Site, anchor_of_der, folder, hex, id, read, register, text};

fn member(case: &Value, pointer: &str) -> Vec<u8> {
    hex(text(case, pointer).unwrap_or_else(|| panic!("{}: {pointer}", id(case))))
}

fn site(collection: &Value, challenge: &[u8]) -> Site {
    Site {
        rp_id: text(collection, "/rp_id").unwrap().to_owned(),
        origins: vec![text(collection, "/origin").unwrap().to_owned()],
        challenge: base64url::encode(challenge),
        framed: true,
        user_verification: UserVerification::NotRequired,
        algorithms: None,
    }
}

#[test]
fn the_pairs_of_the_specification_register_and_sign_in() {
    let Some(folder) = folder() else { return };
    let collection = read(&folder, "w3c/webauthn-l3-test-vectors.json");
    let anchors = anchor_of_der(&member(&collection["attestation_root"], "/attestation_ca_cert"));
    let (mut registered, mut signed_in) = (0, 0);
    for case in collection["vectors"].as_array().unwrap() {
        let part = |pointer| member(case, pointer);
        let credential_id = part("/credential_id_in_authData");
        let response = super::cases::response_of(
            &credential_id,
            &part("/registration/clientDataJSON"),
            &part("/registration/attestationObject"),
        );
        let at = text(&collection, "/verify_time").unwrap();
        let site_of = |pointer| site(&collection, &part(pointer));
        let judged = register(&site_of("/registration/challenge"), &response, Some(&anchors), at);
        let built = verify::format(text(case, "/fmt").unwrap()).is_some();
        let expected = if built { Verdict::Valid } else { Verdict::Unsupported };
        assert_eq!(judged.verdict, expected, "{}: {judged:?}", id(case));
        if built {
            registered += 1;
            assert_eq!(judged.alg.unwrap().0, case["alg"].as_i64().unwrap());
            let pathless = matches!(judged.kind, Some("none" | "self"));
            assert_eq!(judged.trust, if pathless { "no-path" } else { "trusted" }, "{}", id(case));
        }
        let record = CredentialRecord::of_key(credential_id, part("/credential_public_key_cose")).unwrap();
        let encoded = |pointer| base64url::encode(part(pointer));
        let response = json!({
            "clientDataJSON": encoded("/authentication/clientDataJSON"),
            "authenticatorData": encoded("/authentication/authenticatorData"),
            "signature": encoded("/authentication/signature"),
        });
        let response = response_of(&base64url::encode(&record.id), &response);
        let judged = sign_in(&site_of("/authentication/challenge"), &response, &record, &Policy::webauthn());
        assert_eq!(judged.verdict, Verdict::Valid, "{}: {judged:?}", id(case));
        signed_in += 1;
    }
    assert_eq!(signed_in, 15);
    assert!(registered >= 11, "{registered}");
}

/// Its responses carry the copies of authenticator data, key and algorithm, which are compared here with
/// what was attested.
#[test]
fn chromiums_virtual_authenticator_registers() {
    let Some(folder) = folder() else { return };
    let collection = read(&folder, "chromium/chromium-vectors.json");
    let mut valid = 0;
    for case in collection["vectors"].as_array().unwrap() {
        let label = text(case, "/label").unwrap();
        let response = serde_json::from_value(case["credential"].clone()).unwrap();
        let site = Site {
            rp_id: text(case, "/rpId").unwrap().to_owned(),
            origins: vec![text(case, "/origin").unwrap().to_owned()],
            challenge: text(case, "/challenge").unwrap().to_owned(),
            framed: false,
            user_verification: UserVerification::NotRequired,
            algorithms: None,
        };
        let judged = register(&site, &response, None, "2026-11-20T00:00:00Z");
        let built = !label.starts_with("u2f") || verify::format("fido-u2f").is_some();
        let expected = if built { Verdict::Valid } else { Verdict::Unsupported };
        assert_eq!(judged.verdict, expected, "{label}: {judged:?}");
        valid += usize::from(built);
    }
    assert!(valid + 1 >= collection["vectors"].as_array().unwrap().len(), "{valid}");
}
