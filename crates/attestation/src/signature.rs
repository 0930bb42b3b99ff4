//! Verifying signatures, strictly (`webauthn-3 §6.5.5`): ECDSA in DER, RSA in the length of its
//! modulus, Ed25519 in 64 bytes; nothing that has a second encoding is accepted.

mod ecdsa;
mod ed25519;
mod error;
mod rsa;

use lab_protocol::cose::{Algorithm, CredentialPublicKey, Curve, KeyMaterial};

pub use error::{EncodingError, SignatureError};

/// A public key as numbers, borrowed from a COSE_Key or from a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicKey<'a> {
    /// A point on a NIST curve, both coordinates as long as the field.
    Ec2 {
        /// The curve.
        curve: Curve,
        /// Big-endian.
        x: &'a [u8],
        /// Big-endian.
        y: &'a [u8],
    },
    /// A compressed Ed25519 point.
    Ed25519 {
        /// The point.
        x: &'a [u8; 32],
    },
    /// An RSA key.
    Rsa {
        /// The modulus, big-endian without leading zeros.
        n: &'a [u8],
        /// The exponent, big-endian without leading zeros.
        e: &'a [u8],
    },
    /// A key of another kind, for which there is no arithmetic here.
    Unknown,
}

impl PublicKey<'_> {
    /// What kind of key it is, for a sentence.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Ec2 { curve: Curve::P256, .. } => "a P-256 key",
            Self::Ec2 { curve: Curve::P384, .. } => "a P-384 key",
            Self::Ec2 { curve: Curve::P521, .. } => "a P-521 key",
            Self::Ed25519 { .. } => "an Ed25519 key",
            Self::Rsa { .. } => "an RSA key",
            Self::Unknown => "a key of a kind that is not supported",
        }
    }
}

impl<'a> From<&'a CredentialPublicKey> for PublicKey<'a> {
    fn from(key: &'a CredentialPublicKey) -> Self {
        match &key.material {
            KeyMaterial::Ec2 { curve, x, y } => Self::Ec2 { curve: *curve, x, y },
            KeyMaterial::Ed25519 { x } => Self::Ed25519 { x },
            KeyMaterial::Rsa { n, e } => Self::Rsa { n, e },
            KeyMaterial::Unknown { .. } => Self::Unknown,
        }
    }
}

/// The hash of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// Length of the digest in bytes.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// How a signature is made, apart from the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// ECDSA; the key says the curve.
    Ecdsa(Hash),
    /// Ed25519.
    Ed25519,
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(Hash),
    /// RSASSA-PSS with MGF1 of the same hash.
    RsaPss {
        /// The hash.
        hash: Hash,
        /// The length of the salt in bytes.
        salt_len: u16,
    },
}

impl Scheme {
    /// The scheme of a COSE algorithm, and the curve it is bound to (`webauthn-3 §5.8.5`; the fully
    /// specified twins of RFC 9864 are the same schemes).
    #[must_use]
    pub const fn of(alg: Algorithm) -> Option<(Self, Option<Curve>)> {
        const fn pss(hash: Hash) -> Scheme {
            Scheme::RsaPss { hash, salt_len: hash.output_len() as u16 }
        }
        Some(match alg.0 {
            -7 | -9 => (Self::Ecdsa(Hash::Sha256), Some(Curve::P256)),
            -35 | -51 => (Self::Ecdsa(Hash::Sha384), Some(Curve::P384)),
            -36 | -52 => (Self::Ecdsa(Hash::Sha512), Some(Curve::P521)),
            -8 | -19 => (Self::Ed25519, None),
            -257 => (Self::RsaPkcs1(Hash::Sha256), None),
            -258 => (Self::RsaPkcs1(Hash::Sha384), None),
            -259 => (Self::RsaPkcs1(Hash::Sha512), None),
            -37 => (pss(Hash::Sha256), None),
            -38 => (pss(Hash::Sha384), None),
            -39 => (pss(Hash::Sha512), None),
            _ => return None,
        })
    }
}

/// Whether signatures of `alg` can be verified here.
#[must_use]
pub const fn is_supported(alg: Algorithm) -> bool {
    Scheme::of(alg).is_some()
}

/// Verifies a signature in WebAuthn's form under a credential public key.
///
/// # Errors
/// One variant for each cause. A key that is not fit for use is named before a mismatch.
pub fn verify(key: &CredentialPublicKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    verify_with(key.alg, &key.into(), message, signature)
}

/// As [`verify`], for a key that carries no algorithm of its own: that of a certificate.
///
/// # Errors
/// As [`verify`]; [`SignatureError::KeyMismatch`] where `alg` is bound to another kind of key.
pub fn verify_with(
    alg: Algorithm,
    key: &PublicKey<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let (scheme, bound) = Scheme::of(alg).ok_or(SignatureError::Unsupported { alg })?;
    match key {
        PublicKey::Ec2 { curve, .. } if bound.is_some_and(|bound| bound != *curve) => mismatch(alg, key),
        _ => verify_scheme(scheme, key, message, signature).unwrap_or_else(|| mismatch(alg, key)),
    }
}

fn mismatch(alg: Algorithm, key: &PublicKey<'_>) -> Result<(), SignatureError> {
    Err(SignatureError::KeyMismatch { alg, found: key.kind() })
}

/// Verifies under `scheme`; `None` where key and scheme do not belong together.
pub(crate) fn verify_scheme(
    scheme: Scheme,
    key: &PublicKey<'_>,
    message: &[u8],
    signature: &[u8],
) -> Option<Result<(), SignatureError>> {
    Some(match (scheme, *key) {
        (Scheme::Ecdsa(hash), PublicKey::Ec2 { curve, x, y }) => {
            ecdsa::verify(&ecdsa::Point { curve, x, y }, hash, message, signature)
        }
        (Scheme::Ed25519, PublicKey::Ed25519 { x }) => ed25519::verify(x, message, signature),
        (Scheme::RsaPkcs1(_) | Scheme::RsaPss { .. }, PublicKey::Rsa { n, e }) => {
            rsa::verify(&rsa::Key { n, e }, scheme, message, signature)
        }
        _ => return None,
    })
}

/// Whether a key is fit to verify anything: the point lies on its curve and is not infinity, an
/// Ed25519 key is canonical and not of small order, an RSA key has 2048 to 8192 bits and an odd
/// exponent of at least 3 (`webauthn-3 §5.8.5`).
///
/// # Errors
/// One variant for each cause; [`SignatureError::Unsupported`] for keys without arithmetic here.
pub fn check_key(key: &CredentialPublicKey) -> Result<(), SignatureError> {
    let unsupported = SignatureError::Unsupported { alg: key.alg };
    let (_, bound) = Scheme::of(key.alg).ok_or_else(|| unsupported.clone())?;
    match PublicKey::from(key) {
        PublicKey::Ec2 { curve, .. } if bound != Some(curve) => mismatch(key.alg, &key.into()),
        PublicKey::Ec2 { curve, x, y } => ecdsa::check(&ecdsa::Point { curve, x, y }),
        PublicKey::Ed25519 { x } => ed25519::check(x),
        PublicKey::Rsa { n, e } => rsa::check(&rsa::Key { n, e }),
        PublicKey::Unknown => Err(unsupported),
    }
}

#[cfg(test)]
mod tests;
