//! `apple` (`webauthn-3 §8.8`): Apple certifies each credential key anew, and names nobody.

use lab_protocol::trace::{Check, Document, Trace};

use super::{Attested, Format, Input, Kind};
use crate::apple_nonce;
use crate::layout::member;
use crate::note::Note;
use crate::record::{record, syntax};
use crate::statement::{Form, Members, StatementError};
use crate::x5c;
use crate::x509::Certificate;

/// The format.
pub(super) struct Apple;

static SYNTAX: Check = Check::new(
    "attestation/apple-syntax",
    Document::WebAuthn3,
    "8.8",
    "An apple statement has a non-empty x5c of certificates.",
)
.hint("The device or something behind it writes the statement wrongly; no setting of the relying party helps.");

static NONCE: Check = Check::new(
    "attestation/apple-nonce",
    Document::WebAuthn3,
    "8.8",
    "The certificate carries SHA-256 over the authenticator data and the client data hash as nonce.",
)
.hint("The certificate was made in another ceremony: somebody replays it.");

static KEY: Check = Check::new(
    "attestation/apple-key",
    Document::WebAuthn3,
    "8.8",
    "The key of the first certificate is the credential public key.",
)
.hint("The certificate is that of another key: Apple makes one for each, so nothing is proven about this one.");

static CHECKS: &[&Check] = &[&SYNTAX, &NONCE, &KEY];

struct Statement<'a> {
    x5c: Vec<&'a [u8]>,
    leaf: Certificate<'a>,
    notes: Vec<Note>,
}

impl<'a> Statement<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, StatementError> {
        let members = Members::parse(bytes, &[(member::X5C, Form::Chain)])?;
        let x5c = members.chain()?;
        let leaf = x5c::leaf(&x5c)?;
        Ok(Self { x5c, leaf, notes: members.notes })
    }
}

impl Format for Apple {
    fn id(&self) -> &'static str {
        "apple"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let Statement { x5c, leaf, notes } =
            syntax(trace, CHECKS, Statement::parse(input.att_stmt), |statement| &statement.notes)?;
        let holds = [
            record(trace, &NONCE, apple_nonce::judge(&leaf, input.auth_data, input.client_data_hash)),
            record(trace, &KEY, input.credential_key.judge(|key| x5c::same_key(&leaf, key))),
        ];
        let path = x5c.iter().map(|der| der.to_vec()).collect();
        holds.iter().all(|holds| *holds).then(|| Attested::new(Kind::AnonCa, path, notes))
    }
}

#[cfg(test)]
mod tests;
