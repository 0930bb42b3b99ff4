//! Keys that sign: those of emulated credentials and of emulated attestation.

mod deterministic;
mod fast;
mod rsa;

use std::fmt;
use std::sync::Arc;

use lab_protocol::Random;
use lab_protocol::cose::{Algorithm, CredentialPublicKey, Curve, KeyMaterial, MlDsa};

use crate::signature::Scheme;

pub use rsa::PUBLISHED_RSA_KEYS;

/// Who signs. Keys of both have the same encodings, and either takes the other's secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// aws-lc-rs, with its own randomness for keys, nonces and salts.
    Fast,
    /// RustCrypto: nonces by RFC 6979, keys and salts from the randomness that is handed in.
    Deterministic,
}

/// A private key and its public half. Cloning shares it.
#[derive(Clone)]
pub struct SigningKey {
    inner: Arc<Inner>,
}

struct Inner {
    public: CredentialPublicKey,
    cose: Vec<u8>,
    signer: Box<dyn Signer>,
}

/// A private key of one backend.
trait Signer: Send + Sync {
    /// A signature in WebAuthn's form (`webauthn-3 §6.5.5`). Empty where the library fails, which no
    /// verifier takes for a signature.
    fn sign(&self, message: &[u8], rng: &mut dyn Random) -> Vec<u8>;

    /// The scalar of an ECDSA key, as long as the field; the seed of an Ed25519 or ML-DSA key; the
    /// PKCS #8 DER of an RSA key.
    fn secret(&self) -> Vec<u8>;
}

/// A signer and the numbers of its public key.
type Pair = (Box<dyn Signer>, KeyMaterial);

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key of this algorithm can be made.
    #[error(
        "keys of algorithm {alg} cannot be made: ES256, ES384, ES512, ES256K, EdDSA, RS256/384/512, PS256/384/512, \
         RS1 and ML-DSA-44/65/87 can"
    )]
    Unsupported {
        /// The algorithm.
        alg: Algorithm,
    },
    /// The bytes are no secret of this algorithm.
    #[error("{found} bytes are no secret of a key of {alg}")]
    Secret {
        /// The algorithm.
        alg: Algorithm,
        /// How many bytes there were.
        found: usize,
    },
    /// The source of randomness gives nothing that could be a key.
    #[error("the source of randomness gave no valid key in {0} attempts")]
    Randomness(usize),
    /// The library failed for a reason that it keeps to itself.
    #[error("the cryptographic library could not make a key of {alg}")]
    Library {
        /// The algorithm.
        alg: Algorithm,
    },
}

/// What a key is made for: how it signs, and on which curve.
#[derive(Debug, Clone, Copy)]
enum KeyKind {
    Ecdsa(Curve),
    Ed25519,
    MlDsa(MlDsa),
    Rsa(Scheme),
}

impl KeyKind {
    fn of(alg: Algorithm) -> Result<Self, KeyError> {
        match Scheme::of(alg) {
            Some((Scheme::Ecdsa(_), Some(curve))) => Ok(Self::Ecdsa(curve)),
            Some((Scheme::Ed25519, _)) => Ok(Self::Ed25519),
            Some((Scheme::MlDsa(set), _)) => Ok(Self::MlDsa(set)),
            Some((scheme @ (Scheme::RsaPkcs1(_) | Scheme::RsaPss { .. }), _)) => Ok(Self::Rsa(scheme)),
            _ => Err(KeyError::Unsupported { alg }),
        }
    }
}

impl SigningKey {
    /// Makes a key. RSA keys are not made but chosen by `rng` from [`PUBLISHED_RSA_KEYS`], which are
    /// public; with [`Backend::Fast`], keys of other algorithms come from aws-lc's own randomness.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`], or randomness that yields no key.
    pub fn generate(alg: Algorithm, backend: Backend, rng: &mut dyn Random) -> Result<Self, KeyError> {
        let pair = match (KeyKind::of(alg)?, backend) {
            (KeyKind::Ecdsa(curve), Backend::Fast) => fast::ecdsa(curve),
            (KeyKind::Ed25519, Backend::Fast) => fast::ed25519(),
            (KeyKind::Ecdsa(curve), Backend::Deterministic) => {
                return deterministic::ecdsa(curve, rng).map(|pair| Self::new(alg, pair));
            }
            (KeyKind::Ed25519, Backend::Deterministic) => deterministic::ed25519(rng),
            (KeyKind::MlDsa(set), Backend::Fast) => fast::ml_dsa(set),
            (KeyKind::MlDsa(set), Backend::Deterministic) => deterministic::ml_dsa(set, rng),
            (KeyKind::Rsa(scheme), _) => rsa::choose(scheme, backend, rng),
        };
        pair.map(|pair| Self::new(alg, pair)).ok_or(KeyError::Library { alg })
    }

    /// Reads what [`SigningKey::to_secret`] wrote, with either backend.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`], or bytes that are no secret of `alg`.
    pub fn from_secret(alg: Algorithm, backend: Backend, bytes: &[u8]) -> Result<Self, KeyError> {
        let pair = match (KeyKind::of(alg)?, backend) {
            (KeyKind::Ecdsa(curve), Backend::Fast) => fast::ecdsa_from(curve, bytes),
            (KeyKind::Ed25519, Backend::Fast) => fast::ed25519_from(bytes),
            (KeyKind::Ecdsa(curve), Backend::Deterministic) => deterministic::ecdsa_from(curve, bytes),
            (KeyKind::Ed25519, Backend::Deterministic) => deterministic::ed25519_from(bytes),
            (KeyKind::MlDsa(set), Backend::Fast) => fast::ml_dsa_from(set, bytes),
            (KeyKind::MlDsa(set), Backend::Deterministic) => deterministic::ml_dsa_from(set, bytes),
            (KeyKind::Rsa(scheme), _) => rsa::read(scheme, backend, bytes),
        };
        pair.map(|pair| Self::new(alg, pair)).ok_or(KeyError::Secret { alg, found: bytes.len() })
    }

    fn new(alg: Algorithm, (signer, material): Pair) -> Self {
        let public = CredentialPublicKey { alg, material, extra: Vec::new() };
        Self { inner: Arc::new(Inner { cose: public.encode(), public, signer }) }
    }

    /// The algorithm that the key is bound to.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.inner.public.alg
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &CredentialPublicKey {
        &self.inner.public
    }

    /// The public half as a canonical COSE_Key.
    #[must_use]
    pub fn cose(&self) -> &[u8] {
        &self.inner.cose
    }

    /// A signature in WebAuthn's form (`webauthn-3 §6.5.5`): DER for ECDSA, raw bytes otherwise.
    /// `rng` gives the salt of a deterministic PSS signature; nothing else asks for it.
    #[must_use]
    pub fn sign(&self, message: &[u8], rng: &mut dyn Random) -> Vec<u8> {
        self.inner.signer.sign(message, rng)
    }

    /// The secret, to be kept: the scalar of an ECDSA key, the seed of an Ed25519 or ML-DSA key, the
    /// PKCS #8 DER of an RSA key.
    #[must_use]
    pub fn to_secret(&self) -> Vec<u8> {
        self.inner.signer.secret()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.inner.public).finish_non_exhaustive()
    }
}

/// Splits an uncompressed point (SEC 1 §2.3.3) into a key.
fn ec2(curve: Curve, point: &[u8]) -> Option<KeyMaterial> {
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(curve.field_len())?;
    (y.len() == curve.field_len()).then(|| KeyMaterial::Ec2 { curve, x: x.to_vec(), y: y.to_vec() })
}

#[cfg(test)]
mod tests;
