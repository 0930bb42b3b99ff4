//! `uv-claimed`.

use lab_authenticator::Quirk;
use lab_protocol::Tamper;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::{Ceremony, Flags};

use crate::page::{Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "uv-claimed",
    does: "Asks nobody for a PIN, finger or face, and sets the flag UV all the same, at registration and at sign-in.",
    who: "Several password managers' browser extensions do it whenever their vault is open; a stolen, unlocked laptop \
          is enough.",
    seams: &[Seam::Model, Seam::AuthenticatorData],
    caught_by: &[],
    otherwise: "The flag is the authenticator's own word: no relying party can tell. Only attested models of a kind \
                that was certified for user verification give it weight.",
    source: "passkeys.dev, known issues of providers @1cfc09b (2026-04-10).",
    quirks: &[Quirk::UvWithoutVerification],
    make: Make::Plain(|| Box::new(UvClaimed)),
};

struct UvClaimed;

impl Tamper for UvClaimed {
    fn authenticator_data(&mut self, _ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        draft.flags = draft.flags.with(Flags::UV, true);
    }
}
