//! Synced passkeys that were there before attestation was enforced.

use std::fmt;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, ProfileRef, Rule, Stage};
use crate::evaluate::Subject;
use crate::graph::PasskeyType;
use crate::policy::Attestation;
use crate::reason::{Cause, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/synced-after-attestation",
        Document::Entra,
        "passkey profiles, changes and registered passkeys",
        "A registered synced passkey keeps working after attestation was enforced.",
    )
    .step(8),
    what: "Whether a synced passkey still signs in under a profile that enforces attestation by now.",
    why: "Attestation is judged at registration only, so that unattested passkeys keep working. Nobody says so of synced \
          ones, which could not be registered any more; nor of a tenant without profiles.",
    example: "The default profile begins to enforce attestation: iCloud Keychain passkeys still sign in.",
    graph_property: "passkeyProfile.attestationEnforcement, isAttestationEnforced",
    evidence: Evidence::Assumed,
    source: &source::PROFILES,
    switches: &[&switches::SYNCED_AFTER_ATTESTATION, &switches::SYNCED_AFTER_LEGACY_ATTESTATION],
    stage: Stage::SignInProfile(judge),
};

#[derive(Debug)]
struct NoLonger(ProfileRef);

impl fmt::Display for NoLonger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attestation is enforced by {}, and lab.json has that end synced passkeys.", self.0.name())
    }
}

impl Cause for NoLonger {
    fn advice(&self) -> Option<String> {
        Some("Register a device-bound passkey, or stop enforcing attestation.".to_owned())
    }
}

fn judge<'a>(subject: &Subject<'a>, held: &Held<'a>) -> Finding<'a> {
    let profile = held.profile;
    if subject.kind != PasskeyType::Synced || profile.attestation != Attestation::Enforced {
        return held.not_applicable();
    }
    let switch = match profile.implied {
        true => &switches::SYNCED_AFTER_LEGACY_ATTESTATION,
        false => &switches::SYNCED_AFTER_ATTESTATION,
    };
    let demand = profile.demands.attestation.as_str();
    if subject.policy.switches.other(switch) {
        return refused(NoLonger(ProfileRef::of(subject, held))).values(demand, "synced");
    }
    Finding::pass().values(demand, "synced")
}
