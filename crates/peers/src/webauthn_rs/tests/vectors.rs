//! Captured and derived responses, and what other verifiers said about them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use lab_protocol::base64url;
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::{AttestationObject, AuthenticationResponse, RegistrationResponse, attestation_object};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::*;

const PEER: &str = "webauthn-rs-core 0.6.2";

fn vectors() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {} is not there", folder.display());
    None
}

fn cases(files: &[&str]) -> Vec<Value> {
    let Some(folder) = vectors() else { return vec![] };
    let read =
        |file: &&str| -> Vec<Value> { serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap() };
    files.iter().flat_map(read).collect()
}

fn text<'v>(case: &'v Value, name: &str) -> &'v str {
    case[name].as_str().unwrap_or_default()
}

fn ceremony(case: &Value) -> Ceremony<'_> {
    Ceremony {
        rp_id: text(case, "rp_id"),
        origin: text(case, "origin"),
        challenge: text(case, "challenge"),
        require_user_verification: case["require_user_verification"] == true,
        framed: case["cross_origin"] == true,
    }
}

fn anchors(case: &Value) -> Vec<Vec<u8>> {
    let Some(digest) = case["chain"]["anchor_sha256"].as_str() else { return vec![] };
    let index = cases(&["roots/index.json"]);
    let entry = index.iter().find(|entry| entry["sha256"] == digest).expect("an anchor of the index");
    let pem = fs::read_to_string(vectors().unwrap().join("roots").join(text(entry, "file"))).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
    vec![base64url::decode(&body.trim_end_matches('=').replace('+', "-").replace('/', "_")).unwrap()]
}

fn registration(case: &Value, anchors: &[Vec<u8>]) -> Opinion {
    let response: RegistrationResponse = serde_json::from_value(case["response"].clone()).unwrap();
    let offered = case["allowed_algs"].as_array().into_iter().flatten();
    let algorithms: Vec<_> = offered.map(|alg| Algorithm(alg.as_i64().unwrap())).collect();
    let at: Timestamp = text(case, "verify_time").parse().unwrap();
    second_opinion(&Case::Registration(Registration {
        ceremony: ceremony(case),
        response: &response,
        algorithms: &algorithms,
        anchors,
        at,
    }))
}

/// The recorded run asked for no user verification and offered every algorithm.
const ASKED_OTHERWISE: &[&str] = &["derived-alg-not-offered", "derived-flag-uv-missing"];

#[test]
fn registrations_are_judged_as_the_recorded_run_of_the_same_library_judged_them() {
    let files = ["positive", "negative", "implementation-defined"].map(|name| format!("registrations/{name}.json"));
    let files: Vec<_> = files.iter().map(String::as_str).chain(["derived/registrations.json"]).collect();
    let cases = cases(&files);
    let mut differ = vec![];
    for case in &cases {
        let recorded = &case["peers"][PEER];
        let opinion = registration(case, &[]);
        let accepted = opinion.verdict == Verdict::Accept;
        let why: String = text(recorded, "why").chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let reason = opinion.reason.clone().unwrap_or_default();
        if accepted != (recorded["result"] == "accept") || (!accepted && reason != why) {
            differ.push(text(case, "id"));
            eprintln!("{}: {opinion:?}, recorded {recorded}", text(case, "id"));
        }
    }
    assert!(cases.is_empty() || cases.len() == 150, "{}", cases.len());
    differ.sort_unstable();
    assert_eq!(differ, if cases.is_empty() { &[][..] } else { ASKED_OTHERWISE });
}

/// Whether a verdict is what the specification says; an unsupported case and one that the
/// specification leaves open contradict nothing.
fn agrees(opinion: &Opinion, case: &Value) -> bool {
    match (opinion.verdict, text(&case["expected"], "result")) {
        (Verdict::Unsupported, _) | (_, "implementation-defined") => true,
        (Verdict::Accept, expected) => expected == "valid",
        (Verdict::Reject, expected) => expected == "invalid",
    }
}

/// What it accepts although the specification refuses it, with the limit that says so.
const OVERLOOKED: &[(&str, &str)] = &[
    ("derived-cose-alg-crv-mismatch", "webauthn-rs/curve"),
    ("derived-credid-1024", "webauthn-rs/credential-id-length"),
    ("derived-ext-bytes-without-ed", "webauthn-rs/bytes-left-over"),
    ("derived-packed-alg-rs256-ec-cert", "webauthn-rs/statement-algorithm"),
    ("derived-trailing-in-authdata", "webauthn-rs/bytes-left-over"),
];

