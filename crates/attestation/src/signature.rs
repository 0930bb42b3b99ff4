//! Verifying signatures, strictly (`webauthn-3 §6.5.5`): ECDSA in DER, RSA in the length of its
//! modulus, EdDSA and ML-DSA in their fixed lengths; nothing that has a second encoding is accepted.
//!
//! Ed448 rests on a pre-release library, for there is no other of its generation.

mod ecdsa;
mod ed25519;
mod ed448;
mod error;
mod ml_dsa;
mod rsa;

use aws_lc_rs::digest::{self, Context};
use lab_protocol::cose::{Algorithm, CredentialPublicKey, Curve, KeyMaterial, MlDsa};

pub use error::{EncodingError, SignatureError};

/// A public key as numbers, borrowed from a COSE_Key or from a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicKey<'a> {
    /// A point on a short Weierstrass curve, both coordinates as long as the field.
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
    /// A compressed Ed448 point.
    Ed448 {
        /// The point.
        x: &'a [u8; 57],
    },
    /// A key of ML-DSA.
    MlDsa {
        /// The parameter set.
        set: MlDsa,
        /// The encoded key.
        key: &'a [u8],
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
            Self::Ec2 { curve: Curve::Secp256k1, .. } => "a secp256k1 key",
            Self::Ed25519 { .. } => "an Ed25519 key",
            Self::Ed448 { .. } => "an Ed448 key",
            Self::MlDsa { set: MlDsa::MlDsa44, .. } => "an ML-DSA-44 key",
            Self::MlDsa { set: MlDsa::MlDsa65, .. } => "an ML-DSA-65 key",
            Self::MlDsa { set: MlDsa::MlDsa87, .. } => "an ML-DSA-87 key",
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
            KeyMaterial::Ed448 { x } => Self::Ed448 { x },
            KeyMaterial::MlDsa { set, key } => Self::MlDsa { set: *set, key },
            KeyMaterial::Rsa { n, e } => Self::Rsa { n, e },
            KeyMaterial::Unknown { .. } => Self::Unknown,
        }
    }
}

/// The hash of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1, which is broken: for the attestation of TPMs only.
    Sha1,
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
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of the concatenation of `parts`.
    #[must_use]
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = Context::new(match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        });
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }
}

/// How a signature is made, apart from the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// ECDSA; the key says the curve.
    Ecdsa(Hash),
    /// Ed25519.
    Ed25519,
    /// Ed448 (RFC 8032 §5.2) without context.
    Ed448,
    /// ML-DSA (FIPS 204) without context and without hashing the message first.
    MlDsa(MlDsa),
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
    /// The hash that the message goes through first; EdDSA and ML-DSA have one of their own.
    #[must_use]
    pub const fn hash(self) -> Option<Hash> {
        match self {
            Self::Ecdsa(hash) | Self::RsaPkcs1(hash) | Self::RsaPss { hash, .. } => Some(hash),
            Self::Ed25519 | Self::Ed448 | Self::MlDsa(_) => None,
        }
    }

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
            -47 => (Self::Ecdsa(Hash::Sha256), Some(Curve::Secp256k1)),
            -8 | -19 => (Self::Ed25519, None),
            -53 => (Self::Ed448, None),
            -48 => (Self::MlDsa(MlDsa::MlDsa44), None),
            -49 => (Self::MlDsa(MlDsa::MlDsa65), None),
            -50 => (Self::MlDsa(MlDsa::MlDsa87), None),
            -257 => (Self::RsaPkcs1(Hash::Sha256), None),
            -258 => (Self::RsaPkcs1(Hash::Sha384), None),
            -259 => (Self::RsaPkcs1(Hash::Sha512), None),
            -65535 => (Self::RsaPkcs1(Hash::Sha1), None),
            -37 => (pss(Hash::Sha256), None),
            -38 => (pss(Hash::Sha384), None),
            -39 => (pss(Hash::Sha512), None),
            _ => return None,
        })
    }
}

/// Whether a credential of `alg` can sign in: its signatures can be verified here, and it is not only
/// for attestation.
#[must_use]
pub const fn is_supported(alg: Algorithm) -> bool {
    Scheme::of(alg).is_some() && !is_for_attestation_only(alg)
}

/// Whether nobody should let a credential of `alg` sign in: its hash is broken, and statements of TPMs
/// are signed with it all the same.
#[must_use]
pub const fn is_for_attestation_only(alg: Algorithm) -> bool {
    alg.0 == Algorithm::RS1.0
}

/// Verifies a signature in WebAuthn's form under a credential public key.
///
/// # Errors
/// One variant for each cause. A key that is not fit for use is named before a mismatch.
pub fn verify(key: &CredentialPublicKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    if is_for_attestation_only(key.alg) {
        return Err(SignatureError::AttestationOnly { alg: key.alg });
    }
    verify_with(key.alg, &key.into(), message, signature)
}

/// As [`verify`], for a key that carries no algorithm of its own: that of a certificate. Algorithms for
/// attestation only are verified.
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
            ecdsa::verify(&ecdsa::Point { curve, x, y }, ecdsa::algorithm(curve, hash)?, message, signature)
        }
        (Scheme::Ed25519, PublicKey::Ed25519 { x }) => ed25519::verify(x, message, signature),
        (Scheme::Ed448, PublicKey::Ed448 { x }) => ed448::verify(x, message, signature),
        (Scheme::MlDsa(set), PublicKey::MlDsa { set: found, key }) if set == found => {
            ml_dsa::verify(set, key, message, signature)
        }
        (Scheme::RsaPkcs1(_) | Scheme::RsaPss { .. }, PublicKey::Rsa { n, e }) => {
            rsa::verify(&rsa::Key { n, e }, scheme, message, signature)
        }
        _ => return None,
    })
}

/// Whether a key is fit for a credential: the point lies on its curve and is not infinity, an EdDSA key
/// is canonical and not of small order, an ML-DSA key has its length, an RSA key has 2048 to 8192 bits
/// and an odd exponent of at least 3 (`webauthn-3 §5.8.5`).
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
        PublicKey::Ed448 { x } => ed448::check(x),
        PublicKey::MlDsa { set, key } => ml_dsa::check(set, key),
        PublicKey::Rsa { n, e } => rsa::check(&rsa::Key { n, e }),
        PublicKey::Unknown => Err(unsupported),
    }
}

#[cfg(test)]
mod tests;
