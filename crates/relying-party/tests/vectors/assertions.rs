//! `assertions/real.json` and `derived/assertions.json`.

use lab_protocol::Base64Url;
use lab_protocol::webauthn::AuthenticationResponse;
use lab_relying_party::authentication::{self, Request};
use lab_relying_party::{CredentialRecord, Policy, Verdict};
use serde_json::{Value, json};

use super::cases::{Site, array, bytes, folder, id, text};

/// What one assertion came to, in owned form.
#[derive(Debug)]
pub struct Judged {
    pub verdict: Verdict,
    pub decided_by: Option<&'static str>,
    pub failed: Vec<&'static str>,
}

pub fn sign_in(site: &Site, response: &AuthenticationResponse, record: &CredentialRecord, policy: &Policy) -> Judged {
    let expected = site.expected();
    let request = Request {
        response,
        expected: &expected,
        allow_credentials: &[Base64Url(record.id.clone())],
        user_known: None,
        record: Some(record),
        policy,
    };
    let outcome = authentication::verify(&request);
    Judged {
        verdict: outcome.verdict,
        decided_by: outcome.decided_by().map(|check| check.id),
        failed: outcome.trace.failures().map(|entry| entry.check.id).collect(),
    }
}

pub fn response_of(id: &str, response: &Value) -> AuthenticationResponse {
    serde_json::from_value(json!({ "id": id, "rawId": id, "type": "public-key", "response": response })).unwrap()
}

#[test]
fn real_assertions_are_valid() {
    let Some(folder) = folder() else { return };
    for case in array(&folder, "assertions/real.json") {
        let response = response_of("AAAA", &case["response"]);
        let cose = bytes(text(&case, "/credential_public_key_cose").unwrap());
        let record = CredentialRecord::of_key([0; 3], cose).unwrap();
        let judged = sign_in(&Site::of(&case), &response, &record, &Policy::entra());
        assert_eq!(judged.verdict, Verdict::Valid, "{}: {judged:?}", id(&case));
    }
}

#[test]
fn derived_assertions_come_out_as_recorded() {
    let Some(folder) = folder() else { return };
    let names = [
        ("clientData.challenge", "authentication/challenge"),
        ("authData.rpIdHash", "authentication/rp-id-hash"),
        ("authData.flags.UP", "authentication/up"),
        ("signature", "authentication/signature"),
        ("signCount", "authentication/sign-count"),
    ];
    for case in array(&folder, "derived/assertions.json") {
        let response = serde_json::from_value(case["response"].clone()).unwrap();
        let stored = &case["stored"];
        let member = |name: &str| bytes(stored[name].as_str().unwrap());
        let record = CredentialRecord {
            sign_count: u32::try_from(stored["sign_count"].as_u64().unwrap()).unwrap(),
            backup_eligible: stored["backup_eligible"].as_bool(),
            user_handle: Some(member("user_handle")),
            ..CredentialRecord::of_key(member("credential_id"), member("credential_public_key_cose")).unwrap()
        };
        let run = |policy| sign_in(&Site::of(&case), &response, &record, &policy);
        let (webauthn, entra) = (run(Policy::webauthn()), run(Policy::entra()));
        let check = text(&case, "/expected/check");
        let ours = check.map(|check| names.iter().find(|(name, _)| *name == check).expect("a name that is mapped").1);
        match text(&case, "/expected/result").unwrap() {
            "valid" => assert_eq!((webauthn.verdict, entra.verdict), (Verdict::Valid, Verdict::Valid), "{}", id(&case)),
            "invalid" => {
                assert_eq!(webauthn.decided_by, ours, "{}: {webauthn:?}", id(&case));
                assert_eq!(webauthn.failed.len(), 1, "{}: {webauthn:?}", id(&case));
            }
            _ => {
                assert_eq!((webauthn.verdict, entra.decided_by), (Verdict::Valid, ours), "{}", id(&case));
                let check = authentication::CHECKS.iter().find(|check| Some(check.id) == ours).unwrap();
                assert!(check.policy.is_some());
            }
        }
    }
}
