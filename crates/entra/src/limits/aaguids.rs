//! Lists of AAGUIDs.

use std::collections::HashSet;

use lab_protocol::Aaguid;

use super::{Page, Report, Severity, TenantFinding, path};
use crate::graph::{Fido2KeyRestrictions, JsonPath};
use crate::source::{self, Evidence};
use crate::switches;
use crate::tenant::Tenant;

pub(super) static PAGES: &[&Page] = &[&MALFORMED, &DUPLICATE, &UNLISTED, &EMPTY_ALLOW_LIST, &NOT_ENFORCED];

static MALFORMED: Page = Page {
    id: "tenant/aaguid-malformed",
    severity: Severity::Error,
    what: "An entry of aaGuids is no GUID.",
    why: "It matches no passkey.",
    hint: "Correct it: 32 hexadecimal digits as 8-4-4-4-12.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static DUPLICATE: Page = Page {
    id: "tenant/aaguid-duplicate",
    severity: Severity::Warning,
    what: "An AAGUID is in the same list twice.",
    why: "It says nothing twice and uses up the policy's 20 KB.",
    hint: "Take one of them out.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static UNLISTED: Page = Page {
    id: "tenant/aaguid-unlisted",
    severity: Severity::Warning,
    what: "An AAGUID is none that the lab knows.",
    why: "It may be mistyped, or newer than the lab's lists.",
    hint: "Look it up with its vendor, and import a newer list.",
    evidence: Evidence::Documented,
    source: &source::VENDORS,
};

static EMPTY_ALLOW_LIST: Page = Page {
    id: "tenant/allow-list-empty",
    severity: Severity::Error,
    what: "An enforced allow list names no AAGUID.",
    why: "The lab takes it that it refuses every passkey.",
    hint: "Add AAGUIDs, or set isEnforced to false.",
    evidence: Evidence::Assumed,
    source: &source::PASSKEYS,
};

static NOT_ENFORCED: Page = Page {
    id: "tenant/aaguid-list-not-enforced",
    severity: Severity::Warning,
    what: "A list names AAGUIDs, and isEnforced is false.",
    why: "The list does nothing.",
    hint: "Set isEnforced to true, or empty the list.",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
};

/// Every list that counts, with its place and the name of its profile.
fn lists(tenant: &Tenant) -> Vec<(JsonPath, &str, &Fido2KeyRestrictions)> {
    let fido2 = &tenant.fido2;
    if tenant.policy.implied {
        let list = fido2.key_restrictions.iter();
        return list.map(|list| (path("keyRestrictions"), crate::policy::IMPLIED_NAME, list)).collect();
    }
    let each = fido2.profiles().iter().zip(&tenant.policy.profiles).enumerate();
    each.filter_map(|(index, (profile, compiled))| {
        let at = path("passkeyProfiles").then(index).then("keyRestrictions");
        Some((at, compiled.name.as_str(), profile.key_restrictions.as_ref()?))
    })
    .collect()
}

pub(super) fn check(report: &mut Report<'_>) {
    for (at, name, list) in lists(report.tenant) {
        entries(report, &at, name, list);
        let enforced = list.is_enforced.unwrap_or(false);
        let allow = list.enforcement_type.as_ref().is_some_and(|kind| kind.as_str() == "allow");
        if enforced && allow && list.aaguids().next().is_none() {
            let takes = report.tenant.switches().other(&switches::EMPTY_ALLOW_LIST);
            let effect = if takes { "which lab.json reads as taking every passkey" } else { "so it takes no passkey" };
            let message = format!("The allow list of “{name}” is enforced and names no AAGUID, {effect}.");
            report.policy(&EMPTY_ALLOW_LIST, &at.then("aaGuids"), message);
        }
        if !enforced && !list.entries().is_empty() {
            let message = format!("“{name}” lists {} AAGUIDs, and isEnforced is false.", list.entries().len());
            report.policy(&NOT_ENFORCED, &at.then("isEnforced"), message);
        }
    }
}

fn entries(report: &mut Report<'_>, at: &JsonPath, name: &str, list: &Fido2KeyRestrictions) {
    let mut seen = HashSet::new();
    for (index, entry) in list.entries().iter().enumerate() {
        let place = at.then("aaGuids").then(index);
        match entry.parse::<Aaguid>() {
            Err(_) => {
                let shown: String = entry.chars().take(60).flat_map(char::escape_debug).collect();
                let message = format!("“{shown}” in the list of “{name}” is no GUID and matches nothing.");
                report.policy(&MALFORMED, &place, message);
            }
            Ok(aaguid) if !seen.insert(aaguid) => {
                report.policy(&DUPLICATE, &place, format!("{aaguid} is in the list of “{name}” twice."));
            }
            Ok(_) => {}
        }
    }
}

/// The AAGUIDs of a tenant's lists that `known` does not know: a table that the caller has.
#[must_use]
pub fn check_aaguids(tenant: &Tenant, known: impl Fn(Aaguid) -> bool) -> Vec<TenantFinding> {
    let mut report = Report { tenant, findings: Vec::new() };
    for (at, name, list) in lists(tenant) {
        for (index, entry) in list.entries().iter().enumerate() {
            let Ok(aaguid) = entry.parse::<Aaguid>() else { continue };
            if !known(aaguid) {
                let message = format!("{aaguid} in the list of “{name}” is no AAGUID that the lab knows.");
                report.policy(&UNLISTED, &at.then("aaGuids").then(index), message);
            }
        }
    }
    report.findings
}
