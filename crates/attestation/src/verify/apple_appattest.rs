//! `apple-appattest`: Apple attests the key of an app (Apple, “Validating apps that connect to your server”). The
//! RP ID is the App ID, and the credential id names the key.

mod identity;

use lab_protocol::trace::{Check, Document, Trace};

use super::{Attested, Format, Input, Kind};
use crate::apple_nonce;
use crate::layout::member;
use crate::note::Note;
use crate::record::{record, syntax};
use crate::statement::{Form, Members, StatementError};
use crate::x5c;
use crate::x509::Certificate;

pub use identity::{AppAaguidError, CounterError, KeyIdError};

/// The format.
pub(super) struct AppleAppAttest;

static SYNTAX: Check = Check::new(
    "attestation/appattest-syntax",
    Document::AppAttest,
    "Verify the attestation",
    "An apple-appattest statement has a non-empty x5c of certificates, and a receipt.",
)
.hint("The app or something behind it writes the statement wrongly; no setting of the relying party helps.");

static NONCE: Check = Check::new(
    "attestation/appattest-nonce",
    Document::AppAttest,
    "Verify the attestation",
    "The certificate carries SHA-256 over the authenticator data and the client data hash as nonce.",
)
.step(4)
.hint("The certificate was made in another ceremony: somebody replays it.");

static KEY: Check = Check::new(
    "attestation/appattest-key",
    Document::Lab,
    "App Attest",
    "The key of the first certificate is the credential public key.",
)
.hint("The certificate is that of another key: Apple makes one for each, so nothing is proven about this one.");

static KEY_ID: Check = Check::new(
    "attestation/appattest-key-id",
    Document::AppAttest,
    "Verify the attestation",
    "The credential id is SHA-256 of the certificate's public key, an uncompressed point.",
)
.step(5)
.hint("The credential id is made up: App Attest has no other name for a key than its hash.");

static COUNTER: Check = Check::new(
    "attestation/appattest-counter",
    Document::AppAttest,
    "Verify the attestation",
    "The signature counter of a new key is 0.",
)
.step(7)
.hint("The key has signed before: somebody attests a used one.");

static AAGUID: Check = Check::new(
    "attestation/appattest-aaguid",
    Document::AppAttest,
    "Verify the attestation",
    "The AAGUID is “appattest” and seven zero bytes: the app comes from Apple's store.",
)
.step(8)
.hint("Install the app from the App Store or by TestFlight.")
.policy(
    "Whether the development environment (“appattestdevelop”) is accepted.",
    "It is refused; `appAttestDevelopment: note` takes it.",
);

static CHECKS: &[&Check] = &[&SYNTAX, &NONCE, &KEY, &KEY_ID, &COUNTER, &AAGUID];

struct Statement<'a> {
    x5c: Vec<&'a [u8]>,
    leaf: Certificate<'a>,
    notes: Vec<Note>,
}

impl<'a> Statement<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, StatementError> {
        let members = Members::parse(bytes, &[(member::X5C, Form::Chain), (member::RECEIPT, Form::Bytes)])?;
        members.bytes(member::RECEIPT)?;
        let x5c = members.chain()?;
        let leaf = x5c::leaf(&x5c)?;
        Ok(Self { x5c, leaf, notes: members.notes })
    }
}

impl Format for AppleAppAttest {
    fn id(&self) -> &'static str {
        "apple-appattest"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let Statement { x5c, leaf, notes } =
            syntax(trace, CHECKS, Statement::parse(input.att_stmt), |statement| &statement.notes)?;
        let data = input.auth_data;
        let holds = [
            record(trace, &NONCE, apple_nonce::judge(&leaf, data, input.client_data_hash)),
            record(trace, &KEY, input.credential_key.judge(|key| x5c::same_key(&leaf, key))),
            record(trace, &KEY_ID, identity::key_id(&leaf, data)),
            record(trace, &COUNTER, identity::counter(data)),
            record(trace, &AAGUID, identity::aaguid(data, input.policy)),
        ];
        let path = x5c.iter().map(|der| der.to_vec()).collect();
        holds.iter().all(|holds| *holds).then(|| Attested::new(Kind::AnonCa, path, notes))
    }
}

#[cfg(test)]
mod tests;
