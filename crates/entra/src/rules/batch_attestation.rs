//! Where attestation is not enforced, ordinary batch certificates are taken.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, Rule, Stage};
use crate::candidate::AttestationKind;
use crate::evaluate::{Registering, Subject};
use crate::policy::Attestation;
use crate::reason::{Plain, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/batch-attestation",
        Document::Entra,
        "attestation requirements for vendors, when not enforced",
        "Where the profile does not enforce attestation, a packed statement with certificates is taken.",
    )
    .step(8),
    what: "Whether packed with an ordinary batch certificate is taken where attestation is not enforced.",
    why: "The vendors' page names AttCA only; live tenants take packed with any certificate.",
    example: "A YubiKey with its batch certificate registers in a profile without enforced attestation.",
    graph_property: "passkeyProfile.attestationEnforcement",
    evidence: Evidence::Assumed,
    source: &source::VENDORS,
    switches: &[&switches::BATCH_ATTESTATION],
    stage: Stage::RegistrationProfile(judge),
};

fn judge<'a>(subject: &Subject<'a>, registering: &Registering<'a>, held: &Held<'a>) -> Finding<'a> {
    let facts = registering.attestation;
    let demand = held.profile.demands.attestation.as_str();
    let batch = facts.format == "packed" && matches!(facts.kind, AttestationKind::Basic | AttestationKind::Unknown);
    if held.profile.attestation != Attestation::NotEnforced || !batch {
        return held.not_applicable();
    }
    if !subject.policy.switches.other(&switches::BATCH_ATTESTATION) {
        return Finding { expected: Some(demand.into()), ..Finding::pass() };
    }
    refused(Plain {
        sentence: "its packed statement has a batch certificate, and lab.json takes AttCA only.",
        advice: Some("Let the authenticator send no attestation, or take batchAttestationUnenforced out of lab.json."),
    })
    .values(demand, "packed with a batch certificate")
}