#[test]
fn trust_included_it_contradicts_the_specification_only_where_a_limit_says_so() {
    let files = ["registrations/positive.json", "registrations/negative.json", "derived/registrations.json"];
    let cases = cases(&files);
    let mut contradicted = vec![];
    for case in &cases {
        let opinion = registration(case, &anchors(case));
        if !agrees(&opinion, case) {
            eprintln!("{}: {opinion:?}", text(case, "id"));
            contradicted.push((text(case, "id"), opinion));
        }
    }
    contradicted.sort_by_key(|(id, _)| *id);
    let ids: Vec<_> = contradicted.iter().map(|(id, _)| *id).collect();
    let expected: Vec<_> = OVERLOOKED.iter().map(|(id, _)| *id).filter(|_| !cases.is_empty()).collect();
    assert_eq!(ids, expected);
    for ((_, opinion), (_, limit)) in contradicted.iter().zip(OVERLOOKED) {
        assert!(opinion.limits.iter().any(|touched| touched.id == *limit), "{opinion:?}");
    }
}

#[test]
fn sign_ins_are_judged_as_the_specification_says() {
    let cases = cases(&["derived/assertions.json", "assertions/real.json"]);
    let opinions: Vec<_> = cases.iter().map(authentication).collect();
    for (case, opinion) in cases.iter().zip(&opinions) {
        assert!(agrees(opinion, case), "{}: {opinion:?}", text(case, "id"));
    }
    let compromised = opinions.iter().filter(|opinion| opinion.limits.iter().any(|limit| limit.kind == Kind::Stricter));
    assert_eq!(compromised.count(), if cases.is_empty() { 0 } else { 2 });
    let count = |verdict| opinions.iter().filter(|opinion| opinion.verdict == verdict).count();
    let counts = [Verdict::Accept, Verdict::Reject, Verdict::Unsupported].map(count);
    assert!(cases.is_empty() || counts == [31, 8, 6], "{counts:?}");
}

#[test]
fn what_it_cannot_judge_is_counted_by_limit() {
    let files = ["registrations/positive.json", "registrations/negative.json"];
    let mut counts = BTreeMap::<_, usize>::new();
    for case in cases(&files) {
        let opinion = registration(&case, &anchors(&case));
        assert_eq!(
            opinion.verdict == Verdict::Unsupported,
            opinion.limits.iter().any(|limit| limit.kind == Kind::Cannot)
        );
        for limit in opinion.limits.iter().filter(|limit| limit.kind == Kind::Cannot) {
            *counts.entry(limit.id).or_default() += 1;
        }
    }
    let expected = [
        ("webauthn-rs/algorithm", 3),
        ("webauthn-rs/anchor-key-usage", 1),
        ("webauthn-rs/anchor-sent", 2),
        ("webauthn-rs/android-key-lone-leaf", 2),
        ("webauthn-rs/android-safetynet", 10),
        ("webauthn-rs/cross-origin", 3),
        ("webauthn-rs/eddsa", 4),
        ("webauthn-rs/es512", 2),
        ("webauthn-rs/rsa-length", 1),
        ("webauthn-rs/rsa-other", 3),
        ("webauthn-rs/tpm", 15),
        ("webauthn-rs/unused-bits", 1),
    ];
    assert!(counts.is_empty() || counts == BTreeMap::from(expected), "{counts:#?}");
}

#[test]
fn a_strongbox_key_description_is_unsupported() {
    let cases = cases(&["registrations/positive.json"]);
    let Some(case) = cases.iter().find(|case| case["id"] == "android-key-079323c870") else { return };
    let with_level = |level: u8| {
        let mut case = case.clone();
        let mut object = base64url::decode(text(&case["response"]["response"], "attestationObject")).unwrap();
        let oid = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];
        let at = object.windows(oid.len()).position(|window| window == oid).unwrap();
        let enumerated = (at..).find(|at| object[*at..].starts_with(&[0x0a, 0x01])).unwrap();
        object[enumerated + 2] = level;
        case["response"]["response"]["attestationObject"] = base64url::encode(object).into();
        registration(&case, &[])
    };
    assert_eq!(with_level(1).verdict, Verdict::Accept);
    let opinion = with_level(2);
    assert_eq!((opinion.verdict, opinion.limits[0].id), (Verdict::Unsupported, "webauthn-rs/android-key-strongbox"));
}

