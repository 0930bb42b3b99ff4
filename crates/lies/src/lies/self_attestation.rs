//! `self-attestation`.

use lab_protocol::Tamper;
use lab_protocol::tamper::{Signer, StatementPlan};

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "self-attestation",
    does: "Keeps the model's known AAGUID and signs the packed statement with the new credential's own key.",
    who: "A software authenticator that gives itself a hardware key's AAGUID and has no certificate to show for it.",
    seams: &[Seam::StatementPlan],
    caught_by: &[
        Caught { check: "entra/self-attestation", when: "the profile does not enforce attestation" },
        Caught { check: "entra/attestation", when: "the profile enforces attestation" },
        Caught { check: "registration/trust", when: "the relying party's policy refuses self attestation" },
    ],
    otherwise: "By WebAuthn the statement is valid: it proves that somebody holds the new key, and nothing about the \
                model. Enforce attestation, or match the AAGUID's metadata, which says basic and not surrogate.",
    source: "Web Authentication Level 3, section 8.2; refused by Entra ID going by public registration scripts (2026-04).",
    quirks: &[],
    make: Make::Plain(|| Box::new(SelfAttestation)),
};

struct SelfAttestation;

impl Tamper for SelfAttestation {
    fn statement_plan(&mut self, plan: &mut StatementPlan) {
        *plan = StatementPlan { fmt: "packed".to_owned(), signer: Signer::Credential };
    }
}
