//! Legacy settings beside profiles.

use std::fmt;

use lab_protocol::Aaguid;
use lab_protocol::trace::{Check, Document, Finding};

use super::{Rule, Stage};
use crate::aaguids::Named;
use crate::evaluate::Subject;
use crate::policy::{Attestation, Profile, Restriction};
use crate::reason::{Cause, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/legacy-settings",
        Document::Entra,
        "Graph, the v1.0 example of the passkey policy",
        "The deprecated settings beside the profiles take the passkey, where they still count.",
    )
    .step(8),
    what: "Whether isAttestationEnforced and the policy's own keyRestrictions count once there are profiles. They do not.",
    why: "In Graph's own example they contradict the default profile. They are deprecated, to go in October 2027.",
    example: "Profiles take any key while the legacy list blocks one: the key is taken.",
    graph_property: "fido2AuthenticationMethodConfiguration.isAttestationEnforced, keyRestrictions",
    evidence: Evidence::Assumed,
    source: &source::GRAPH_POLICY,
    switches: &[&switches::LEGACY_SETTINGS],
    stage: Stage::Passkey(judge),
};

#[derive(Debug)]
enum Contradicted {
    Listed(Aaguid),
    Attestation,
}

impl fmt::Display for Contradicted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(aaguid) => write!(f, "the policy's own keyRestrictions do not take {}.", Named(*aaguid)),
            Self::Attestation => f.write_str("isAttestationEnforced is true, and the passkey is not attested."),
        }
    }
}

impl Cause for Contradicted {
    fn advice(&self) -> Option<String> {
        Some("Bring the legacy settings in line with the profiles, or take legacySettings out of lab.json.".to_owned())
    }
}

fn judge<'a>(subject: &Subject<'a>) -> Finding<'a> {
    let Some(legacy) = &subject.policy.legacy else { return Finding::not_applicable() };
    if !subject.policy.switches.other(&switches::LEGACY_SETTINGS) {
        return Finding::not_applicable();
    }
    let listed = legacy.keys.lists(subject.passkey.aaguid);
    let restricted = match legacy.keys.restriction {
        Restriction::None | Restriction::Unknown(_) => false,
        Restriction::Allow => !listed,
        Restriction::Block => listed,
    };
    if restricted {
        return refused(Contradicted::Listed(subject.passkey.aaguid));
    }
    if unattested(subject, legacy) { refused(Contradicted::Attestation) } else { Finding::pass() }
}

fn unattested(subject: &Subject<'_>, legacy: &Profile) -> bool {
    let attested = subject.registering.as_ref().map(|registering| registering.level.attested());
    legacy.attestation == Attestation::Enforced && attested == Some(Some(false))
}
