//! Profiles: the default one, ids and names, and who uses them.

use super::{Page, Report, Severity, path};
use crate::policy::same;
use crate::source::{self, Evidence};

pub(super) static PAGES: &[&Page] = &[&DEFAULT_MISSING, &DEFAULT_UNKNOWN, &SAME_ID, &SAME_NAME, &UNUSED];

static DEFAULT_MISSING: Page = Page {
    id: "tenant/default-profile-missing",
    severity: Severity::Warning,
    what: "The tenant has profiles and no defaultPasskeyProfile.",
    why: "The default profile is born with the first profile and cannot be deleted: the export is not complete.",
    hint: "Export the policy again.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static DEFAULT_UNKNOWN: Page = Page {
    id: "tenant/default-profile-unknown",
    severity: Severity::Error,
    what: "defaultPasskeyProfile names a profile that the tenant does not have.",
    why: "The default profile cannot be deleted, so the policy is not one that Entra gave out.",
    hint: "Correct the id.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static SAME_ID: Page = Page {
    id: "tenant/profiles-share-id",
    severity: Severity::Error,
    what: "Two profiles have the same id.",
    why: "A target that names the id reaches both.",
    hint: "Give each profile a GUID of its own.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static SAME_NAME: Page = Page {
    id: "tenant/profiles-share-name",
    severity: Severity::Warning,
    what: "Two profiles have the same name.",
    why: "Administrators cannot tell them apart, in the portal or in a verdict.",
    hint: "Rename one of them.",
    evidence: Evidence::Assumed,
    source: &source::LAB,
};

static UNUSED: Page = Page {
    id: "tenant/profile-unused",
    severity: Severity::Info,
    what: "No target allows this profile.",
    why: "Whatever it says reaches nobody.",
    hint: "Name it in allowedPasskeyProfiles of a target, or delete it (the default profile cannot be deleted).",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

pub(super) fn check(report: &mut Report<'_>) {
    let (fido2, policy) = (&report.tenant.fido2, &report.tenant.policy);
    if policy.implied {
        return;
    }
    match &fido2.default_passkey_profile {
        None => {
            let message = "defaultPasskeyProfile is missing although the tenant has profiles.".to_owned();
            report.policy(&DEFAULT_MISSING, &path("defaultPasskeyProfile"), message);
        }
        Some(id) if !policy.profiles.iter().any(|profile| same(&profile.id, id)) => {
            let message = format!("defaultPasskeyProfile is {id}, and no profile has this id.");
            report.policy(&DEFAULT_UNKNOWN, &path("defaultPasskeyProfile"), message);
        }
        Some(_) => {}
    }
    for (index, profile) in policy.profiles.iter().enumerate() {
        let at = path("passkeyProfiles").then(index);
        let earlier = || policy.profiles.iter().take(index);
        if earlier().any(|other| same(&other.id, &profile.id)) {
            report.policy(&SAME_ID, &at.then("id"), format!("The id {} is another profile's too.", profile.id));
        }
        if earlier().any(|other| other.name == profile.name) {
            report.policy(&SAME_NAME, &at.then("name"), format!("“{}” is another profile's name too.", profile.name));
        }
        if policy.targets_of(index).next().is_none() {
            report.policy(&UNUSED, &at, format!("No target allows the profile “{}”.", profile.name));
        }
    }
}
