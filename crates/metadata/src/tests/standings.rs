//! Status reports, as `spec.md` has them and as libraries disagree about them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::support::{noon, vendors, with_reports};
use crate::AuthenticatorStatus;
use crate::standing::{InHand, Refusal, Remark, standing};

fn refusals(reports: &Value) -> Vec<String> {
    let standing = standing(&with_reports(reports), InHand::default(), noon());
    standing
        .refusals
        .iter()
        .map(|refusal| format!("{refusal:?}").split([' ', '{']).next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_report_in_effect_counts_in_whichever_order() {
    let certified = json!({"status": "FIDO_CERTIFIED_L1", "effectiveDate": "2026-06-01"});
    let revoked = json!({"status": "REVOKED", "effectiveDate": "2026-05-01"});
    assert_eq!(refusals(&json!([certified])), [""; 0]);
    assert_eq!(refusals(&json!([revoked, certified])), ["Revoked"], "a later certification takes nothing back");
    assert_eq!(refusals(&json!([certified, revoked])), ["Revoked"]);
    assert_eq!(refusals(&json!([{"status": "REVOKED"}])), ["Revoked"], "undated: for as long as it is there");
    for (status, refusal) in [
        ("USER_VERIFICATION_BYPASS", "UserVerificationBypass"),
        ("USER_KEY_REMOTE_COMPROMISE", "UserKeyRemoteCompromise"),
        ("USER_KEY_PHYSICAL_COMPROMISE", "UserKeyPhysicalCompromise"),
        ("ATTESTATION_KEY_COMPROMISE", "AnyAttestationKeyCompromise"),
        ("RETIRED", "Retired"),
    ] {
        assert_eq!(refusals(&json!([certified, {"status": status, "effectiveDate": "2026-07-01"}])), [refusal]);
    }
    assert_eq!(refusals(&json!([certified, {"status": "FOO"}])), [""; 0], "an unknown status refuses nobody");
}

#[test]
fn a_report_of_tomorrow_is_told_and_refuses_nobody_today() {
    let entry = with_reports(&json!([{"status": "REVOKED", "effectiveDate": "2026-11-21"}]));
    let today = standing(&entry, InHand::default(), noon());
    assert!(today.acceptable());
    let coming = Remark::Coming { status: AuthenticatorStatus::Revoked, on: "2026-11-21".parse().unwrap() };
    assert!(today.remarks.contains(&coming), "{:?}", today.remarks);
    let tomorrow = "2026-11-21T00:00:00Z".parse().unwrap();
    assert!(!standing(&entry, InHand::default(), tomorrow).acceptable());
}

#[test]
fn a_compromised_attestation_key_is_found_by_its_key() {
    let vendors = vendors();
    let root = vendors.stand_in_root().to_vec();
    let report = |der: &[u8]| {
        with_reports(&json!([{"status": "ATTESTATION_KEY_COMPROMISE", "certificate": STANDARD.encode(der)}]))
    };
    let path = [root.clone()];
    let in_hand = InHand { path: &path, firmware: None };
    let hit = standing(&report(&root), in_hand, noon());
    assert!(matches!(hit.refusals.as_slice(), [Refusal::AttestationKeyCompromise { .. }]), "{:?}", hit.refusals);
    let other = standing(&report(vendors.foreign_root()), in_hand, noon());
    assert_eq!((other.acceptable(), other.remarks.contains(&Remark::OtherAttestationKey)), (true, true));
    let unreadable = with_reports(&json!([{"status": "ATTESTATION_KEY_COMPROMISE", "certificate": "?"}]));
    let unreadable = standing(&unreadable, in_hand, noon());
    assert!(matches!(unreadable.refusals.as_slice(), [Refusal::AnyAttestationKeyCompromise { .. }]));
}

#[test]
fn an_update_mends_a_compromise_for_whoever_has_it() {
    let reports = json!([
        {"status": "UPDATE_AVAILABLE", "effectiveDate": "2026-03-01", "authenticatorVersion": 5},
        {"status": "USER_VERIFICATION_BYPASS", "effectiveDate": "2026-02-01"},
    ]);
    let entry = with_reports(&reports);
    let with = |firmware| standing(&entry, InHand { path: &[], firmware }, noon());
    assert!(!with(None).acceptable(), "nobody knows which firmware it has");
    assert!(!with(Some(4)).acceptable());
    assert!(with(Some(5)).acceptable());
    let text = with(Some(4)).refusals[0].to_string();
    assert!(text.contains("firmware 5 mends it, and this one has 4"), "{text}");
    let earlier = json!([
        {"status": "UPDATE_AVAILABLE", "effectiveDate": "2026-01-01", "authenticatorVersion": 5},
        {"status": "USER_VERIFICATION_BYPASS", "effectiveDate": "2026-02-01"},
    ]);
    let earlier = standing(&with_reports(&earlier), InHand { path: &[], firmware: Some(9) }, noon());
    assert!(!earlier.acceptable(), "an update from before the compromise mends nothing");
}

#[test]
fn the_certification_is_the_highest_in_effect() {
    let of = |reports: &Value| standing(&with_reports(reports), InHand::default(), noon()).certification;
    let reports =
        json!([{"status": "FIDO_CERTIFIED"}, {"status": "FIDO_CERTIFIED_L2"}, {"status": "FIDO_CERTIFIED_L1"}]);
    assert_eq!(of(&reports), Some(AuthenticatorStatus::FidoCertifiedL2));
    assert_eq!(of(&json!([{"status": "NOT_FIDO_CERTIFIED"}])), None);
    let coming = json!([{"status": "FIDO_CERTIFIED_L1", "effectiveDate": "2027-01-01"}]);
    assert_eq!(of(&coming), None);
    let withdrawn = json!([
        {"status": "FIDO_CERTIFIED_L1", "effectiveDate": "2025-01-01"},
        {"status": "NOT_FIDO_CERTIFIED", "effectiveDate": "2026-01-01"},
    ]);
    assert_eq!(of(&withdrawn), None);
}

#[test]
fn reports_that_cannot_be_read_could_hide_a_revocation() {
    for reports in
        [json!("none"), json!([{"status": 7}]), json!([{}]), json!([{"status": "REVOKED", "effectiveDate": "soon"}])]
    {
        let standing = standing(&with_reports(&reports), InHand::default(), noon());
        assert!(matches!(standing.refusals.first(), Some(Refusal::Unreadable { .. })), "{reports}");
    }
}
