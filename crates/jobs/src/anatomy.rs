//! A response byte by byte: every range named, nested, with its place, from the bytes as they are.
//!
//! Nothing here judges. What cannot be read is kept as a part too: “unreadable from here”. Parts of one
//! parent follow each other without a gap and cover it, so that whoever looks at a byte finds its name.

mod authenticator_data;
mod cbor;
mod certificate;
mod cutter;
mod der;
mod json;
mod jws;
mod shape;
mod tpm;

use lab_protocol::webauthn::{AuthenticationResponse, RegistrationResponse};
use serde::Serialize;

use crate::report::{Cell, Document as Page, Tone};
use cutter::Workshop;

/// The most parts of one response that are told apart.
pub const MAX_PARTS: usize = 20_000;

/// One byte string of a response, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Which one: `attestationObject`.
    pub name: String,
    /// Its length in bytes.
    pub length: usize,
    /// Its parts, in their order.
    pub parts: Vec<Part>,
}

/// A range of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is, in the words of whoever defined it.
    pub name: String,
    /// Where it begins, from the start of its document.
    pub offset: usize,
    /// Its length in bytes.
    pub length: usize,
    /// What it says, shortened for reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its parts, which cover it; none where it is one thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// The parts of a registration.
#[must_use]
pub fn of_registration(response: &RegistrationResponse) -> Vec<Document> {
    let mut workshop = Workshop::new();
    workshop.cut("clientDataJSON", &response.response.client_data_json, json::text);
    workshop.cut("attestationObject", &response.response.attestation_object, cbor::attestation_object);
    workshop.documents
}

/// The parts of an authentication.
#[must_use]
pub fn of_authentication(response: &AuthenticationResponse) -> Vec<Document> {
    let mut workshop = Workshop::new();
    workshop.cut("clientDataJSON", &response.response.client_data_json, json::text);
    workshop.cut("authenticatorData", &response.response.authenticator_data, authenticator_data::fields);
    workshop.cut("signature", &response.response.signature, der::signature);
    workshop.documents
}

/// An attestation object alone.
#[must_use]
pub fn of_attestation_object(bytes: &[u8]) -> Vec<Document> {
    let mut workshop = Workshop::new();
    workshop.cut("attestationObject", bytes, cbor::attestation_object);
    workshop.documents
}

/// Adds the documents for people: a table for each.
pub fn show(page: &mut Page, documents: &[Document]) {
    for document in documents {
        page.heading(format!("Anatomy of {} ({} bytes)", document.name, document.length));
        let mut rows = Vec::new();
        document.parts.iter().for_each(|part| part.rows(0, &mut rows));
        page.table(&["at", "bytes", "what", "value"], rows);
    }
}

/// The deepest indentation of a table.
const MAX_INDENT: usize = 24;

impl Part {
    fn rows(&self, depth: usize, rows: &mut Vec<Vec<Cell>>) {
        let indent = match depth {
            0 => String::new(),
            _ => "·".repeat(depth.min(MAX_INDENT)) + " ",
        };
        let tone = if self.name.starts_with(cutter::UNREADABLE) { Tone::Bad } else { Tone::Plain };
        rows.push(vec![
            self.offset.into(),
            self.length.into(),
            Cell::new(format!("{indent}{}", self.name), tone),
            Cell::new(self.value.as_deref().unwrap_or_default(), Tone::Dim),
        ]);
        self.parts.iter().for_each(|part| part.rows(depth + 1, rows));
    }
}

#[cfg(test)]
mod tests;
