//! Why a signature does not verify.

use lab_protocol::cose::{Algorithm, Curve};
use lab_protocol::trace::Reason;

/// Why a signature is refused: one variant for each cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The algorithm is not built.
    #[error("signatures of algorithm {alg} are not supported, so this one was not verified")]
    Unsupported {
        /// The algorithm.
        alg: Algorithm,
    },
    /// The algorithm is bound to another kind of key.
    #[error("algorithm {alg} does not belong to {found}")]
    KeyMismatch {
        /// The algorithm.
        alg: Algorithm,
        /// What kind of key was found.
        found: &'static str,
    },
    /// The algorithm is good enough for statements of TPMs, and for nothing else.
    #[error("{alg} rests on SHA-1, which is broken: it is accepted in attestation statements only")]
    AttestationOnly {
        /// The algorithm.
        alg: Algorithm,
    },
    /// The coordinates are no point of the curve.
    #[error("the public key is not a point on {}", .curve.name())]
    NotOnCurve {
        /// The curve.
        curve: Curve,
    },
    /// An EdDSA key that has another encoding, or none.
    #[error("the {curve} public key is not the canonical encoding of a point")]
    KeyNotCanonical {
        /// Ed25519 or Ed448.
        curve: &'static str,
    },
    /// An EdDSA key under which signatures can be made without the private key.
    #[error("the {curve} public key is a point of small order: signatures under it prove nothing")]
    SmallOrder {
        /// Ed25519 or Ed448.
        curve: &'static str,
    },
    /// A key of another length than its parameter set has.
    #[error("the ML-DSA public key has {found} bytes, expected {expected}")]
    KeyLength {
        /// The length of every key of the set.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// An RSA modulus outside what is accepted.
    #[error("the RSA modulus has {found} bits, expected 2048 to 8192")]
    Modulus {
        /// The number of bits found.
        found: usize,
    },
    /// An RSA exponent under which signatures can be forged, or that is none.
    #[error("the RSA exponent is not an odd number of at least 3 in at most 4 bytes without leading zeros")]
    Exponent,
    /// The signature is not in the one form that its algorithm has.
    #[error("the signature is malformed: {0}")]
    Encoding(#[from] EncodingError),
    /// Well-formed, but not a signature of this key over these bytes.
    #[error("the signature is well-formed, but not one by this key over these bytes")]
    Mismatch,
}

impl SignatureError {
    /// Whether this says that the lab can't, rather than that the signature is bad.
    #[must_use]
    pub const fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported { .. })
    }
}

impl Reason for SignatureError {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Unsupported { .. } => "Use a credential of ES256, ES384, ES512, EdDSA, RS256, PS256 or ML-DSA.",
            Self::AttestationOnly { .. } => "Offer RS256 instead of RS1, and have the credential made anew.",
            Self::KeyMismatch { .. } => "The authenticator has to name the algorithm of the key that signs.",
            Self::NotOnCurve { .. }
            | Self::KeyNotCanonical { .. }
            | Self::SmallOrder { .. }
            | Self::KeyLength { .. } => {
                "No working authenticator makes such a key: it is broken, or somebody tries an attack."
            }
            Self::Modulus { .. } | Self::Exponent => "Use an RSA key of at least 2048 bits with exponent 65537.",
            Self::Encoding(_) => "ECDSA signatures are DER, all others have a fixed length; nothing may follow them.",
            Self::Mismatch => {
                "Something between the key and the relying party changed what was signed, or another key signed."
            }
        })
    }

    fn is_unsupported(&self) -> bool {
        Self::is_unsupported(self)
    }
}

/// How a signature deviates from its encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// Another length.
    #[error("it has {found} bytes, expected {expected}")]
    Length {
        /// The length of every signature under this key.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// Not a DER SEQUENCE whose length is in its shortest form.
    #[error("it is not a DER sequence of two integers")]
    NotDer,
    /// Bytes behind the DER structure.
    #[error("{0} bytes follow the DER structure")]
    Trailing(usize),
    /// A negative integer.
    #[error("{0} is negative")]
    Negative(&'static str),
    /// An integer that is not in its shortest form.
    #[error("{0} starts with superfluous zeros")]
    LeadingZeros(&'static str),
    /// An integer that is zero, or not below the order of the group.
    #[error("{0} is not between 1 and the order of the curve")]
    Range(&'static str),
}
