//! Vectors that nobody here wrote, from `../shared/vectors` beside the checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lab_jobs::case_view::CaseView;
use lab_jobs::input::anchors::AnchorFolder;
use lab_jobs::models::Catalogue;
use lab_jobs::verify::{Options, Outcome};

/// Which of our checks each name of the vectors stands for.
const NAMES: &[(&str, &[&str])] = &[
    ("clientData.parse", &["registration/utf8", "registration/json"]),
    ("clientData.origin", &["registration/origin"]),
    ("clientData.challenge", &["registration/challenge", "authentication/challenge"]),
    ("authData.parse", &["authenticator-data/"]),
    ("authdata.parse", &["authenticator-data/"]),
    ("cbor", &["authenticator-data/", "registration/att-obj", "registration/credential-key"]),
    ("authData.rpIdHash", &["registration/rp-id-hash", "authentication/rp-id-hash"]),
    ("authData.flags.UV", &["registration/uv", "authentication/uv"]),
    ("authData.flags.UP", &["registration/up", "authentication/up"]),
    ("flags.user_present", &["registration/up"]),
    ("credentialId.length", &["registration/cred-id-len"]),
    ("credentialPublicKey.alg", &["registration/alg"]),
    ("credentialPublicKey.format", &["registration/credential-key"]),
    ("attestationObject.parse", &["registration/att-obj"]),
    ("attStmt.sig", &["attestation/packed-x5c-sig", "attestation/packed-self-sig", "attestation/u2f-sig"]),
    ("attStmt.x5c_count", &["attestation/u2f-one-cert"]),
    ("attStmt.pubArea.key", &["attestation/tpm-pubarea-key"]),
    ("attStmt.certInfo.parse", &["attestation/tpm-syntax"]),
    ("attStmt.certificate.san", &["attestation/tpm-aik"]),
    ("attStmt.syntax", &["attestation/packed-syntax", "attestation/snet-syntax"]),
    ("attStmt.certificate", &["attestation/packed-syntax", "attestation/packed-cert"]),
    ("attStmt.certificate.subject", &["attestation/packed-cert"]),
    ("attStmt.certificate.basicConstraints", &["attestation/packed-cert"]),
    ("attstmt.aaguid_extension", &["attestation/packed-aaguid", "registration/att-obj"]),
    ("attstmt.certificate_extension", &["attestation/akey-challenge"]),
    ("attStmt.certificate.extension", &["attestation/apple-nonce"]),
    ("attstmt.nonce", &["attestation/apple-nonce"]),
    ("safetynet.ctsProfileMatch", &["attestation/snet-cts"]),
    ("safetynet.jws_signature", &["attestation/snet-jws-sig"]),
    ("trust.anchor", &["attestation/path", "attestation/trust-path"]),
    ("trust.validity", &["attestation/path", "attestation/trust-path"]),
    ("signature", &["authentication/signature"]),
    // Indefinite-length CBOR, refused before the statement is looked at.
    ("safetynet.hostname", &["registration/att-obj"]),
];

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    if !folder.is_dir() {
        eprintln!("SKIPPED: vectors: there is no folder ../shared/vectors beside the checkout");
        return None;
    }
    Some(folder)
}

fn judge(file: &str) -> Option<Vec<CaseView>> {
    let folder = shared()?;
    let (anchors, catalogue) = (AnchorFolder::read(&folder.join("roots")).unwrap(), Catalogue::read(None).unwrap());
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let options = Options {
        anchors: Some(&anchors),
        metadata: None,
        at: None,
        now,
        second_opinion: false,
        anatomy: false,
        catalogue: &catalogue,
    };
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut outcome = Outcome::default();
    outcome.judge_file(&path, &text, &options);
    Some(outcome.cases)
}

/// A case agrees; where it names a check, one of ours for that name decided.
fn wrong(case: &CaseView) -> Option<String> {
    let expected = case.expected.as_ref()?;
    let found = || {
        format!("{}: expected {expected:?}, found {} by {:?}: {}", case.id, case.outcome, case.decided_by, case.message)
    };
    match (case.agrees?, &expected.check) {
        (None, _) => None,
        (Some(false), _) => Some(found()),
        (Some(true), None) => None,
        (Some(true), Some(check)) => {
            let ours = NAMES.iter().find(|(name, _)| name == check).map(|(_, ours)| *ours);
            let ours = ours.unwrap_or_else(|| panic!("{}: “{check}” has no line in NAMES", case.id));
            let decided = case.decided_by.unwrap_or_default();
            (!ours.iter().any(|id| decided.starts_with(id))).then(found)
        }
    }
}

/// Every case agrees, is implementation-defined, or is unsupported for a format or algorithm that is not built.
fn agree(file: &str) {
    let Some(cases) = judge(file) else { return };
    let mut unsupported: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        if case.outcome == "unsupported" {
            let format = case.attestation.as_ref().map_or("-", |attestation| attestation.format.as_str());
            *unsupported.entry(format!("{format}: {}", case.message)).or_default() += 1;
        } else {
            failures.extend(wrong(case));
        }
    }
    eprintln!("{file}: {} cases, unsupported: {unsupported:#?}", cases.len());
    assert!(failures.is_empty(), "{file}: {} disagree\n{}", failures.len(), failures.join("\n"));
    let judged = cases.len() - unsupported.values().sum::<usize>();
    assert!(judged > 0, "{file}: nothing was judged");
}

#[test]
fn positive_registrations() {
    agree("registrations/positive.json");
}

#[test]
fn negative_registrations() {
    agree("registrations/negative.json");
}

#[test]
fn derived_registrations() {
    agree("derived/registrations.json");
}

#[test]
fn real_assertions() {
    agree("assertions/real.json");
}

#[test]
fn derived_assertions() {
    agree("derived/assertions.json");
}

/// Each implementation-defined case comes out as the lab's documented policy says.
#[test]
fn implementation_defined_cases_follow_a_policy() {
    let Some(cases) = judge("registrations/implementation-defined.json") else { return };
    for case in &cases {
        let policy = match (case.outcome, case.decided_by) {
            ("valid", None) | ("unsupported", _) => continue,
            (_, Some(id)) => lab_relying_party::checks()
                .into_iter()
                .find(|check| check.id == id)
                .and_then(|check| check.policy.as_ref()),
            (_, None) => None,
        };
        assert!(
            policy.is_some(),
            "{}: {} by {:?} without a policy: {}",
            case.id,
            case.outcome,
            case.decided_by,
            case.message
        );
    }
}
