//! `registrations/` and `derived/registrations.json`.

use lab_attestation::verify;
use lab_relying_party::Verdict;
use serde_json::Value;

use super::cases::{array, folder, id, register_case, text};

/// What the collection calls a check, and the ids of this workspace that it may be.
const NAMES: &[(&str, &[&str])] = &[
    ("clientData.origin", &["registration/origin"]),
    ("clientData.parse", &["registration/json"]),
    ("authData.flags.UV", &["registration/uv"]),
    ("authData.parse", &["authenticator-data/trailing", "authenticator-data/ed"]),
    ("authdata.parse", &["authenticator-data/len-att", "authenticator-data/cose-one"]),
    (
        "cbor",
        &[
            "registration/att-obj",
            "authenticator-data/cose-one",
            "authenticator-data/ed",
            "authenticator-data/trailing",
        ],
    ),
    ("credentialId.length", &["registration/cred-id-len"]),
    ("credentialPublicKey.alg", &["registration/alg"]),
    ("credentialPublicKey.format", &["registration/credential-key"]),
    ("attestationObject.parse", &["registration/att-obj"]),
    ("attStmt.sig", &["attestation/packed-x5c-sig", "attestation/u2f-sig"]),
    ("attStmt.syntax", &["attestation/packed-syntax", "attestation/snet-syntax"]),
    ("attStmt.certificate", &["attestation/packed-cert"]),
    ("attStmt.certificate.subject", &["attestation/packed-cert"]),
    ("attStmt.certificate.basicConstraints", &["attestation/packed-cert"]),
    // The bytes of both have an indefinite length too, which is refused first.
    ("attstmt.aaguid_extension", &["registration/att-obj"]),
    ("safetynet.hostname", &["registration/att-obj"]),
    ("safetynet.ctsProfileMatch", &["attestation/snet-cts"]),
    ("safetynet.jws_signature", &["attestation/snet-jws-sig"]),
    ("flags.user_present", &["registration/up"]),
    ("attstmt.certificate_extension", &["attestation/akey-challenge"]),
    ("attstmt.nonce", &["attestation/apple-nonce"]),
    ("attStmt.certificate.extension", &["attestation/apple-nonce"]),
    ("attStmt.x5c_count", &["attestation/u2f-one-cert"]),
    ("attStmt.pubArea.key", &["attestation/tpm-pubarea-key"]),
    ("attStmt.certInfo.parse", &["attestation/tpm-syntax"]),
    ("attStmt.certificate.san", &["attestation/tpm-aik"]),
    ("trust.anchor", &["attestation/trust-path"]),
    ("trust.validity", &["attestation/path-validity"]),
];

fn is_built(case: &Value) -> bool {
    text(case, "/fmt").is_some_and(|fmt| verify::format(fmt).is_some())
}

#[test]
fn valid_registrations_are_valid_and_their_attestation_is_as_recorded() {
    let Some(folder) = folder() else { return };
    let mut unsupported = Vec::new();
    let cases = [array(&folder, "registrations/positive.json"), array(&folder, "derived/registrations.json")].concat();
    for case in cases.iter().filter(|case| text(case, "/expected/result") == Some("valid")) {
        let judged = register_case(&folder, case);
        if !is_built(case) {
            assert_eq!(judged.verdict, Verdict::Unsupported, "{}: {judged:?}", id(case));
            unsupported.push(id(case).to_owned());
            continue;
        }
        assert_eq!(judged.verdict, Verdict::Valid, "{}: {judged:?}", id(case));
        if let Some(kind) = text(case, "/expected/attestation_type") {
            assert_eq!(judged.kind, Some(kind), "{}", id(case));
        }
        let expected = match (judged.kind, text(case, "/chain/anchor_sha256")) {
            (Some("none" | "self"), _) => "no-path",
            (_, Some(_)) => "trusted",
            (_, None) => "not-checked",
        };
        assert_eq!(judged.trust, expected, "{}", id(case));
    }
    eprintln!("{} of {} cases are of formats that are not built", unsupported.len(), cases.len());
}

#[test]
fn invalid_registrations_are_refused_at_the_right_check() {
    let Some(folder) = folder() else { return };
    let cases = [array(&folder, "registrations/negative.json"), array(&folder, "derived/registrations.json")].concat();
    let (mut agreed, mut unsupported) = (0, Vec::new());
    for case in cases.iter().filter(|case| text(case, "/expected/result") == Some("invalid")) {
        let judged = register_case(&folder, case);
        if judged.verdict == Verdict::Unsupported {
            assert!(!is_built(case), "{}: {judged:?}", id(case));
            unsupported.push(id(case));
            continue;
        }
        assert_eq!(judged.verdict, Verdict::Invalid, "{}: {judged:?}", id(case));
        agreed += 1;
        if is_built(case) {
            let name = text(case, "/expected/check").unwrap();
            let allowed = NAMES.iter().find(|(known, _)| *known == name).map(|(_, ids)| *ids);
            let decided = judged.decided_by.unwrap();
            assert!(allowed.is_some_and(|ids| ids.contains(&decided)), "{} ({name}): {judged:?}", id(case));
        }
    }
    eprintln!("{agreed} refused, {} of formats that are not built: {unsupported:?}", unsupported.len());
    assert!(agreed >= 27, "{agreed}");
}

/// The word that the policy's answer has to have, so that it is about what the note says.
fn word(note: &str) -> &'static str {
    let words = [
        ("indefinite-length", "Indefinite lengths"),
        ("no Basic Constraints", "Basic Constraints"),
        ("after the DER certificate", "behind the certificate"),
        ("after the TPM structure", "after the TPM structure"),
        ("tokenBinding", "Noted and ignored"),
        ("metadata", "anchors that the caller gives"),
    ];
    words.iter().find(|(part, _)| note.contains(part)).expect("a note that is mapped").1
}

/// Each of these has a documented policy: the check that decides or notes carries the question.
#[test]
fn implementation_defined_registrations_have_a_documented_policy() {
    let Some(folder) = folder() else { return };
    let cases =
        [array(&folder, "registrations/implementation-defined.json"), array(&folder, "derived/registrations.json")]
            .concat();
    let all = lab_relying_party::checks();
    for case in cases.iter().filter(|case| text(case, "/expected/result") == Some("implementation-defined")) {
        let judged = register_case(&folder, case);
        let note = text(case, "/expected/note").unwrap();
        let asked = match judged.decided_by {
            Some(decided) => decided,
            None if note.contains("tokenBinding") => "registration/token-binding",
            None => "registration/trust-anchors",
        };
        let (id, fmt) = (id(case), text(case, "/fmt").unwrap());
        let check = all.iter().find(|check| check.id == asked).unwrap();
        eprintln!("{id} ({fmt}): {} by {asked}; {note}", judged.verdict.name());
        match (judged.verdict, check.policy.as_ref()) {
            (Verdict::Unsupported, _) => assert!(!is_built(case), "{id}: {judged:?}"),
            (_, Some(policy)) => assert!(policy.answer.contains(word(note)), "{id}: {}", policy.answer),
            (_, None) => panic!("{id}: {asked} has no policy, {judged:?}"),
        }
        if note.contains("indefinite-length") {
            assert_eq!((judged.decided_by, judged.failed.len()), (Some("registration/att-obj"), 1), "{id}");
        }
        if note.contains("tokenBinding") {
            assert!(judged.notes.contains(&"registration/token-binding"), "{id}: {judged:?}");
        }
    }
}
