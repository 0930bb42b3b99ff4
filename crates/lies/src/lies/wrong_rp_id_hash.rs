//! `wrong-rp-id-hash`.

use lab_protocol::Tamper;
use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use sha2::{Digest, Sha256};

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "wrong-rp-id-hash",
    does: "Signs for another site: the hash of evil.example stands where that of the RP ID belongs, at registration and at sign-in.",
    who: "An attacker who lets a passkey of one site answer for another; documentation samples that were made on \
          localhost do it by accident.",
    seams: &[Seam::AuthenticatorData],
    caught_by: &[
        Caught { check: "registration/rp-id-hash", when: "always" },
        Caught { check: "authentication/rp-id-hash", when: "always" },
    ],
    otherwise: "Browsers compare the hash too and refuse the reply; the lab's client does not, so that the relying \
                party is what is tested.",
    source: "Web Authentication Level 3, section 7.1 step 14 and section 7.2 step 15; the sample response of Graph's reference (2026-04).",
    quirks: &[],
    make: Make::Plain(|| Box::new(WrongRpIdHash)),
};

/// A domain that is nobody's (RFC 2606).
const ELSEWHERE: &str = "evil.example";

struct WrongRpIdHash;

impl Tamper for WrongRpIdHash {
    fn authenticator_data(&mut self, _ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        draft.rp_id_hash = Sha256::digest(ELSEWHERE).into();
    }
}
