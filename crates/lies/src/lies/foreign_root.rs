//! `foreign-root`.

use lab_protocol::tamper::{Root, Signer, StatementPlan};
use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::{Aaguid, Tamper};

use super::certificate_of::algorithm;
use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "foreign-root",
    does: "Attests in the model's own format, packed where it has none, with certificates that are right in every \
           detail, AAGUID included, under a root that nobody trusts.",
    who: "Whoever can run a certificate authority on a laptop: the certificate copies the vendor's names, and only its \
          issuer is wrong.",
    seams: &[Seam::AuthenticatorData, Seam::StatementPlan],
    caught_by: &[
        Caught { check: "attestation/trust-path", when: "a recorded case is verified with trust anchors" },
        Caught { check: "entra/attestation", when: "the profile enforces attestation" },
    ],
    otherwise: "Without anchors the statement is valid and untrusted. Entra ID takes it where attestation is not \
                enforced: set attestationEnforcement to registrationOnly.",
    source: "DSInternals.Passkeys (2026-06) and public scripts (2026-04) register self-signed certificates in live tenants.",
    quirks: &[],
    make: Make::Plain(|| Box::new(ForeignRoot(Aaguid::ZERO))),
};

/// The AAGUID that the registration names: the data is drafted before the statement is planned.
struct ForeignRoot(Aaguid);

impl Tamper for ForeignRoot {
    fn authenticator_data(&mut self, _ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        if let Some(attested) = &draft.attested {
            self.0 = attested.aaguid;
        }
    }

    fn statement_plan(&mut self, plan: &mut StatementPlan) {
        let fmt = if matches!(plan.signer, Signer::Model { .. }) { plan.fmt.as_str() } else { "packed" };
        let signer = Signer::Model { aaguid: self.0, alg: algorithm(plan), root: Root::Foreign, serial: None };
        *plan = StatementPlan { fmt: fmt.to_owned(), signer };
    }
}
