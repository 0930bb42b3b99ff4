//! Statements that nobody here wrote: real devices, other projects' tests, the W3C's own vectors.
//! The data stands beside the workspace; without it the tests say that they were skipped.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may stop at data that is not as described")]

use std::path::PathBuf;

use jiff::Timestamp;
use lab_attestation::signature;
use lab_attestation::trust::{Anchor, Anchors, Trust, assess};
use lab_attestation::verify::{self, Attested, Input, Policy};
use lab_protocol::base64url;
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::trace::{Check, Choice, Document, Finding, Known, Trace};
use lab_protocol::webauthn::attestation_object::AttestationObject;
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;
use serde_json::Value;

static OBJECT: Check = Check::new("t/object", Document::Lab, "1", "The attestation object is one.");
static DATA: Check = Check::new("t/data", Document::Lab, "1", "The authenticator data is some.");
static KEY: Check = Check::new("t/key", Document::Lab, "1", "The credential public key is one.");

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors")
}

fn load(name: &str) -> Option<Value> {
    let Ok(text) = std::fs::read_to_string(folder().join(name)) else {
        eprintln!("SKIPPED: no vectors beside the workspace ({name})");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn cases(name: &str) -> Vec<Value> {
    load(name).map(|cases| cases.as_array().unwrap().clone()).unwrap_or_default()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// What this crate says of a case.
#[derive(Debug, PartialEq)]
enum Verdict {
    Valid { kind: &'static str, trust: &'static str },
    Invalid { check: String, sentence: String },
    Unsupported(String),
}

/// The parts of a registration that attestation is about.
struct Parts {
    fmt: String,
    att_stmt: Vec<u8>,
    auth_data: Vec<u8>,
    client_data_hash: [u8; 32],
}

impl Parts {
    fn of(case: &Value) -> Result<Self, String> {
        let response = &case["response"]["response"];
        let bytes = |name: &str| base64url::decode(response[name].as_str().unwrap()).unwrap();
        let client_data_hash = lab_attestation::sha256(&bytes("clientDataJSON"));
        Self::of_object(&bytes("attestationObject"), client_data_hash)
    }

    fn of_object(bytes: &[u8], client_data_hash: [u8; 32]) -> Result<Self, String> {
        let object = AttestationObject::parse(bytes).map_err(|error| error.to_string())?;
        let (fmt, att_stmt) = (object.fmt.to_owned(), object.att_stmt.to_vec());
        Ok(Self { fmt, att_stmt, auth_data: object.auth_data.to_vec(), client_data_hash })
    }
}

/// Anchors and intermediates of a case, by what `roots/index.json` calls them.
fn anchors(case: &Value) -> (Anchors, Vec<Vec<u8>>) {
    let index = load("roots/index.json").unwrap();
    let find = |sha256: &Value| {
        let entry = index.as_array().unwrap().iter().find(|entry| entry["sha256"] == *sha256)?;
        let text = std::fs::read_to_string(folder().join("roots").join(entry["file"].as_str()?)).unwrap();
        Some(Anchor::from_pem(&text).unwrap())
    };
    let extra = case["chain"]["extra_intermediates_from_pool"].as_array().cloned().unwrap_or_default();
    let name = |extra: &Value| if extra.is_object() { extra["sha256"].clone() } else { extra.clone() };
    let intermediates = extra.iter().filter_map(|extra| find(&name(extra))).map(|anchor| anchor.der().to_vec());
    (find(&case["chain"]["anchor_sha256"]).into_iter().collect(), intermediates.collect())
}

fn judge(case: &Value) -> Verdict {
    let mut trace = Trace::new();
    let at = case["verify_time"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let (anchors, intermediates) = anchors(case);
    let result = match Parts::of(case) {
        Ok(parts) => statement(&parts, at, &mut trace).map(|attested| {
            let trust = assess(&attested, &anchors, &intermediates, at, &mut trace);
            (attested, trust)
        }),
        Err(sentence) => return Verdict::Invalid { check: OBJECT.id.into(), sentence },
    };
    conclude(result, &trace)
}

fn conclude(result: Option<(Attested, Trust)>, trace: &Trace<'_>) -> Verdict {
    if let Some(entry) = trace.failures().next() {
        return Verdict::Invalid { check: entry.check.id.to_owned(), sentence: entry.message() };
    }
    if let Some(entry) = trace.entries().iter().find(|entry| entry.finding.is_unsupported()) {
        return Verdict::Unsupported(entry.finding.reason.as_ref().unwrap().to_string());
    }
    let (attested, trust) = result.unwrap();
    Verdict::Valid { kind: attested.kind.name(), trust: trust.name() }
}

/// Reads authenticator data and key, checks the key, verifies the statement.
fn statement(parts: &Parts, at: Timestamp, trace: &mut Trace<'static>) -> Option<Attested> {
    statement_under(&Policy::webauthn(), parts, at, trace)
}

fn statement_under(policy: &Policy, parts: &Parts, at: Timestamp, trace: &mut Trace<'static>) -> Option<Attested> {
    let data = AuthenticatorData::parse(&parts.auth_data);
    let data = trace.need(&DATA, data).value()?;
    let key = data.attested.map(|attested| CredentialPublicKey::parse(attested.public_key))?;
    let key = trace.need(&KEY, key);
    if let Known::Value(Err(error)) = key.as_ref().map(signature::check_key) {
        trace.check(&KEY, Finding::refuse(error));
    }
    let format = verify::format(&parts.fmt)?;
    let mut inner = Trace::new();
    let input = Input {
        auth_data: &data,
        credential_key: key.as_ref(),
        att_stmt: &parts.att_stmt,
        client_data_hash: &parts.client_data_hash,
        policy,
        at,
    };
    let attested = format.verify(&input, &mut inner);
    trace.append(inner.into_owned());
    attested
}

fn is_built(case: &Value) -> bool {
    case["fmt"].as_str().is_some_and(|fmt| verify::format(fmt).is_some())
}

#[test]
fn every_positive_registration_is_valid_and_trusted_where_an_anchor_is_known() {
    let mut valid = 0;
    let cases = cases("registrations/positive.json");
    for case in cases.iter().filter(|case| is_built(case)) {
        let kind = case["expected"]["attestation_type"].as_str().unwrap();
        let trust = match (kind, case["chain"]["anchor_sha256"].is_string()) {
            ("none" | "self", _) => "no-path",
            (_, true) => "trusted",
            (_, false) => "not-checked",
        };
        match judge(case) {
            Verdict::Unsupported(what) => panic!("{}: unsupported: {what}", case["id"]),
            Verdict::Valid { kind: ours, trust: found } => {
                assert_eq!((ours, found), (kind, trust), "{}", case["id"]);
                valid += 1;
            }
            Verdict::Invalid { check, sentence } => panic!("{}: {check}: {sentence}", case["id"]),
        }
    }
    assert!(cases.is_empty() || valid >= 40, "only {valid} were judged");
}

/// The checks of ours of which one has to fail first, for each name of the vectors; `None` where the name
/// is of a part that this crate does not see.
fn ours(check: &str) -> Option<&'static [&'static str]> {
    Some(match check {
        "attStmt.syntax" => &["attestation/packed-syntax", "attestation/snet-syntax"],
        "attStmt.sig" => &["attestation/packed-x5c-sig", "attestation/u2f-sig"],
        "attStmt.x5c_count" => &["attestation/u2f-one-cert"],
        "attStmt.pubArea.key" => &["attestation/tpm-pubarea-key"],
        "attStmt.certInfo.parse" => &["attestation/tpm-syntax"],
        "attStmt.certificate.san" => &["attestation/tpm-aik"],
        "attStmt.certificate" | "attStmt.certificate.subject" | "attStmt.certificate.basicConstraints" => {
            &["attestation/packed-cert"]
        }
        "trust.anchor" => &["attestation/trust-path"],
        "trust.validity" => &["attestation/path-validity"],
        "authData.parse" | "authdata.parse" => &["t/data"],
        "credentialPublicKey.format" => &["t/key"],
        "attestationObject.parse" => &["t/object"],
        "attstmt.certificate_extension" => &["attestation/akey-challenge"],
        "attStmt.certificate.extension" | "attstmt.nonce" => &["attestation/apple-nonce"],
        "safetynet.jws_signature" => &["attestation/snet-jws-sig"],
        "safetynet.ctsProfileMatch" => &["attestation/snet-cts"],
        // Two firmware bugs: the key's map is longer or shorter than it says, which is found where
        // the authenticator data ends.
        "cbor" => &["t/data"],
        // The CBOR of both vectors has indefinite lengths as well, which come first.
        "attstmt.aaguid_extension" | "safetynet.hostname" => &["t/object"],
        _ => return None,
    })
}

#[test]
fn every_negative_registration_fails_where_it_should() {
    let (mut refused, mut elsewhere) = (0, Vec::new());
    for name in ["registrations/negative.json", "derived/registrations.json"] {
        for case in cases(name).iter().filter(|case| is_built(case)) {
            let expected = &case["expected"];
            match (expected["result"].as_str().unwrap(), judge(case)) {
                ("invalid", verdict) => {
                    let check = expected["check"].as_str().unwrap();
                    match (ours(check), verdict) {
                        (Some(wanted), Verdict::Invalid { check, sentence }) => {
                            assert!(wanted.contains(&check.as_str()), "{}: {check}: {sentence}", case["id"]);
                            refused += 1;
                        }
                        (Some(wanted), other) => panic!("{}: {other:?}, expected {wanted:?} to fail", case["id"]),
                        (None, _) => elsewhere.push(format!("{} ({check})", case["id"])),
                    }
                }
                ("valid", verdict) => assert!(matches!(verdict, Verdict::Valid { .. }), "{}: {verdict:?}", case["id"]),
                _ => {}
            }
        }
    }
    eprintln!("{refused} refused; judged by other crates: {elsewhere:?}");
}

/// What the vectors leave to the implementation, and how it is decided here: the cases by a part of
/// their notes, and the check that fails.
const POLICIES: [(&str, Option<&str>); 7] = [
    ("after the TPM structure", Some("attestation/tpm-syntax")),
    ("indefinite-length CBOR", Some("t/object")),
    ("has no Basic Constraints", Some("attestation/packed-cert")),
    ("tokenBinding", None),
    ("allows only surrogate", None),
    ("no metadata statement", None),
    ("a byte after the DER certificate", Some("attestation/packed-cert")),
];

#[test]
fn what_is_left_open_has_a_policy() {
    let mut open = cases("registrations/implementation-defined.json");
    open.extend(cases("derived/registrations.json"));
    let open = open.iter().filter(|case| case["expected"]["result"] == "implementation-defined" && is_built(case));
    for case in open {
        let note = case["expected"]["note"].as_str().unwrap();
        let (_, policy) = POLICIES.iter().find(|(part, _)| note.contains(part)).unwrap();
        match (judge(case), policy) {
            (Verdict::Invalid { check, .. }, Some(wanted)) => assert_eq!(check, *wanted, "{note}"),
            (Verdict::Valid { .. }, None) => {}
            (other, _) => panic!("{}: {other:?}, expected {policy:?} ({note})", case["id"]),
        }
    }
}

#[test]
fn statements_without_client_data_agree() {
    let Some(file) = load("registrations/statement-level.json") else { return };
    let mut judged = 0;
    for case in file["statements"].as_array().unwrap().iter().filter(|case| is_built(case)) {
        let bytes = |name: &str| hex(case[name].as_str().unwrap());
        let parts = Parts {
            fmt: case["fmt"].as_str().unwrap().to_owned(),
            att_stmt: bytes("attStmt_cbor"),
            auth_data: bytes("authData"),
            // For `none` these are 64 bytes of text, which nothing is compared with.
            client_data_hash: *bytes("clientDataHash").first_chunk().unwrap(),
        };
        let mut trace = Trace::new();
        // Nobody wrote down when these were made. That test hands in a statement of Windows Hello from which
        // ver was taken out, and wants it accepted.
        let at = time("2026-11-20T00:00:00Z");
        let policy = Policy { safetynet_old: Choice::Note, tpm_missing_version: Choice::Note, ..Policy::webauthn() };
        let result = statement_under(&policy, &parts, at, &mut trace).map(|attested| (attested, Trust::NotChecked));
        match (conclude(result, &trace), case["expected"].as_str()) {
            (Verdict::Valid { .. }, Some("valid")) | (Verdict::Invalid { .. }, Some("invalid")) => judged += 1,
            (Verdict::Unsupported(what), _) => eprintln!("unsupported: {}: {what}", case["id"]),
            (other, expected) => panic!("{}: {other:?}, expected {expected:?}", case["id"]),
        }
    }
    assert!(judged >= 6, "{judged}");
}

#[test]
fn the_vectors_of_the_specification_agree() {
    let Some(file) = load("w3c/webauthn-l3-test-vectors.json") else { return };
    let root = hex(file["attestation_root"]["attestation_ca_cert"].as_str().unwrap());
    let root = Anchor::from_der(&root, lab_attestation::trust::Origin::Given).unwrap();
    let at = file["verify_time"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let mut judged = 0;
    for case in file["vectors"].as_array().unwrap().iter().filter(|case| is_built(case)) {
        let registration = &case["registration"];
        let bytes = |name: &str| hex(registration[name].as_str().unwrap());
        let hash = lab_attestation::sha256(&bytes("clientDataJSON"));
        let parts = Parts::of_object(&bytes("attestationObject"), hash).unwrap();
        let mut trace = Trace::new();
        let anchors = std::iter::once(root.clone()).collect();
        let result = statement(&parts, at, &mut trace).map(|attested| {
            let trust = assess(&attested, &anchors, &[], at, &mut trace);
            (attested, trust)
        });
        match conclude(result, &trace) {
            Verdict::Valid { kind, trust } => {
                let pathless = matches!(kind, "none" | "self");
                assert_eq!(trust, if pathless { "no-path" } else { "trusted" }, "{}", case["id"]);
                judged += 1;
            }
            Verdict::Unsupported(what) => panic!("{}: unsupported: {what}", case["id"]),
            Verdict::Invalid { check, sentence } => panic!("{}: {check}: {sentence}", case["id"]),
        }
    }
    assert!(judged >= 11, "{judged}");
}
