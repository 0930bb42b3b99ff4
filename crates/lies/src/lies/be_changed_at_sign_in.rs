//! `be-changed-at-sign-in`.

use lab_protocol::Tamper;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::{Ceremony, Flags};

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "be-changed-at-sign-in",
    does: "Registers with the model's BE, and signs in with the opposite. BS goes where BE goes, so that only the change is wrong.",
    who: "A key that was moved from one store to another, or a script: public ones register with the flags 0x5d and \
          sign in with 0x05.",
    seams: &[Seam::AuthenticatorData],
    caught_by: &[Caught {
        check: "authentication/be-consistency",
        when: "the relying party refuses a change of backup eligibility: `verify` does, Entra ID by a switch in lab.json",
    }],
    otherwise: "Entra ID seems not to compare: what a passkey was at registration decides. Refuse the change in a \
                relying party of your own.",
    source: "nathanmcnulty/nathanmcnulty Entra/passkeys @05c1fd40 (2026-04-28); Web Authentication Level 3, section 7.2 step 19.",
    quirks: &[],
    make: Make::Plain(|| Box::new(BeChanged)),
};

struct BeChanged;

impl Tamper for BeChanged {
    fn authenticator_data(&mut self, ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        if ceremony == Ceremony::Authentication {
            let eligible = !draft.flags.has(Flags::BE);
            let backed_up = eligible && draft.flags.has(Flags::BS);
            draft.flags = draft.flags.with(Flags::BE, eligible).with(Flags::BS, backed_up);
        }
    }
}
