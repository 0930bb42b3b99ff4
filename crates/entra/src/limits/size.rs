//! How much a policy may hold.

use super::{Page, Report, Severity, path};
use crate::graph::{Fido2AuthenticationMethodConfiguration, Fido2KeyRestrictions, JsonPath};
use crate::source::{self, Evidence};

/// How many profiles a tenant may have.
pub const MAX_PROFILES: usize = 10;
/// How many it could have before May 2026; the page of profiles still says so.
pub const OLDER_MAX_PROFILES: usize = 3;
/// The size that a passkey policy may have, in tenths of a byte (20 KB).
const BUDGET: usize = 200_000;

pub(super) static PAGES: &[&Page] = &[&TOO_MANY_PROFILES, &POLICY_SIZE];

static TOO_MANY_PROFILES: Page = Page {
    id: "tenant/too-many-profiles",
    severity: Severity::Error,
    what: "The tenant has more profiles than Entra takes.",
    why: "Ten since May 2026; the page of profiles still says three, so more than three is worth a warning.",
    hint: "Merge profiles that differ in little.",
    evidence: Evidence::Documented,
    source: &source::WHATS_NEW,
};

static POLICY_SIZE: Page = Page {
    id: "tenant/policy-size",
    severity: Severity::Error,
    what: "The passkey policy is near or over its 20 KB, estimated by Microsoft's yardsticks.",
    why: "Entra refuses a policy that is larger. Base 1.44 KB; target 0.23 KB, with five profiles 0.4 KB; profile 0.4 KB; \
          ten AAGUIDs 0.3 KB.",
    hint: "Shorten the lists of AAGUIDs: a block list is often shorter than an allow list.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

pub(super) fn check(report: &mut Report<'_>) {
    let fido2 = &report.tenant.fido2;
    let count = fido2.profiles().len();
    if count > OLDER_MAX_PROFILES {
        let severity = if count > MAX_PROFILES { Severity::Error } else { Severity::Warning };
        let message = format!(
            "The tenant has {count} profiles; Entra takes {MAX_PROFILES}, by an older page {OLDER_MAX_PROFILES}."
        );
        report.policy(&TOO_MANY_PROFILES, &path("passkeyProfiles"), message).severity = severity;
    }
    let size = estimate(fido2);
    if size > BUDGET / 10 * 9 {
        let severity = if size > BUDGET { Severity::Error } else { Severity::Warning };
        let (whole, hundredths) = (size / 10_000, size % 10_000 / 100);
        let message = format!("The policy takes about {whole}.{hundredths:02} KB of the 20 KB that it may have.");
        report.policy(&POLICY_SIZE, &JsonPath::default(), message).severity = severity;
    }
}

/// The size of a policy by Microsoft's yardsticks, in tenths of a byte.
fn estimate(fido2: &Fido2AuthenticationMethodConfiguration) -> usize {
    const BASE: usize = 14_400;
    const TARGET: usize = 2_300;
    const FURTHER_PROFILE: usize = 425;
    const PROFILE: usize = 4_000;
    const AAGUID: usize = 300;
    let list = |restrictions: &Option<Fido2KeyRestrictions>| {
        restrictions.as_ref().map_or(0, |list| list.entries().len() * AAGUID)
    };
    let targets = fido2.includes().iter().map(|target| {
        let profiles = target.allowed_passkey_profiles.as_ref().map_or(0, Vec::len);
        TARGET + profiles.saturating_sub(1) * FURTHER_PROFILE
    });
    let profiles = fido2.profiles().iter().map(|profile| PROFILE + list(&profile.key_restrictions));
    BASE + targets.sum::<usize>()
        + fido2.excludes().len() * TARGET
        + profiles.sum::<usize>()
        + list(&fido2.key_restrictions)
}
