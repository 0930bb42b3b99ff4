//! Entries: what is unknown is kept, what is wrong is named, and nothing stops the reader.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{entry, with_reports};
use crate::member::Member as _;
use crate::{Entry, ModelKey};

fn problems(entry: &Entry) -> Vec<String> {
    entry.findings.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_clean_entry_has_nothing_to_find() {
    let entry = with_reports(&json!([{"status": "FIDO_CERTIFIED"}]));
    assert_eq!((problems(&entry), entry.findings.unknown.len()), (vec![], 0));
    assert_eq!(entry.key(), Some(&ModelKey::Aaguid("a25342c0-3cdc-4414-8e46-f4807fca511c".parse().unwrap())));
}

#[test]
fn unknown_members_and_values_are_kept_and_named() {
    let json = json!({
        "aaguid": "a25342c0-3cdc-4414-8e46-f4807fca511c",
        "statusReports": [{"status": "FIDO_CERTIFIED_L9", "colour": "blue"}],
        "timeOfLastStatusChange": "2026-01-01",
        "shape": {"round": true},
        "metadataStatement": {
            "description": "A key", "protocolFamily": "fido3", "attestationTypes": ["basic_full"],
            "attestationRootCertificates": [], "smell": 1,
        },
    });
    let entry = entry(&json);
    let unknown: Vec<_> = entry.findings.unknown.iter().map(ToString::to_string).collect();
    assert_eq!(
        unknown,
        [
            "$.metadataStatement.protocolFamily: “fido3” is a value that the lab does not know",
            "$.metadataStatement.smell: a member that the lab does not know",
            "$.statusReports[0].status: “FIDO_CERTIFIED_L9” is a value that the lab does not know",
            "$.statusReports[0].colour: a member that the lab does not know",
            "$.shape: a member that the lab does not know",
        ]
    );
    assert_eq!(problems(&entry), [""; 0]);
    assert_eq!(entry.members.write(), json, "nothing is lost on the way back");
}

#[test]
fn what_has_the_wrong_type_is_named_and_the_rest_is_read() {
    let entry = entry(&json!({
        "aaguid": "nonsense",
        "statusReports": [{"status": "REVOKED"}],
        "timeOfLastStatusChange": 7,
        "metadataStatement": {
            "description": ["A key"], "protocolFamily": "fido2", "attestationTypes": ["basic_full", 5],
            "attestationRootCertificates": ["AAAA"], "authenticatorVersion": -1,
        },
    }));
    let (problems, root) = {
        let mut problems = problems(&entry);
        let root = problems.pop().unwrap();
        (problems, root)
    };
    assert_eq!(
        problems,
        [
            "$.metadataStatement.description: expected a text, found an array of 1",
            "$.metadataStatement.authenticatorVersion: expected a whole number that is not negative, found -1",
            "$.metadataStatement.attestationTypes[1]: expected a text, found 5",
            "$.timeOfLastStatusChange: expected a date such as 2026-11-20, found 7",
            "$.aaguid: expected an AAGUID, found nonsense",
            "$.timeOfLastStatusChange: expected a date, found nothing",
            "$.metadataStatement.description: expected a text, found nothing",
        ]
    );
    let expected = "$.metadataStatement.attestationRootCertificates[0]: expected one certificate in Base64, found ";
    assert!(root.starts_with(expected), "{root}");
    assert_eq!(entry.status_reports().len(), 1);
}

#[test]
fn two_certificates_in_one_element_are_two_anchors_and_a_problem() {
    let vendors = super::support::vendors();
    let both = [vendors.stand_in_root(), vendors.foreign_root()].concat();
    let mut json = with_reports(&json!([])).members.write();
    json["metadataStatement"]["attestationRootCertificates"] = json!([STANDARD.encode(both)]);
    let entry = entry(&json);
    assert_eq!((entry.roots().len(), entry.findings.problems.len()), (2, 1));
    assert!(entry.obscured().is_none(), "no root less");
}

/// JSON of any shape.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "aaguid",
        "aaid",
        "attestationCertificateKeyIdentifiers",
        "metadataStatement",
        "statusReports",
        "status",
        "effectiveDate",
        "certificate",
        "timeOfLastStatusChange",
        "authenticatorGetInfo",
        "options",
        "versions",
        "attestationRootCertificates",
        "userVerificationDetails",
        "upv",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![
            "REVOKED",
            "2026-01-01",
            "a25342c0-3cdc-4414-8e46-f4807fca511c",
            "MAA=",
            "fido2",
            ""
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_and_what_was_read_is_read_again(json in any_json()) {
        let entry = entry(&json);
        let again = Entry::read(&entry.members.write().to_string());
        prop_assert_eq!(&again.members, &entry.members);
    }
}
