//! Algorithm identifiers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A COSE algorithm identifier, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Algorithm(pub i64);

impl Algorithm {
    /// ECDSA on P-256 with SHA-256.
    pub const ES256: Self = Self(-7);
    /// Ed25519.
    pub const EDDSA: Self = Self(-8);
    /// ECDSA on P-384 with SHA-384.
    pub const ES384: Self = Self(-35);
    /// ECDSA on P-521 with SHA-512.
    pub const ES512: Self = Self(-36);
    /// RSASSA-PSS with SHA-256.
    pub const PS256: Self = Self(-37);
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub const RS256: Self = Self(-257);
    /// RSASSA-PKCS1-v1_5 with SHA-1: for attestation only.
    pub const RS1: Self = Self(-65535);
    /// ECDSA on secp256k1 with SHA-256.
    pub const ES256K: Self = Self(-47);
    /// ML-DSA-44.
    pub const ML_DSA_44: Self = Self(-48);
    /// ML-DSA-65.
    pub const ML_DSA_65: Self = Self(-49);
    /// ML-DSA-87.
    pub const ML_DSA_87: Self = Self(-50);
    /// Ed448.
    pub const ED448: Self = Self(-53);

    /// Whether the lab has the arithmetic of this algorithm; keys of others are kept, not read.
    #[must_use]
    pub const fn has_arithmetic(self) -> bool {
        matches!(self.0, -9..=-7 | -19 | -39..=-35 | -53..=-47 | -259..=-257 | -65535)
    }

    /// The name of the IANA registry, where it has one that WebAuthn uses.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            -7 => "ES256",
            -8 => "EdDSA",
            -9 => "ESP256",
            -19 => "Ed25519",
            -35 => "ES384",
            -36 => "ES512",
            -37 => "PS256",
            -38 => "PS384",
            -39 => "PS512",
            -47 => "ES256K",
            -48 => "ML-DSA-44",
            -49 => "ML-DSA-65",
            -50 => "ML-DSA-87",
            -51 => "ESP384",
            -52 => "ESP512",
            -53 => "Ed448",
            -257 => "RS256",
            -258 => "RS384",
            -259 => "RS512",
            -65535 => "RS1",
            _ => return None,
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl From<Algorithm> for crate::trace::Value<'_> {
    fn from(algorithm: Algorithm) -> Self {
        algorithm.to_string().into()
    }
}
