use std::path::Path;

use lab_protocol::base64url;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::report::{Envelope, Format, Report, Style};

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn response_of(name: &str) -> RegistrationResponse {
    serde_json::from_value(fixture(name)["response"].clone()).unwrap()
}

fn object_of(name: &str) -> Vec<u8> {
    base64url::decode(fixture(name)["response"]["response"]["attestationObject"].as_str().unwrap()).unwrap()
}

const FIXTURES: [&str; 6] = [
    "valid/registration-none-rs256.json",
    "valid/registration-packed-certified.json",
    "valid/registration-android-key.json",
    "valid/registration-android-safetynet.json",
    "valid/registration-apple.json",
    "valid/registration-apple-appattest.json",
];

/// Whether the parts of a range follow each other and cover it, at every level.
fn covers(offset: usize, length: usize, parts: &[Part]) -> bool {
    let end = parts.iter().try_fold(offset, |at, part| {
        let inside = part.parts.is_empty() || covers(part.offset, part.length, &part.parts);
        (part.offset == at && inside).then_some(at + part.length)
    });
    end == Some(offset + length)
}

fn is_whole(document: &Document) -> bool {
    covers(0, document.length, &document.parts)
}

/// The names on the way to every part without parts, with its bytes.
fn leaves(part: &Part, path: &str, found: &mut Vec<(String, Option<String>)>) {
    let path = format!("{path}/{}", part.name);
    match part.parts.as_slice() {
        [] => found.push((path, part.value.clone())),
        parts => parts.iter().for_each(|part| leaves(part, &path, found)),
    }
}

fn named(documents: &[Document], path: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    for document in documents {
        document.parts.iter().for_each(|part| leaves(part, &document.name, &mut found));
    }
    found.into_iter().filter(|(name, _)| name.ends_with(path)).map(|(_, value)| value).collect()
}

fn table(documents: &[Document]) -> String {
    let mut document = Page::new();
    show(&mut document, documents);
    let report = Report { command: "verify", result: Value::Null, notes: Vec::new(), document };
    report.render(Format::Table, &Envelope { seed: None, at: None }, Style { color: false, width: 140 })
}

#[test]
fn every_byte_of_a_registration_has_a_name() {
    for name in FIXTURES {
        let documents = of_registration(&response_of(name));
        assert!(documents.iter().all(is_whole), "{name}");
        let text = serde_json::to_string(&documents).unwrap();
        assert!(!text.contains(cutter::UNREADABLE) && !text.contains("trailing bytes"), "{name}: {text}");
    }
}

#[test]
fn the_parts_of_an_android_key_registration() {
    insta::assert_snapshot!(table(&of_registration(&response_of(FIXTURES[2]))));
}

#[test]
fn the_parts_of_a_safetynet_registration() {
    insta::assert_snapshot!(table(&of_registration(&response_of(FIXTURES[3]))));
}

#[test]
fn a_certificate_is_named_down_to_its_extensions() {
    let documents = of_registration(&response_of(FIXTURES[1]));
    let value = |path: &str| named(&documents, path);
    assert_eq!(value("tbsCertificate/version/Version")[0].as_deref(), Some("2"));
    assert!(value("validity/notBefore")[0].is_some());
    let aaguid = value("Extension 1.3.6.1.4.1.45724.1.1.4 (id-fido-gen-ce-aaguid)/extnValue/value");
    assert_eq!(aaguid[0].as_deref(), Some("504153534b45592d4c41422d46495854"));
    assert_eq!(value("sig/value/Ecdsa-Sig-Value/r").len(), 1);
    assert_eq!(value("alg (3)/value")[0].as_deref(), Some("ES256 (-7)"));
}

