//! Making attestation statements, as the makers of authenticators do: one file for each format.

mod none;
mod packed;

use ciborium::Value;
use lab_protocol::Random;

use crate::keys::{KeyError, SigningKey};

pub use crate::vendors::{Batch, VendorModel, Vendors, VendorsOptions};

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
    /// The attestation key of the model and its chain; without one the credential attests itself.
    pub batch: Option<&'a Batch>,
    /// Where salts come from.
    pub rng: &'a mut dyn Random,
}

/// Why there is no statement, or no certificate for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    /// No such format is built.
    #[error("statements of format “{fmt}” cannot be made; these can: {}", built())]
    Format {
        /// The format asked for.
        fmt: String,
    },
    /// There is no key of that algorithm.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The country of a model cannot stand in a certificate.
    #[error("the country “{found}” is no code of two letters, so no attestation certificate can name it")]
    Country {
        /// The country found.
        found: String,
    },
    /// The algorithm has no form in a certificate.
    #[error("a key of {alg} cannot be certified")]
    NoCertificate {
        /// The algorithm.
        alg: lab_protocol::cose::Algorithm,
    },
}

/// A format, as it is made.
trait Format: Sync {
    /// The identifier in `fmt`.
    fn id(&self) -> &'static str;

    /// The statement.
    fn statement(&self, attest: Attest<'_>) -> Value;
}

/// The formats that are built.
static FORMATS: &[&dyn Format] = &[&packed::Packed, &none::NoAttestation];

fn format(fmt: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == fmt)
}

fn built() -> String {
    FORMATS.iter().map(|format| format.id()).collect::<Vec<_>>().join(", ")
}

/// Whether statements of this format can be made.
#[must_use]
pub fn can_emit(fmt: &str) -> bool {
    format(fmt).is_some()
}

/// Makes a statement of format `fmt`.
///
/// # Errors
/// [`EmitError::Format`].
pub fn statement(fmt: &str, attest: Attest<'_>) -> Result<Statement, EmitError> {
    let format = format(fmt).ok_or_else(|| EmitError::Format { fmt: fmt.to_owned() })?;
    Ok(Statement { fmt: fmt.to_owned(), att_stmt: format.statement(attest) })
}

#[cfg(test)]
mod tests;
