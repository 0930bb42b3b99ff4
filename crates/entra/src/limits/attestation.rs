//! Attestation and what cannot bring it.

use lab_protocol::Aaguid;

use super::{Page, Report, Severity, path, some};
use crate::aaguids::{self, Named};
use crate::graph::JsonPath;
use crate::policy::{Attestation, Profile, Restriction};
use crate::source::{self, Evidence};

pub(super) static PAGES: &[&Page] =
    &[&WITH_SYNCED, &ONLY_SYNCED, &UNATTESTABLE, &AUTHENTICATOR_ONLY, &LIST_IS_GUIDANCE];

static WITH_SYNCED: Page = Page {
    id: "tenant/attestation-with-synced",
    severity: Severity::Warning,
    what: "A profile enforces attestation and takes synced passkeys.",
    why: "Synced passkeys bring no attestation: none can be registered under this profile.",
    hint: "Set passkeyTypes to “deviceBound”, or stop enforcing attestation.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

static ONLY_SYNCED: Page = Page {
    id: "tenant/attestation-synced-only",
    severity: Severity::Error,
    what: "A profile enforces attestation and takes synced passkeys only.",
    why: "No passkey can be registered under this profile.",
    hint: "Stop enforcing attestation, or take device-bound passkeys.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

static UNATTESTABLE: Page = Page {
    id: "tenant/attestation-unattestable-aaguid",
    severity: Severity::Warning,
    what: "A profile enforces attestation and allows models that cannot attest to Entra.",
    why: "Windows Hello sends “tpm” and synced providers send nothing; only “packed” with certificates counts.",
    hint: "Put these AAGUIDs on the allow list of a profile that does not enforce attestation.",
    evidence: Evidence::Documented,
    source: &source::VENDORS,
};

static AUTHENTICATOR_ONLY: Page = Page {
    id: "tenant/attestation-authenticator-only",
    severity: Severity::Info,
    what: "A profile enforces attestation and allows Microsoft Authenticator only.",
    why: "Its users must register inside the app: by QR code or in the browser it does not work, and while Apple's or \
          Google's service is down nobody can.",
    hint: "Say so in the instructions, or allow a security key as well.",
    evidence: Evidence::Documented,
    source: &source::AUTHENTICATOR,
};

static LIST_IS_GUIDANCE: Page = Page {
    id: "tenant/aaguid-list-without-attestation",
    severity: Severity::Warning,
    what: "A profile restricts AAGUIDs and does not enforce attestation.",
    why: "The AAGUID is what the passkey says of itself: a lying authenticator passes the list.",
    hint: "Enforce attestation where the list matters; take it as guidance elsewhere.",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
};

pub(super) fn check(report: &mut Report<'_>) {
    let policy = &report.tenant.policy;
    for (index, profile) in policy.profiles.iter().enumerate() {
        let at = if profile.implied { JsonPath::default() } else { path("passkeyProfiles").then(index) };
        match profile.attestation {
            Attestation::Enforced => enforced(report, &at, profile),
            Attestation::NotEnforced => not_enforced(report, &at, profile),
            Attestation::Unknown(_) => {}
        }
    }
}

fn enforced(report: &mut Report<'_>, at: &JsonPath, profile: &Profile) {
    let name = &profile.name;
    match (profile.types.device_bound, profile.types.synced) {
        (false, true) => {
            let message =
                format!("“{name}” takes synced passkeys only and enforces attestation: nothing can be registered.");
            report.policy(&ONLY_SYNCED, &at.then("passkeyTypes"), message);
        }
        (true, true) => {
            let message =
                format!("“{name}” takes synced passkeys and enforces attestation, which none of them brings.");
            report.policy(&WITH_SYNCED, &at.then("passkeyTypes"), message);
        }
        _ => {}
    }
    if profile.keys.restriction != Restriction::Allow {
        return;
    }
    let list = at.then("keyRestrictions").then("aaGuids");
    let listed = &profile.keys.aaguids;
    let never: Vec<_> = listed.iter().copied().filter(|aaguid| aaguids::is_unattestable(*aaguid)).map(Named).collect();
    if !never.is_empty() {
        let message = format!("“{name}” enforces attestation and allows {}, which cannot attest.", some(&never));
        report.policy(&UNATTESTABLE, &list, message);
    }
    if !listed.is_empty() && listed.iter().all(|aaguid: &Aaguid| aaguids::is_authenticator(*aaguid)) {
        let message =
            format!("“{name}” takes Microsoft Authenticator only, attested: it must be registered inside the app.");
        report.policy(&AUTHENTICATOR_ONLY, &list, message);
    }
}

fn not_enforced(report: &mut Report<'_>, at: &JsonPath, profile: &Profile) {
    if matches!(profile.keys.restriction, Restriction::Allow | Restriction::Block) {
        let message =
            format!("“{}” restricts AAGUIDs without enforcing attestation: the list is guidance.", profile.name);
        report.policy(&LIST_IS_GUIDANCE, &at.then("keyRestrictions"), message);
    }
}
