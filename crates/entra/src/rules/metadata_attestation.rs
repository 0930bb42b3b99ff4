//! Attested by certificates and FIDO metadata.

use std::fmt;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Rule, Stage};
use crate::aaguids;
use crate::attestation::Level;
use crate::evaluate::{Registering, Subject};
use crate::reason::{Cause, noted, passed};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/metadata-attestation",
        Document::Entra,
        "attestation requirements for vendors of security keys",
        "The attestation is “packed”, its certificates chain to a root in FIDO's metadata, and the model is certified.",
    )
    .step(7)
    .cannot_fail("it concludes; a profile that enforces attestation decides"),
    what: "Whether a security key counts as attested, in this order: packed with certificates, not Windows Hello; an \
           entry in FIDO's metadata; a whole chain to a root of that entry; an entry that Microsoft has read \
           already (switch newInMetadata); no status such as REVOKED (switch adverseStatus); FIDO certified at any \
           level; FIDO 2.0 or later; user verification; resident keys; hmac-secret or PRF.",
    why: "Microsoft reads FIDO's metadata about once a month, so a new model can lag by up to four weeks. \
          `--metadata BLOB` brings a BLOB to look into, `--metadata lab:SCENARIO` one to rehearse with; without one \
          the models' own files say what metadata says of them.",
    example: "A YubiKey 5 with its vendor's chain is attested; Windows Hello (“tpm”) is not.",
    graph_property: "fido2AuthenticationMethod.attestationLevel",
    evidence: Evidence::Documented,
    source: &source::VENDORS,
    switches: &[&switches::CERTIFICATION_UNCHECKED, &switches::NEW_IN_METADATA, &switches::ADVERSE_STATUS],
    stage: Stage::Registration(judge),
};

/// Why the passkey does or does not count as attested.
#[derive(Debug)]
pub(super) struct Concluded(pub(super) Level);

impl fmt::Display for Concluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.attested() {
            Some(true) => write!(f, "The passkey is attested: {}.", self.0),
            Some(false) => write!(f, "The passkey is not attested: {}.", self.0),
            None => write!(f, "Whether the passkey is attested is not known: {}.", self.0),
        }
    }
}

impl Cause for Concluded {}

pub(super) fn conclusion<'a>(level: &Level) -> Finding<'a> {
    let concluded = Concluded(level.clone());
    let mut finding = if level.attested() == Some(true) { passed(concluded) } else { noted(concluded) };
    finding.actual = Some(level.name().into());
    finding
}

fn judge<'a>(subject: &Subject<'a>, registering: &Registering<'a>) -> Finding<'a> {
    if aaguids::is_authenticator(subject.passkey.aaguid) {
        return Finding::not_applicable();
    }
    conclusion(&registering.level)
}
