//! `bs-without-be`.

use lab_protocol::Tamper;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::{Ceremony, Flags};

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "bs-without-be",
    does: "Clears BE and sets BS: backed up, but not eligible for it, which the specification forbids.",
    who: "A provider that computes the two flags in two places; a test of relying parties that look at one of them only.",
    seams: &[Seam::AuthenticatorData],
    caught_by: &[
        Caught { check: "registration/be-bs", when: "always" },
        Caught { check: "authentication/be-bs", when: "always" },
        Caught {
            check: "authentication/be-consistency",
            when: "the passkey was registered with BE, and lab.json has Entra refuse a change",
        },
    ],
    otherwise: "A relying party that skips the check classifies the passkey by whichever flag it happens to read.",
    source: "Web Authentication Level 3, section 6.1.3; section 7.1 step 17 and section 7.2 step 18.",
    quirks: &[],
    make: Make::Plain(|| Box::new(BsWithoutBe)),
};

struct BsWithoutBe;

impl Tamper for BsWithoutBe {
    fn authenticator_data(&mut self, _ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        draft.flags = draft.flags.with(Flags::BE, false).with(Flags::BS, true);
    }
}
