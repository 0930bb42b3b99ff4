//! `aaguid-of:MODEL`.

use lab_protocol::ctap2::get_info;
use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::{Aaguid, Tamper};

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "aaguid-of",
    does: "Registers under the AAGUID of another model, and names it in getInfo too.",
    who: "A user whose authenticator is not on the allow list, or malware that wants to pass for the administrators' \
          Microsoft Authenticator: the number is public, and nothing but attestation binds it to a device.",
    seams: &[Seam::GetInfo, Seam::AuthenticatorData],
    caught_by: &[
        Caught {
            check: "attestation/packed-aaguid",
            when: "the statement has a certificate that names the real AAGUID",
        },
        Caught {
            check: "entra/attestation",
            when: "the profile enforces attestation, and the statement is none or a self attestation",
        },
        Caught { check: "entra/key-restrictions", when: "the profile's list does not take the AAGUID of the lie" },
    ],
    otherwise: "Without enforced attestation nobody can tell: an allow list is then guidance, not protection. Set \
                attestationEnforcement to registrationOnly in the profile that relies on the list.",
    source: "Microsoft Learn, passkey profiles (2026-03): without enforcement Entra vouches for nothing about a passkey.",
    quirks: &[],
    make: Make::Of(|model| Box::new(AaguidOf(model.aaguid()))),
};

struct AaguidOf(Aaguid);

impl Tamper for AaguidOf {
    fn get_info(&mut self, info: &mut get_info::Response) {
        info.aaguid = self.0;
    }

    fn authenticator_data(&mut self, _ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        if let Some(attested) = &mut draft.attested {
            attested.aaguid = self.0;
        }
    }
}
