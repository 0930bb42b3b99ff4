//! Where attestation is not enforced, the format is one that Entra takes.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, Rule, Stage};
use crate::evaluate::{Registering, Subject};
use crate::policy::Attestation;
use crate::reason::{Plain, refused};
use crate::source::{self, Evidence};

/// How long the name of a custom format may be, in characters.
pub const LONGEST_FORMAT: usize = 32;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/statement-format",
        Document::Entra,
        "attestation requirements for vendors, when not enforced",
        "Where the profile does not enforce attestation, the name of the format has at most 32 characters.",
    )
    .step(8),
    what: "Which attestation formats are taken where attestation is not enforced: none, tpm, packed, and custom ones \
           with a name of at most 32 characters.",
    why: "The statement is taken and proves nothing.",
    example: "Windows Hello registers with “tpm” in a profile that does not enforce attestation.",
    graph_property: "passkeyProfile.attestationEnforcement",
    evidence: Evidence::Documented,
    source: &source::VENDORS,
    switches: &[],
    stage: Stage::RegistrationProfile(judge),
};

fn judge<'a>(_: &Subject<'a>, registering: &Registering<'a>, held: &Held<'a>) -> Finding<'a> {
    let demand = held.profile.demands.attestation.as_str();
    if held.profile.attestation != Attestation::NotEnforced {
        return held.not_applicable();
    }
    let format = registering.attestation.format;
    let length = format.chars().count();
    if (1..=LONGEST_FORMAT).contains(&length) {
        return Finding::pass().values(demand, format);
    }
    refused(Plain {
        sentence: "the name of its attestation format is empty or has more than 32 characters.",
        advice: Some("Use an authenticator whose attestation format is registered with IANA."),
    })
    .values(demand, format)
}
