//! `certificate-of:MODEL`.

use lab_protocol::cose::Algorithm;
use lab_protocol::tamper::{Root, Signer, StatementPlan};
use lab_protocol::{Aaguid, Tamper};

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "certificate-of",
    does: "Attests as another model does: in its format, with its attestation key and certificates, under its vendor's \
           root.",
    who: "An attacker who took the attestation key out of one model and signs for all: a chain that ends in a trusted \
          root proves nothing about a model that it was not issued for.",
    seams: &[Seam::StatementPlan],
    caught_by: &[Caught {
        check: "attestation/packed-aaguid",
        when: "the certificate has the AAGUID extension, as it must where a root serves several models",
    }],
    otherwise: "A certificate without the extension is caught only by roots kept for each model, as FIDO's metadata \
                keeps them.",
    source: "Web Authentication Level 3, section 8.2, the AAGUID extension, and section 8.2.1.",
    quirks: &[],
    make: Make::Of(|model| {
        let attestation = &model.attestation;
        let fmt = if attestation.chain.is_certified() { attestation.format.as_str() } else { "packed" };
        Box::new(CertificateOf { aaguid: model.aaguid(), fmt: fmt.to_owned() })
    }),
};

struct CertificateOf {
    aaguid: Aaguid,
    /// The format in which the other model attests: its certificates are of no use in another.
    fmt: String,
}

impl Tamper for CertificateOf {
    fn statement_plan(&mut self, plan: &mut StatementPlan) {
        let signer = Signer::Model { aaguid: self.aaguid, alg: algorithm(plan), root: Root::StandIn, serial: None };
        *plan = StatementPlan { fmt: self.fmt.clone(), signer };
    }
}

/// The algorithm of the key that would have attested, or the one that almost every batch key has.
pub(super) const fn algorithm(plan: &StatementPlan) -> Algorithm {
    match plan.signer {
        Signer::Model { alg, .. } => alg,
        Signer::Credential => Algorithm::ES256,
    }
}
