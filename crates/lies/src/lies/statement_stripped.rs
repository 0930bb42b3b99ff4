//! `statement-stripped`.

use lab_protocol::Tamper;
use lab_protocol::cbor::Value;

use crate::page::{Caught, Make, Page, Seam};

pub(super) static PAGE: Page = Page {
    name: "statement-stripped",
    does: "Replaces the attestation by none after it was signed. The AAGUID stays.",
    who: "Browser extensions that sit between page and key, privacy settings, and clients that ask the person and are \
          told no.",
    seams: &[Seam::Statement],
    caught_by: &[
        Caught { check: "entra/attestation", when: "the profile enforces attestation" },
        Caught {
            check: "registration/trust",
            when: "the relying party's policy refuses registrations without attestation",
        },
    ],
    otherwise: "Nothing signs the absence of a statement, so this is a valid registration without attestation. Where \
                attestation is not enforced it is taken, AAGUID and all.",
    source: "Web Authentication Level 3, section 5.4.7 and section 8.7.",
    quirks: &[],
    make: Make::Plain(|| Box::new(StatementStripped)),
};

struct StatementStripped;

impl Tamper for StatementStripped {
    fn statement(&mut self, fmt: &mut String, statement: &mut Value) {
        "none".clone_into(fmt);
        *statement = Value::Map(Vec::new());
    }
}
