//! CTAP2 messages (`ctap-2.2 §6`): command bytes, status codes, requests and responses.

pub mod bio_enrollment;
pub mod client_pin;
mod command;
pub mod config;
pub mod credential_management;
mod encoded;
pub mod get_assertion;
pub mod get_info;
pub mod hmac_secret;
mod key_agreement;
pub mod large_blobs;
pub mod make_credential;
mod members;
mod message;
mod permissions;
mod status;
mod sub_command;

pub use command::Command;
pub use encoded::Encoded;
pub use key_agreement::KeyAgreement;
pub use members::{Descriptor, RpEntity, UserEntity};
pub use permissions::Permissions;
pub use status::StatusCode;
pub use sub_command::SubCommandRequest;

use crate::cbor::{self, Value};

/// Splits a reply into its status and its CBOR.
///
/// A reply without a byte is no reply; an unknown status survives as a [`StatusCode`].
#[must_use]
pub fn split_reply(reply: &[u8]) -> Option<(StatusCode, &[u8])> {
    reply.split_first().map(|(status, body)| (StatusCode(*status), body))
}

/// Joins a status and a body to a reply.
#[must_use]
pub fn reply(status: StatusCode, body: &[u8]) -> Vec<u8> {
    let mut reply = Vec::with_capacity(body.len() + 1);
    reply.push(status.0);
    reply.extend_from_slice(body);
    reply
}

/// A message whose parameters cannot be read, with the status that CTAP 2.3 recommends for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {error}")]
pub struct MessageError {
    /// What an authenticator answers.
    pub status: StatusCode,
    /// What is wrong, and where.
    pub error: cbor::Error,
}

impl From<cbor::Error> for MessageError {
    /// Not well-formed or not canonical: 0x12; a nested member missing or of the wrong type: 0x11.
    fn from(error: cbor::Error) -> Self {
        use cbor::ErrorKind as Kind;
        let status = match error.kind {
            Kind::Type { .. } | Kind::Missing(_) | Kind::Range => StatusCode::CBOR_UNEXPECTED_TYPE,
            Kind::Length { .. } => StatusCode::INVALID_LENGTH,
            Kind::Items { .. } => StatusCode::LIMIT_EXCEEDED,
            _ => StatusCode::INVALID_CBOR,
        };
        Self { status, error }
    }
}

impl MessageError {
    /// A required top-level parameter is missing: 0x14.
    fn missing(name: &'static str) -> Self {
        let error = cbor::Error { offset: 0, kind: cbor::ErrorKind::Missing(name) };
        Self { status: StatusCode::MISSING_PARAMETER, error }
    }
}

/// Members that nobody knows yet, by key.
pub type Unknown = Vec<(Value, Value)>;

#[cfg(test)]
mod tests;
