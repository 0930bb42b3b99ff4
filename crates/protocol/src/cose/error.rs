//! What can be wrong with a COSE_Key.

use super::Algorithm;
use crate::cbor;
use crate::trace::Reason;

/// Why a COSE_Key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not canonical CBOR.
    #[error("the COSE_Key is not canonical CBOR: {0}")]
    Cbor(#[from] cbor::Error),
    /// Not a COSE_Key at all.
    #[error("the map is no COSE_Key: {0}")]
    Cose(String),
    /// Member 3 is missing.
    #[error("the COSE_Key names no algorithm (label 3)")]
    NoAlgorithm,
    /// The algorithm is not an integer.
    #[error("the algorithm (label 3) is a text, expected a number")]
    TextAlgorithm,
    /// Key type and algorithm do not belong together.
    #[error("key type {kty} does not belong to {alg}")]
    KeyType {
        /// The algorithm.
        alg: Algorithm,
        /// The key type found.
        kty: i64,
    },
    /// The curve is not the one that the algorithm is bound to.
    #[error("{alg} demands curve {expected}, found {}", .found.map_or("none".to_owned(), |c| c.to_string()))]
    CurveMismatch {
        /// The algorithm.
        alg: Algorithm,
        /// The curve of `webauthn-3 §5.8.5`.
        expected: i64,
        /// The curve found.
        found: Option<i64>,
    },
    /// A member is missing or of another type.
    #[error("the member {member} is missing or no byte string")]
    Member {
        /// Its name.
        member: &'static str,
    },
    /// The point is in compressed form.
    #[error("the y coordinate is a sign bit: the compressed point form is not allowed")]
    Compressed,
    /// A member of another length.
    #[error("{member} has {found} bytes, expected {expected}")]
    Length {
        /// Its name.
        member: &'static str,
        /// The length that the algorithm demands.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// An RSA modulus that nobody should use, or that would cost too much.
    #[error("the RSA modulus has {found} bits, expected 2048 to 8192")]
    Modulus {
        /// The number of bits found.
        found: usize,
    },
    /// An RSA exponent under which signatures can be forged or that is no exponent.
    #[error("the RSA exponent is {found}, expected an odd number of at least 3 in at most 4 bytes")]
    Exponent {
        /// The exponent found, in hexadecimal.
        found: String,
    },
    /// Superfluous leading zeros.
    #[error("{member} starts with superfluous zeros")]
    LeadingZero {
        /// Its name.
        member: &'static str,
    },
}

impl Reason for KeyError {}