#[test]
fn a_recorded_response_with_any_byte_changed_gets_an_opinion() {
    for case in cases(&["registrations/positive.json", "derived/registrations.json"]) {
        let object = base64url::decode(text(&case["response"]["response"], "attestationObject")).unwrap();
        for round in 0..10 {
            let mut case = case.clone();
            let mut object = object.clone();
            let hash = Sha256::digest(format!("{}{round}", text(&case, "id")));
            let at = usize::from(u16::from_be_bytes([hash[0], hash[1]])) % object.len();
            object[at] ^= hash[2].max(1);
            case["response"]["response"]["attestationObject"] = base64url::encode(object).into();
            let _ = registration(&case, &[]);
        }
    }
}

#[test]
fn an_anchor_that_the_statement_holds_is_unsupported() {
    let cases = cases(&["registrations/positive.json"]);
    let Some(case) = cases.iter().find(|case| case["id"] == "packed-5930a6ab91") else { return };
    let response: RegistrationResponse = serde_json::from_value(case["response"].clone()).unwrap();
    let facts = Facts::of(&Case::Registration(Registration {
        ceremony: ceremony(case),
        response: &response,
        algorithms: &[],
        anchors: &[],
        at: Timestamp::UNIX_EPOCH,
    }));
    let opinion = registration(case, &facts.certificates[..1]);
    assert_eq!(
        opinion.limits.iter().map(|limit| limit.id).collect::<Vec<_>>(),
        ["webauthn-rs/anchor-sent"],
        "{opinion:?}"
    );
}

#[test]
fn formats_that_it_does_not_know_are_unsupported() {
    let cases = cases(&["registrations/positive.json"]);
    let Some(case) = cases.iter().find(|case| case["fmt"] == "none") else { return };
    let formats = [("compound", "webauthn-rs/compound"), ("lab-unheard-of", "webauthn-rs/format")];
    for (format, limit) in formats {
        let mut case = case.clone();
        let object = base64url::decode(text(&case["response"]["response"], "attestationObject")).unwrap();
        let object = AttestationObject::parse(&object).unwrap();
        let statement: &[u8] = if format == "compound" { &[0x80] } else { &[0xa0] };
        let object = attestation_object::encode(format, statement, object.auth_data);
        case["response"]["response"]["attestationObject"] = base64url::encode(object).into();
        let opinion = registration(&case, &[]);
        assert_eq!((opinion.verdict, opinion.limits[0].id), (Verdict::Unsupported, limit), "{opinion:?}");
    }
}

#[test]
fn a_framed_registration_is_evidence_where_nobody_expects_it() {
    let cases = cases(&["registrations/positive.json"]);
    let Some(case) = cases.iter().find(|case| case["id"] == "none-967a55ac82") else { return };
    assert_eq!(registration(case, &[]).verdict, Verdict::Unsupported);
    let mut case = case.clone();
    case["cross_origin"] = false.into();
    assert_eq!(registration(&case, &[]).verdict, Verdict::Reject);
}

fn authentication(case: &Value) -> Opinion {
    let stored = &case["stored"];
    let id = stored["credential_id"].as_str().unwrap_or("AAAA");
    let bare = json!({"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": case["response"]});
    let whole = if case["response"]["response"].is_object() { case["response"].clone() } else { bare };
    let response: AuthenticationResponse = serde_json::from_value(whole).unwrap();
    let key = stored["credential_public_key_cose"].as_str().unwrap_or_else(|| text(case, "credential_public_key_cose"));
    second_opinion(&Case::Authentication(Authentication {
        ceremony: ceremony(case),
        response: &response,
        credential: StoredCredential {
            id: &base64url::decode(id).unwrap(),
            public_key: &base64url::decode(key).unwrap(),
            sign_count: u32::try_from(stored["sign_count"].as_u64().unwrap_or(0)).unwrap(),
            backup_eligible: stored["backup_eligible"].as_bool(),
            backup_state: stored["backup_state"].as_bool(),
        },
    }))
}
