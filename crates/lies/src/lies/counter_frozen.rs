//! `counter-frozen`.

use lab_protocol::Tamper;
use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "counter-frozen",
    does: "Reports the same signature counter, 1, at registration and at every sign-in. A model that counts nothing has \
           nothing to freeze: its zero stays.",
    who: "Two copies of one key that count apart, an assertion that is replayed, or firmware that forgets to store its counter.",
    seams: &[Seam::AuthenticatorData],
    caught_by: &[Caught {
        check: "authentication/sign-count",
        when: "the relying party refuses a counter that does not grow, as Entra ID does since May 2026",
    }],
    otherwise: "WebAuthn leaves it to the relying party, and a counter that stays at zero is legal: synced passkeys \
                have none, so their copies cannot be told apart at all.",
    source: "Web Authentication Level 3, section 6.1.1 and section 7.2 step 22; CVE-2026-34348, Black Hat USA 2026.",
    quirks: &[],
    make: Make::Plain(|| Box::new(CounterFrozen)),
};

/// The counter that never moves: no record of a counter is below it.
const FROZEN: u32 = 1;

struct CounterFrozen;

impl Tamper for CounterFrozen {
    fn authenticator_data(&mut self, _ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        draft.sign_count = draft.sign_count.min(FROZEN);
    }
}