#[test]
fn an_authentication_is_three_documents() {
    let response = fixture("valid/authentication-es256.json")["response"].clone();
    let documents = of_authentication(&serde_json::from_value(response).unwrap());
    let names: Vec<_> = documents.iter().map(|document| document.name.as_str()).collect();
    assert_eq!(names, ["clientDataJSON", "authenticatorData", "signature"]);
    assert!(documents.iter().all(is_whole));
    assert_eq!(named(&documents, "authenticatorData/signCount")[0].as_deref(), Some("9"));
}

/// `TPMS_ATTEST` and `TPMT_PUBLIC` with each optional detail.
#[test]
fn structures_of_a_tpm_are_named() {
    let info =
        [&[0xff, 0x54, 0x43, 0x47, 0x80, 0x17, 0, 1, 9, 0, 2, 7, 7][..], &[0; 17], &[0; 8], &[0, 3, 0, 0x0b, 5, 0, 0]];
    let area = [&[0, 1, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x14, 0, 0x0b, 8, 0, 0, 0, 0, 0, 0, 2, 1, 1][..]];
    let mut workshop = Workshop::new();
    workshop.cut("certInfo", &info.concat(), tpm::cert_info);
    workshop.cut("pubArea", &area.concat(), tpm::pub_area);
    assert!(workshop.documents.iter().all(is_whole));
    let value = |path: &str| named(&workshop.documents, path)[0].clone();
    assert_eq!(value("certInfo/type").as_deref(), Some("0x8017 (TPM_ST_ATTEST_CERTIFY)"));
    assert_eq!(value("attested/name/buffer").as_deref(), Some("000b05"));
    assert_eq!(value("pubArea/scheme.hashAlg").as_deref(), Some("0x000b (TPM_ALG_SHA256)"));
    assert_eq!(value("unique/buffer").as_deref(), Some("0101"));
    let text = serde_json::to_string(&workshop.documents).unwrap();
    assert!(!text.contains(cutter::UNREADABLE) && !text.contains("trailing"), "{text}");
}

#[test]
fn what_is_broken_is_read_as_far_as_it_goes() {
    let object = object_of(FIXTURES[1]);
    let cut = of_attestation_object(&object[..object.len() - 100]);
    assert!(is_whole(&cut[0]));
    assert_eq!(named(&cut, "fmt/value")[0].as_deref(), Some("“packed”"));
    assert!(serde_json::to_string(&cut).unwrap().contains(cutter::UNREADABLE));
    let indefinite = [0xbf, 0x63, b'f', b'm', b't', 0x64, b'n', b'o', b'n', b'e', 0xff];
    let read = of_attestation_object(&indefinite);
    assert_eq!(named(&read, "fmt/value")[0].as_deref(), Some("“none”"));
    assert!(is_whole(&read[0]) && named(&read, "/break").len() == 1);
    assert!(is_whole(&of_attestation_object(&[])[0]));
    let deep = vec![0x81; 10_000];
    assert!(is_whole(&of_attestation_object(&deep)[0]));
}

proptest! {
    #[test]
    fn any_bytes_are_covered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(of_attestation_object(&bytes).iter().all(is_whole));
        for how in [json::text, authenticator_data::fields, der::signature, tpm::cert_info, tpm::pub_area, jws::compact] {
            let mut workshop = Workshop::new();
            workshop.cut("any", &bytes, how);
            prop_assert!(workshop.documents.iter().all(is_whole));
        }
    }

    #[test]
    fn a_broken_registration_is_covered(which in 0..FIXTURES.len(), at: prop::sample::Index, byte: u8, cut: bool) {
        let mut object = object_of(FIXTURES[which]);
        let at = at.index(object.len());
        object[at] = byte;
        if cut {
            object.truncate(at);
        }
        prop_assert!(of_attestation_object(&object).iter().all(is_whole));
    }

    #[test]
    fn any_text_is_covered_as_client_data(text in ".{0,100}") {
        let mut workshop = Workshop::new();
        workshop.cut("clientDataJSON", text.as_bytes(), json::text);
        prop_assert!(workshop.documents.iter().all(is_whole));
    }
}
