//! `be-hidden`.

use lab_protocol::Tamper;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::{Ceremony, Flags};

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "be-hidden",
    does: "Clears the flags BE and BS at registration and at every sign-in: a synced passkey says that it is device-bound.",
    who: "A provider that knows no better (KeePassXC copies its database freely and reports BE=0), or one that wants \
          past a policy for device-bound passkeys.",
    seams: &[Seam::AuthenticatorData],
    caught_by: &[
        Caught {
            check: "entra/attestation",
            when: "the profile enforces attestation, which synced providers cannot give",
        },
        Caught {
            check: "entra/key-restrictions",
            when: "the profile takes device-bound passkeys of listed models, and the provider is none of them",
        },
        Caught {
            check: "authentication/be-consistency",
            when: "it begins to hide BE after the registration, and lab.json has Entra refuse that",
        },
    ],
    otherwise: "The flags are the provider's own word, and consistent: nobody can tell. A profile for device-bound \
                passkeys keeps its promise only together with enforced attestation.",
    source: "keepassxreboot/keepassxc @95bae83; Microsoft Learn, passkey profiles (2026-03), attestation not enforced.",
    quirks: &[],
    make: Make::Plain(|| Box::new(BeHidden)),
};

struct BeHidden;

impl Tamper for BeHidden {
    fn authenticator_data(&mut self, _ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        draft.flags = draft.flags.with(Flags::BE, false).with(Flags::BS, false);
    }
}
