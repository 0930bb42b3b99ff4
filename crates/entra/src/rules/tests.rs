//! Every rule: it passes, it fails, it does not apply; every switch both ways.

mod before;
mod profiles;

use jiff::SignedDuration;
use lab_protocol::trace::{Check, Document};
use serde_json::json;

use super::RULES;
use crate::aaguids;
use crate::scope::{Persona, Standing, scope_of};
use crate::testing::{
    ICLOUD, Said, YUBIKEY, anybody, authenticator, fido2, icloud, id, path, profile, register, register_by, sign_in,
    sign_in_by, tenant, windows_hello, with_switches, yubikey,
};
use crate::{
    Aaguid, AdverseStatus, AttestationFacts, AttestationKind, Caller, Candidate, Ceremony, CeremonyOutcome,
    Circumstances, InAppAttestation, MetadataEntry, MetadataFacts, Mfa, Passkey, RegistrationPath, Tenant, Trust,
    WindowsHelloContainer,
};

pub(super) const BOTH: &str = "deviceBound,synced";

pub(super) fn open_tenant() -> Tenant {
    tenant(&json!({"fido2": fido2(&[profile(1, BOTH, false, None)])}))
}

pub(super) fn one(types: &str, attested: bool, list: Option<&[Aaguid]>) -> Tenant {
    tenant(&json!({"fido2": fido2(&[profile(1, types, attested, list)])}))
}

/// The fresh policy with one property changed, and switches in their other reading.
pub(super) fn changed(property: &str, value: serde_json::Value, switches: serde_json::Value) -> Tenant {
    let mut policy = fido2(&[profile(1, BOTH, false, None)]);
    policy[property] = value;
    with_switches(&policy, &switches)
}

pub(super) fn with_facts(candidate: Candidate<'static>, facts: AttestationFacts<'static>) -> Candidate<'static> {
    Candidate { attestation: facts, ..candidate }
}

#[test]
fn the_folder_holds_the_rules_of_the_list_and_no_other() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = files.filter(|name| !name.starts_with("tests")).collect();
    files.sort();
    let name = |rule: &&super::Rule| rule.check.id.strip_prefix("entra/").unwrap().replace('-', "_") + ".rs";
    let mut listed: Vec<_> = RULES.iter().map(name).collect();
    listed.sort();
    assert_eq!(files, listed);
}

#[test]
fn every_rule_is_a_manual_page() {
    for rule in RULES {
        let id = rule.check.id;
        assert!(rule.check.text.ends_with('.'), "{id}");
        for text in [rule.what, rule.why, rule.example] {
            assert!(text.len() > 20 && text.ends_with('.'), "{id}: {text}");
        }
        assert!(!rule.graph_property.is_empty() && !rule.source.url.is_empty(), "{id}");
        assert_eq!(rule.source.date_read, "2026-11-20");
        assert_eq!(super::find(id), Some(*rule));
    }
    assert_eq!(super::find("entra/no-such-rule"), None);
}

#[test]
fn every_switch_belongs_to_a_rule_to_the_relying_party_or_to_the_lab_server() {
    use crate::switches::{BACKUP_ELIGIBILITY_CHANGE, PATCHED_PROFILES, SIGNATURE_COUNTER};
    let asked_elsewhere = [&BACKUP_ELIGIBILITY_CHANGE, &SIGNATURE_COUNTER, &PATCHED_PROFILES];
    let used = RULES.iter().flat_map(|rule| rule.switches).copied().chain(asked_elsewhere);
    let used: Vec<_> = used.map(|switch| switch.name).collect();
    for switch in crate::switches::switches() {
        assert!(used.contains(&switch.name), "{}", switch.name);
    }
}

#[test]
fn a_registration_asks_every_rule_and_a_sign_in_those_that_are_not_about_registering() {
    let tenant = open_tenant();
    let ids = |said: &Said| said.trace.iter().map(|(id, ..)| *id).collect::<Vec<_>>();
    let all = RULES.iter().map(|rule| rule.check.id).filter(|id| *id != "entra/synced-after-attestation");
    assert_eq!(ids(&register(&tenant, &yubikey())), all.collect::<Vec<_>>());
    let kept = [
        "entra/method-enabled",
        "entra/not-excluded",
        "entra/in-scope",
        "entra/self-service",
        "entra/classification",
        "entra/samsung-pass",
        "entra/legacy-settings",
        "entra/passkey-type",
        "entra/key-restrictions",
        "entra/windows-hello",
        "entra/synced-after-attestation",
        "entra/profile-match",
    ];
    assert_eq!(ids(&sign_in(&tenant, &yubikey().passkey)), kept);
}
