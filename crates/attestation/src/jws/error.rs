//! Why a text is no JWS, and why its signature is refused.

use lab_protocol::cose::Algorithm;
use lab_protocol::trace::Reason;

use super::MAX_X5C;
use super::object::ObjectError;
use crate::signature::SignatureError;

/// Why a text is no compact JWS: one variant for each cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// More bytes than are read.
    #[error("it has {found} bytes, at most {max_len} are read")]
    TooLong {
        /// The length found.
        found: usize,
        /// The most that the caller reads.
        max_len: usize,
    },
    /// Not UTF-8.
    #[error("byte {offset} is not UTF-8")]
    NotText {
        /// Where.
        offset: usize,
    },
    /// Not three parts.
    #[error("it has {found} parts between dots, expected 3: header, payload and signature")]
    Parts {
        /// How many there are.
        found: usize,
    },
    /// A part that is not base64url.
    #[error("its {part} is not base64url without padding: {error}")]
    Base64 {
        /// Which part.
        part: &'static str,
        /// What is wrong.
        error: String,
    },
    /// A header that is not one JSON object.
    #[error("its header is not one JSON object: {0}")]
    Header(#[from] ObjectError),
    /// A member of the header is missing.
    #[error("its header has no member {member}")]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// A member of the header is of another type.
    #[error("the member {member} of its header is not {expected}")]
    Type {
        /// The member.
        member: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// Extensions that whoever does not know them must refuse (RFC 7515 §4.1.11).
    #[error("its header names critical extensions (crit), none of which is known here")]
    Critical,
    /// A certificate of x5c that is not Base64 (RFC 7515 §4.1.6).
    #[error("element {position} of x5c is not Base64 with padding: {error}")]
    Certificate {
        /// Its place, from 1.
        position: usize,
        /// What is wrong.
        error: String,
    },
    /// More certificates than any chain.
    #[error("x5c has {found} elements, at most {MAX_X5C} are read")]
    TooManyCertificates {
        /// How many there are.
        found: usize,
    },
}

impl Reason for JwsError {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::TooLong { .. } => "It is no text of the kind that is expected here.",
            Self::NotText { .. } | Self::Parts { .. } | Self::Base64 { .. } => {
                "Something cut or re-encoded the text: take it from its source again, as bytes."
            }
            _ => "Whoever signed it wrote its header wrongly; take it to its issuer.",
        })
    }
}

/// Why the signature of a JWS is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsSignatureError {
    /// `alg` is `none`.
    #[error("its alg is “none”: nobody signed it")]
    Unsigned,
    /// A key that both sides would have to share.
    #[error("its alg {alg} needs a shared secret, and the certificate's public key is known to everybody")]
    Symmetric {
        /// The algorithm.
        alg: String,
    },
    /// A name that is no signature algorithm (RFC 7518 §3.1, RFC 8037, RFC 8812).
    #[error("its alg “{alg}” is no signature algorithm of JSON Web Signatures")]
    Algorithm {
        /// The name.
        alg: String,
    },
    /// An ECDSA signature that is not two numbers of the length of the field (RFC 7518 §3.4).
    #[error("the signature of {alg} has {found} bytes, expected {expected}: r and s, not DER")]
    Length {
        /// The algorithm.
        alg: Algorithm,
        /// The length of every signature of this algorithm.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// What the arithmetic says.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Reason for JwsSignatureError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Unsigned | Self::Symmetric { .. } | Self::Algorithm { .. } => {
                Some("This is how forged tokens look: do not believe what stands in it.")
            }
            Self::Length { .. } => Some("Its signer has to write r and s in full length, one after the other."),
            Self::Signature(error) => error.hint(),
        }
    }

    fn is_unsupported(&self) -> bool {
        matches!(self, Self::Signature(error) if error.is_unsupported())
    }
}
