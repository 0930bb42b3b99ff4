//! `wrong-origin`.

use lab_protocol::Tamper;
use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::client_data::ClientDataDraft;

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "wrong-origin",
    does: "Puts a look-alike origin into the client data, at registration and at sign-in. Everything else is honest.",
    who: "A phishing page whose client does not keep the rules of RP IDs. Real browsers never get this far, which is \
          why passkeys resist phishing: the lie shows what the relying party does when one rule is gone.",
    seams: &[Seam::ClientData],
    caught_by: &[
        Caught { check: "registration/origin", when: "always" },
        Caught { check: "authentication/origin", when: "always" },
    ],
    otherwise: "A relying party that looks for its domain anywhere in the text, instead of comparing origins, takes it.",
    source: "Web Authentication Level 3, section 7.1 step 9, section 7.2 step 12 and section 13.4.9.",
    quirks: &[],
    make: Make::Plain(|| Box::new(WrongOrigin)),
};

/// Begins like the real one; the domain is nobody's (RFC 2606).
const LOOK_ALIKE: &str = "https://login.microsoft.com.evil.example";

struct WrongOrigin;

impl Tamper for WrongOrigin {
    fn client_data(&mut self, _ceremony: Ceremony, draft: &mut ClientDataDraft) {
        LOOK_ALIKE.clone_into(&mut draft.origin);
    }
}
