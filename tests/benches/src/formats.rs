//! Registrations of each attestation format, from the recorded cases, judged again and again from their JSON.

use jiff::Timestamp;
use lab_attestation::trust::{Anchor, Anchors};
use lab_protocol::webauthn::RegistrationResponse;
use lab_relying_party::registration::TrustPolicy;
use lab_relying_party::{Expected, NothingKnown, Origins, Policy, registration};
use serde_json::Value;

/// The formats: how a row is called, its case, and how many signatures of P-256 it cannot do without.
const CASES: [(&str, &str, u32); 3] = [
    ("registration, tpm, a CA between", include_str!("../../../fixtures/cases/valid/registration-tpm.json"), 3),
    ("registration, fido-u2f", include_str!("../../../fixtures/cases/valid/registration-u2f.json"), 2),
    ("registration, compound of two", include_str!("../../../fixtures/cases/valid/registration-compound.json"), 4),
];

/// A recorded registration.
pub struct Recorded {
    /// How its row is called.
    pub job: &'static str,
    /// How many signatures have to be verified.
    pub signatures: u32,
    response: String,
    rp_id: String,
    origins: Vec<String>,
    challenge: String,
    anchors: Anchors,
    at: Timestamp,
}

impl Recorded {
    /// One of each format.
    #[must_use]
    pub fn all() -> Vec<Self> {
        CASES.iter().map(|(job, text, signatures)| Self::read(job, text, *signatures)).collect()
    }

    fn read(job: &'static str, text: &str, signatures: u32) -> Self {
        let case: Value = serde_json::from_str(text).unwrap();
        let member = |name: &str| case[name].as_str().unwrap().to_owned();
        let anchors = case["anchors"].as_array().unwrap().iter();
        Self {
            job,
            signatures,
            response: case["response"].to_string(),
            rp_id: member("rp_id"),
            origins: vec![member("origin")],
            challenge: member("challenge"),
            anchors: anchors.map(|pem| Anchor::from_pem(pem.as_str().unwrap()).unwrap()).collect(),
            at: member("verify_time").parse().unwrap(),
        }
    }

    /// JSON to verdict.
    pub fn verify(&self) {
        let response: RegistrationResponse = serde_json::from_str(&self.response).unwrap();
        let request = registration::Request {
            response: &response,
            expected: &Expected::new(&self.rp_id, Origins::own(&self.origins), &self.challenge),
            known: &NothingKnown,
            trust: TrustPolicy { anchors: Some(&self.anchors), intermediates: &[], at: self.at },
            policy: &Policy::webauthn(),
        };
        assert!(registration::verify(&request).registration.is_some(), "{} holds", self.job);
    }
}
