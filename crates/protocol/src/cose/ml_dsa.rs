//! The parameter sets of ML-DSA (FIPS 204 §4).

use super::Algorithm;

/// A parameter set of ML-DSA: it fixes the lengths of keys and signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MlDsa {
    /// ML-DSA-44, category 2.
    MlDsa44,
    /// ML-DSA-65, category 3.
    MlDsa65,
    /// ML-DSA-87, category 5.
    MlDsa87,
}

impl MlDsa {
    /// The set that a COSE algorithm stands for (draft-ietf-cose-dilithium §4).
    #[must_use]
    pub const fn of(alg: Algorithm) -> Option<Self> {
        Some(match alg.0 {
            -48 => Self::MlDsa44,
            -49 => Self::MlDsa65,
            -50 => Self::MlDsa87,
            _ => return None,
        })
    }

    /// The length of a public key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// The length of a signature in bytes.
    #[must_use]
    pub const fn signature_len(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }
}
