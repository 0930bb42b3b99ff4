//! Making attestation statements, as the makers of authenticators do: one file for each format, with the
//! statement and the hierarchy of its maker's certificates.

mod android_key;
mod android_safetynet;
mod apple;
mod apple_appattest;
mod compound;
mod error;
mod fido_u2f;
mod none;
mod packed;
mod tpm;

use ciborium::Value;
use jiff::Timestamp;
use lab_protocol::Random;

use crate::keys::SigningKey;
use crate::sha256;
use crate::vendors::Maker;

pub use crate::vendors::{
    Attestor, Certified, Certifying, KeptRoot, KeptRootError, OwnAuthority, OwnAuthorityError, SecurityLevel,
    SelfSigned, VendorModel, Vendors, VendorsOptions, Wanted,
};
pub use error::EmitError;

/// A statement, ready for an attestation object.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The attestation statement format identifier.
    pub fmt: String,
    /// The statement, its members in canonical order.
    pub att_stmt: Value,
}

/// What an authenticator knows when it attests.
pub struct Attest<'a> {
    /// The authenticator data, as it will be sent.
    pub auth_data: &'a [u8],
    /// SHA-256 of the client data.
    pub client_data_hash: &'a [u8; 32],
    /// The credential's key.
    pub credential: &'a SigningKey,
    /// What attests for the model, made for this format; without it the credential attests itself, where
    /// the format lets it.
    pub attestor: Option<&'a Attestor>,
    /// The time, for formats that write it down.
    pub now: Timestamp,
    /// Where salts and counters come from.
    pub rng: &'a mut dyn Random,
}

impl<'a> Attest<'a> {
    /// What almost every format signs: authenticator data and the hash of the client data.
    fn message(&self) -> Vec<u8> {
        [self.auth_data, self.client_data_hash].concat()
    }

    /// The hash of it, which some formats call nonce.
    fn nonce(&self) -> [u8; 32] {
        sha256(&self.message())
    }

    /// The key that a maker put into the authenticator.
    fn certified(&self, fmt: &'static str) -> Result<&'a Certified, EmitError> {
        match self.attestor {
            Some(Attestor::Certified(certified)) => Ok(certified),
            _ => Err(EmitError::Attestor { fmt }),
        }
    }

    /// The CA that certifies the credential.
    fn certifying(&self, fmt: &'static str) -> Result<&'a Certifying, EmitError> {
        match self.attestor {
            Some(Attestor::Certifying(certifying)) => Ok(certifying.as_ref()),
            _ => Err(EmitError::Attestor { fmt }),
        }
    }
}

/// A format, as it is made.
pub(crate) trait Format: Sync {
    /// The identifier in `fmt`.
    fn id(&self) -> &'static str;

    /// What its makers keep, or put into the authenticator, to attest.
    fn attestor(&self, _maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        Err(EmitError::Attestor { fmt: self.id() })
    }

    /// Whether each device has a certificate of its own.
    fn per_device(&self) -> bool {
        false
    }

    /// The statement.
    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError>;
}

/// The formats that are built, in the order of the specification.
static FORMATS: &[&dyn Format] = &[
    &packed::Packed,
    &tpm::Tpm,
    &android_key::AndroidKey,
    &android_safetynet::AndroidSafetyNet,
    &fido_u2f::FidoU2f,
    &none::NoAttestation,
    &apple::Apple,
    &apple_appattest::AppleAppAttest,
    &compound::Compound,
];

fn format(fmt: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == fmt)
}

/// The format with this identifier.
///
/// # Errors
/// [`EmitError::Format`].
pub(crate) fn known(fmt: &str) -> Result<&'static dyn Format, EmitError> {
    format(fmt).ok_or_else(|| EmitError::Format { fmt: fmt.to_owned() })
}

/// The identifiers of the formats that can be made.
pub fn formats() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.id())
}

/// Whether statements of this format can be made.
#[must_use]
pub fn can_emit(fmt: &str) -> bool {
    format(fmt).is_some()
}

/// Makes a statement of format `fmt`.
///
/// # Errors
/// A format that is not built, an attestor that is not of this format, or a credential that the format
/// cannot describe.
pub fn statement(fmt: &str, attest: Attest<'_>) -> Result<Statement, EmitError> {
    Ok(Statement { fmt: fmt.to_owned(), att_stmt: known(fmt)?.statement(attest)? })
}

/// The certificates as a member of a statement.
fn certificates<'c>(chain: impl IntoIterator<Item = &'c Vec<u8>>) -> Value {
    Value::Array(chain.into_iter().cloned().map(Value::Bytes).collect())
}

#[cfg(test)]
mod tests;
