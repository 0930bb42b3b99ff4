//! Look-ups, the BLOB in use, and differences.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{at, draft, opened, signed, vendors};
use crate::changes::{Fate, changes};
use crate::{InUse, Kept, Offered, Payload};

const AAGUID: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";

fn entry(aaguid: &str, status: &str) -> Value {
    json!({"aaguid": aaguid, "statusReports": [{"status": status}], "timeOfLastStatusChange": "2026-01-01"})
}

fn payload(entries: &Value) -> Payload {
    let json = json!({"no": 1, "nextUpdate": "2026-12-01", "entries": entries});
    Payload::parse(json.to_string().into_bytes()).unwrap()
}

#[test]
fn entries_are_found_by_aaguid_and_by_key_identifier() {
    let identifier = "7c0903708b87115b0b422def3138c3c864e44573";
    let u2f = json!({"attestationCertificateKeyIdentifiers": [identifier.to_uppercase()], "statusReports": []});
    let payload = payload(&json!([entry(AAGUID, "FIDO_CERTIFIED"), u2f, entry(AAGUID, "REVOKED"), 7, "x", [null]]));
    assert_eq!((payload.len(), payload.repeated()), (6, &[2][..]));
    let found = payload.by_aaguid(AAGUID.parse().unwrap()).unwrap();
    assert_eq!(found.status_reports()[0].status.as_ref().unwrap().as_str(), "FIDO_CERTIFIED");
    let bytes = crate::entry::key_identifier(identifier).unwrap();
    assert_eq!(payload.by_key_identifier(&bytes).unwrap().key().unwrap().to_string(), identifier);
    assert!(payload.by_key_identifier(&[0; 20]).is_none());
    assert_eq!(payload.entries().count(), 6);
    assert!(payload.entry(3).unwrap().obscured().is_some());
}

#[test]
fn only_a_newer_blob_that_verifies_takes_the_place_of_another() {
    let vendors = vendors();
    let mut in_use = InUse::new();
    let mut offer = |no, next_update: &str, tamper: bool, time: &str| {
        let mut text = signed(&vendors, &draft(no, next_update, &[]));
        if tamper {
            text.truncate(text.len() - 6);
        }
        in_use.offer(opened(&vendors, &text), at(time))
    };
    let noon = "2026-11-20T12:00:00Z";
    let kept = |offered| if let Offered::Kept { reason } = offered { Some(reason) } else { None };
    assert!(matches!(
        kept(offer(5, "2026-12-01", true, noon)),
        Some(Kept::NotVerified { check: "metadata/signature", .. })
    ));
    assert_eq!(offer(5, "2026-12-01", false, noon), Offered::Replaced { from: None, to: 5 });
    assert_eq!(kept(offer(4, "2027-12-01", false, noon)), Some(Kept::Older { found: 4, in_use: 5 }));
    assert_eq!(kept(offer(5, "2027-12-01", false, noon)), Some(Kept::SameNumber { found: 5 }));
    let expired = Kept::Expired { found: 6, next_update: "2026-11-01".parse().unwrap() };
    assert_eq!(kept(offer(6, "2026-11-01", false, noon)), Some(expired));
    let later = "2026-12-24T00:00:00Z";
    assert_eq!(offer(6, "2026-11-01", false, later), Offered::Replaced { from: Some(5), to: 6 }, "both are due");
    assert_eq!(offer(7, "2027-01-01", false, later), Offered::Replaced { from: Some(6), to: 7 });
    assert_eq!(in_use.blob().unwrap().payload.no, 7);
}

#[test]
fn differences_are_told_by_model() {
    let other = "b92c3f9a-c014-4056-887f-140a2501163b";
    let third = "6d44ba9b-f6ec-2e49-b930-0c8fe920cb73";
    let before = payload(&json!([entry(AAGUID, "FIDO_CERTIFIED"), entry(other, "FIDO_CERTIFIED")]));
    let after = payload(&json!([entry(third, "FIDO_CERTIFIED"), entry(AAGUID, "REVOKED")]));
    let found = changes(&before, &after);
    let fates: Vec<_> = found.iter().map(|change| (change.key.to_string(), change.fate())).collect();
    let expected = [(third, Fate::Added), (AAGUID, Fate::Changed), (other, Fate::Removed)];
    assert_eq!(fates, expected.map(|(key, fate)| (key.to_owned(), fate)));
    assert_eq!((found[1].new_statuses.len(), found[1].gone_statuses.len()), (1, 1));
    assert!(changes(&before, &before).is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_a_payload_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Payload::parse(bytes);
    }

    #[test]
    fn a_cut_or_changed_payload_is_read_or_refused(at: prop::sample::Index, byte: u8, cut: bool) {
        let json = json!({"legalHeader": "x", "no": 1, "nextUpdate": "2026-12-01", "entries": [entry(AAGUID, "REVOKED")]});
        let mut bytes = json.to_string().into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(payload) = Payload::parse(bytes) {
            payload.entries().for_each(|entry| _ = entry.obscured());
        }
    }
}
