//! Every way in which a BLOB is no BLOB.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use lab_attestation::trust::Anchors;
use lab_protocol::trace::Outcome;
use serde_json::{Value, json};

use super::support::{anchors, at, draft, opened, signed, vendors};
use crate::open::{CHECKS, FIDO_SOURCE, Opening, open};

fn decided(text: &str) -> Option<&'static str> {
    opened(&vendors(), text).trace.decided_by().map(|check| check.id)
}

fn good() -> String {
    signed(&vendors(), &draft(3, "2026-12-01", &[]))
}

/// The same BLOB with another header, unsigned.
fn with_header(header: &Value) -> String {
    let text = good();
    let rest = text.split_once('.').unwrap().1;
    format!("{}.{rest}", BASE64URL.encode(header.to_string()))
}

fn header() -> Value {
    let text = good();
    serde_json::from_slice(&BASE64URL.decode(text.split('.').next().unwrap()).unwrap()).unwrap()
}

#[test]
fn a_blob_of_the_lab_verifies_and_says_whose_it_is() {
    let opened = opened(&vendors(), &good());
    assert!(opened.verified(), "{:?}", opened.trace.decided_by());
    let ids: Vec<_> = opened.trace.entries().iter().map(|entry| entry.check.id).collect();
    assert_eq!(ids, CHECKS.iter().map(|check| check.id).collect::<Vec<_>>());
    let blob = opened.into_blob().unwrap();
    assert!(blob.root.stand_in);
    assert_eq!((blob.payload.no, blob.payload.legal_header.as_deref()), (3, Some("For tests.")));
}

#[test]
fn each_defect_is_refused_by_its_own_check() {
    let good = good();
    assert_eq!(decided(&good.replace('.', "")), Some("metadata/jws-syntax"));
    assert_eq!(decided(&good[..good.len() - 6]), Some("metadata/signature"));
    let (front, _) = good.rsplit_once('.').unwrap();
    assert_eq!(decided(&format!("{front}.")), Some("metadata/signature"));
    let changed = good.replacen(&BASE64URL.encode("{\"leg")[..6], &BASE64URL.encode("{\"lag")[..6], 1);
    assert_ne!(changed, good);
    assert_eq!(decided(&changed), Some("metadata/signature"));
    for alg in ["none", "HS256"] {
        let mut header = header();
        header["alg"] = alg.into();
        assert_eq!(decided(&with_header(&header)), Some("metadata/signature"), "{alg}");
        header.as_object_mut().unwrap().remove("x5c");
        assert_eq!(decided(&with_header(&header)), Some("metadata/signature"), "{alg} without x5c");
    }
    let mut foreign = header();
    foreign["x5c"] = json!([STANDARD.encode(vendors().foreign_root())]);
    assert_eq!(decided(&with_header(&foreign)), Some("metadata/chain"));
    let mut elsewhere = header();
    elsewhere["x5u"] = "https://mds3.fidoalliance.org.example/chain.pem".into();
    assert_eq!(decided(&with_header(&elsewhere)), Some("metadata/x5u"));
    elsewhere["x5u"] = "https://mds3.fidoalliance.org/chain.pem".into();
    assert_eq!(decided(&with_header(&elsewhere)), Some("metadata/signature"), "the header is signed as well");
}

#[test]
fn a_payload_that_is_none_is_named_with_its_place() {
    for (payload, says) in [
        ("{", "byte"),
        ("[]", "expected “{”"),
        ("{\"no\": 1, \"nextUpdate\": \"2026-12-01\"}", "“entries”"),
        ("{\"nextUpdate\": \"2026-12-01\", \"entries\": []}", "“no”"),
        ("{\"no\": -1, \"nextUpdate\": \"2026-12-01\", \"entries\": []}", "$.no: expected a whole number"),
        ("{\"no\": 1, \"nextUpdate\": \"tomorrow\", \"entries\": []}", "$.nextUpdate: expected a date"),
        ("{\"no\": 1, \"no\": 2, \"nextUpdate\": \"2026-12-01\", \"entries\": []}", "occurs twice"),
        ("{\"no\": 1, \"nextUpdate\": \"2026-12-01\", \"entries\": [{]}", "byte 50"),
        ("{\"no\": 1, \"nextUpdate\": \"2026-12-01\", \"entries\": []} x", "nothing more"),
    ] {
        let error = crate::Payload::parse(payload.as_bytes().to_vec()).unwrap_err().to_string();
        assert!(error.contains(says), "{payload}: {error}");
    }
}

#[test]
fn time_and_roots_are_arguments() {
    let (vendors, text) = (vendors(), good());
    let anchors = anchors(&vendors);
    let open_at = |time: &str, anchors: &Anchors| {
        let opening = Opening { anchors, crls: &[], at: at(time), source: FIDO_SOURCE };
        let opened = open(text.as_bytes(), &opening);
        let due = opened.trace.entry("metadata/next-update").unwrap().finding.outcome;
        (opened.trace.decided_by().map(|check| check.id), due)
    };
    assert_eq!(open_at("2026-12-01T23:00:00Z", &anchors), (None, Outcome::Pass));
    assert_eq!(open_at("2026-12-02T00:00:00Z", &anchors), (None, Outcome::Note));
    assert_eq!(open_at("2031-01-01T00:00:00Z", &anchors).0, Some("metadata/chain"));
    assert_eq!(open_at("2019-01-01T00:00:00Z", &anchors).0, Some("metadata/chain"));
    assert_eq!(open_at("2026-12-01T00:00:00Z", &crate::fido_roots()).0, Some("metadata/chain"));
}

#[test]
fn without_a_revocation_list_nobody_knows() {
    let opened = opened(&vendors(), &good());
    let entry = opened.trace.entry("metadata/revocation").unwrap();
    assert_eq!(entry.finding.outcome, Outcome::Note);
    assert!(entry.message().contains("no CRL of"), "{}", entry.message());
}
