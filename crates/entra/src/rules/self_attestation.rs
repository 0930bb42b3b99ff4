//! Where attestation is not enforced, `packed` has certificates.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, Rule, Stage};
use crate::candidate::AttestationKind;
use crate::evaluate::{Registering, Subject};
use crate::policy::Attestation;
use crate::reason::{Plain, noted, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/self-attestation",
        Document::Entra,
        "web registration scripts",
        "Where the profile does not enforce attestation, a packed statement carries certificates.",
    )
    .step(8),
    what: "Whether a packed self attestation, signed with the passkey's own key, is taken where attestation is not enforced.",
    why: "A comment in public registration scripts says that the registration page refuses it, while packed with any \
          self-signed certificate is taken. The evidence is medium.",
    example: "A software authenticator that answers “direct” with self attestation is refused; with “none” it is taken.",
    graph_property: "passkeyProfile.attestationEnforcement",
    evidence: Evidence::Observed,
    source: &source::MCNULTY,
    switches: &[&switches::SELF_ATTESTATION],
    stage: Stage::RegistrationProfile(judge),
};

fn judge<'a>(subject: &Subject<'a>, registering: &Registering<'a>, held: &Held<'a>) -> Finding<'a> {
    let facts = registering.attestation;
    let demand = held.profile.demands.attestation.as_str();
    let asked = held.profile.attestation == Attestation::NotEnforced && facts.format == "packed";
    match (asked, facts.kind) {
        (false, _) => held.not_applicable(),
        (true, AttestationKind::SelfAttested) if subject.policy.switches.other(&switches::SELF_ATTESTATION) => {
            noted(Plain {
                sentence: "The packed statement is a self attestation, which lab.json has taken.",
                advice: None,
            })
        }
        (true, AttestationKind::SelfAttested) => refused(Plain {
            sentence: "its packed statement has no certificates: it attests itself.",
            advice: Some("Let the authenticator send no attestation (format “none”), or one with certificates."),
        })
        .values(demand, "packed without x5c"),
        (true, _) => Finding { expected: Some(demand.into()), ..Finding::pass() },
    }
}
