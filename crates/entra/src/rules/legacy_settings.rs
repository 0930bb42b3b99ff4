//! Legacy settings beside profiles.

use std::fmt;

use lab_protocol::Aaguid;
use lab_protocol::trace::{Check, Document, Finding};

use super::key_restrictions::takes;
use super::{Rule, Stage};
use crate::aaguids::Named;
use crate::evaluate::Subject;
use crate::graph::PasskeyType;
use crate::policy::{Attestation, Profile};
use crate::reason::{Cause, refused, undecided};
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
    switches: &[&switches::LEGACY_SETTINGS, &switches::EMPTY_ALLOW_LIST, &switches::CERTIFICATION_UNCHECKED],
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
            Self::Attestation => {
                f.write_str("isAttestationEnforced is true, and the passkey is synced or not attested.")
            }
        }
    }
}

impl Cause for Contradicted {
    fn advice(&self) -> Option<String> {
        Some("Bring the legacy settings in line with the profiles, or take legacySettings out of lab.json.".to_owned())
    }
}

#[derive(Debug)]
enum NotKnown {
    Restriction,
    Attestation,
}

impl fmt::Display for NotKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restriction => {
                "the policy's own keyRestrictions are enforced, and their enforcementType is missing or one that the \
                 lab does not know."
            }
            Self::Attestation => {
                "isAttestationEnforced is true, and whether the passkey is attested could not be told."
            }
        })
    }
}

impl Cause for NotKnown {}

fn judge<'a>(subject: &Subject<'a>) -> Finding<'a> {
    let Some(legacy) = &subject.policy.legacy else { return Finding::not_applicable() };
    if !subject.policy.switches.other(&switches::LEGACY_SETTINGS) {
        return Finding::not_applicable();
    }
    let aaguid = subject.passkey.aaguid;
    let (listed, attested) = (takes(&legacy.keys, aaguid, subject.policy.switches), attested(subject, legacy));
    match (listed, attested) {
        (Some(false), _) => refused(Contradicted::Listed(aaguid)),
        (_, Some(false)) => refused(Contradicted::Attestation),
        (None, _) => undecided(NotKnown::Restriction),
        (_, None) => undecided(NotKnown::Attestation),
        (Some(true), Some(true)) => Finding::pass(),
    }
}

/// Whether isAttestationEnforced is met, which leaves synced passkeys out; `None` where the lab cannot tell.
fn attested(subject: &Subject<'_>, legacy: &Profile) -> Option<bool> {
    match (&subject.registering, &legacy.attestation) {
        (Some(_), Attestation::Enforced) if subject.kind == PasskeyType::Synced => Some(false),
        (Some(registering), Attestation::Enforced) => registering.level.attested(),
        _ => Some(true),
    }
}
