//! Reading cases, and running them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::RegistrationResponse;
use lab_protocol::{Base64Url, base64url};
use lab_relying_party::{Expected, Framing, NothingKnown, Origins, Policy, UserVerification, Verdict, registration};
use serde_json::Value;

/// The folder, or `None` with a loud word.
pub fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: ../shared/vectors is not beside the workspace");
    None
}

pub fn read(folder: &Path, file: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

pub fn array(folder: &Path, file: &str) -> Vec<Value> {
    read(folder, file).as_array().cloned().expect("an array of cases")
}

pub fn text<'v>(case: &'v Value, pointer: &str) -> Option<&'v str> {
    case.pointer(pointer).and_then(Value::as_str)
}

pub fn id(case: &Value) -> &str {
    text(case, "/id").expect("an id")
}

pub fn bytes(text: &str) -> Vec<u8> {
    base64url::decode(text).unwrap()
}

pub fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The anchor that a case names.
pub fn anchors(folder: &Path, case: &Value) -> Option<Anchors> {
    let wanted = text(case, "/chain/anchor_sha256")?;
    let index = array(folder, "roots/index.json");
    let entry = index.iter().find(|entry| text(entry, "/sha256") == Some(wanted)).expect("the anchor is in the index");
    let pem = std::fs::read_to_string(folder.join("roots").join(text(entry, "/file").unwrap())).unwrap();
    Some(Anchors::from_pem_texts([pem.as_str()]).unwrap())
}

pub fn anchor_of_der(der: &[u8]) -> Anchors {
    std::iter::once(Anchor::from_der(der, Origin::Given).unwrap()).collect()
}

/// What a relying party that runs the case remembers.
pub struct Site {
    pub rp_id: String,
    pub origins: Vec<String>,
    pub challenge: String,
    pub framed: bool,
    pub user_verification: UserVerification,
    pub algorithms: Option<Vec<Algorithm>>,
}

impl Site {
    pub fn of(case: &Value) -> Self {
        let member = |name| text(case, name).expect("rp_id, origin and challenge").to_owned();
        let flag = |name| case.pointer(name).and_then(Value::as_bool).unwrap_or_default();
        let algorithms = case.pointer("/allowed_algs").and_then(Value::as_array);
        Self {
            rp_id: member("/rp_id"),
            origins: vec![member("/origin")],
            challenge: member("/challenge"),
            framed: flag("/cross_origin") || flag("/allow_cross_origin"),
            user_verification: match flag("/require_user_verification") {
                true => UserVerification::Required,
                false => UserVerification::NotRequired,
            },
            algorithms: algorithms.map(|list| list.iter().map(|alg| Algorithm(alg.as_i64().unwrap())).collect()),
        }
    }

    pub fn expected(&self) -> Expected<'_> {
        Expected {
            user_verification: self.user_verification,
            algorithms: self.algorithms.as_deref(),
            framing: if self.framed { Framing::Allowed { top_origins: None } } else { Framing::Forbidden },
            ..Expected::new(&self.rp_id, Origins::own(&self.origins), &self.challenge)
        }
    }
}

/// What one registration came to, in owned form.
#[derive(Debug)]
pub struct Judged {
    pub verdict: Verdict,
    pub decided_by: Option<&'static str>,
    pub failed: Vec<&'static str>,
    pub notes: Vec<&'static str>,
    pub kind: Option<&'static str>,
    pub trust: &'static str,
    pub alg: Option<Algorithm>,
}

pub fn register(site: &Site, response: &RegistrationResponse, anchors: Option<&Anchors>, at: &str) -> Judged {
    let (expected, policy) = (site.expected(), Policy::webauthn());
    let at: Timestamp = at.parse().unwrap();
    let trust = registration::TrustPolicy { anchors, intermediates: &[], at };
    let request = registration::Request { response, expected: &expected, known: &NothingKnown, trust, policy: &policy };
    let outcome = registration::verify(&request);
    let notes = outcome.trace.entries().iter().filter(|entry| entry.finding.outcome.name() == "note");
    Judged {
        verdict: outcome.verdict,
        decided_by: outcome.decided_by().map(|check| check.id),
        failed: outcome.trace.failures().map(|entry| entry.check.id).collect(),
        notes: notes.map(|entry| entry.check.id).collect(),
        kind: outcome.attestation.map(|kind| kind.name()),
        trust: outcome.trust.name(),
        alg: outcome.registration.as_ref().map(|registration| registration.public_key().alg),
    }
}

/// A registration case in the format of the collection.
pub fn register_case(folder: &Path, case: &Value) -> Judged {
    let response = serde_json::from_value(case["response"].clone()).expect("a response");
    let at = text(case, "/verify_time").expect("a time");
    register(&Site::of(case), &response, anchors(folder, case).as_ref(), at)
}

/// The response of bytes that came without an envelope.
pub fn response_of(credential_id: &[u8], client_data: &[u8], object: &[u8]) -> RegistrationResponse {
    let id = base64url::encode(credential_id);
    let part = |bytes: &[u8]| Base64Url(bytes.to_vec());
    serde_json::from_value(serde_json::json!({
        "id": id, "rawId": id, "type": "public-key",
        "response": { "clientDataJSON": part(client_data), "attestationObject": part(object) }
    }))
    .unwrap()
}
