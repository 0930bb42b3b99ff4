//! Keys of RustCrypto: the same randomness gives the same key, the same key the same signature.

use ed25519_dalek::Signer as _;
use lab_protocol::Random;
use lab_protocol::cose::{Curve, KeyMaterial, MlDsa};
use ml_dsa::MlDsaParams;

use super::{KeyError, Pair, Signer, ec2};

/// How often randomness may miss the range of a scalar. A fair source misses less than once in
/// 2^32 on P-256 and practically never on the others.
const ATTEMPTS: usize = 16;

pub(super) fn ecdsa(curve: Curve, rng: &mut dyn Random) -> Result<Pair, KeyError> {
    let mut scalar = vec![0; curve.field_len()];
    for _ in 0..ATTEMPTS {
        rng.fill(&mut scalar);
        // The field of P-521 has 521 bits, one in its first byte.
        if let (Curve::P521, Some(first)) = (curve, scalar.first_mut()) {
            *first &= 1;
        }
        if let Some(pair) = ecdsa_from(curve, &scalar) {
            return Ok(pair);
        }
    }
    Err(KeyError::Randomness(ATTEMPTS))
}

/// The key with this scalar, one arm for each curve, and its uncompressed public point.
macro_rules! signer {
    ($curve:ident, $scalar:expr) => {{
        let key = $curve::ecdsa::SigningKey::from_slice($scalar).ok()?;
        let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        (Box::new(key) as Box<dyn Signer>, point)
    }};
}

pub(super) fn ecdsa_from(curve: Curve, scalar: &[u8]) -> Option<Pair> {
    let (signer, point) = halves(curve, scalar)?;
    Some((signer, ec2(curve, &point)?))
}

/// The uncompressed public point of a scalar.
pub(super) fn public_point(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    halves(curve, scalar).map(|(_, point)| point)
}

/// Both halves of a key. The scalar has to be as long as the field: a shorter one would be a second
/// form of the same secret.
fn halves(curve: Curve, scalar: &[u8]) -> Option<(Box<dyn Signer>, Vec<u8>)> {
    if scalar.len() != curve.field_len() {
        return None;
    }
    Some(match curve {
        Curve::P256 => signer!(p256, scalar),
        Curve::P384 => signer!(p384, scalar),
        Curve::P521 => signer!(p521, scalar),
        Curve::Secp256k1 => signer!(k256, scalar),
    })
}

pub(super) fn ed25519(rng: &mut dyn Random) -> Option<Pair> {
    let mut seed = [0; 32];
    rng.fill(&mut seed);
    ed25519_from(&seed)
}

pub(super) fn ed25519_from(seed: &[u8]) -> Option<Pair> {
    let key = ed25519_dalek::SigningKey::from_bytes(seed.try_into().ok()?);
    let x = key.verifying_key().to_bytes();
    Some((Box::new(key), KeyMaterial::Ed25519 { x }))
}

pub(super) fn ml_dsa(set: MlDsa, rng: &mut dyn Random) -> Option<Pair> {
    let mut seed = [0; 32];
    rng.fill(&mut seed);
    ml_dsa_from(set, &seed)
}

pub(super) fn ml_dsa_from(set: MlDsa, seed: &[u8]) -> Option<Pair> {
    let seed = seed.try_into().ok()?;
    let (signer, key) = match set {
        MlDsa::MlDsa44 => ml_dsa_halves::<ml_dsa::MlDsa44>(seed),
        MlDsa::MlDsa65 => ml_dsa_halves::<ml_dsa::MlDsa65>(seed),
        MlDsa::MlDsa87 => ml_dsa_halves::<ml_dsa::MlDsa87>(seed),
    };
    Some((signer, KeyMaterial::MlDsa { set, key }))
}

fn ml_dsa_halves<P: MlDsaParams + Send + Sync + 'static>(seed: [u8; 32]) -> (Box<dyn Signer>, Vec<u8>) {
    let key = ml_dsa::SigningKey::<P>::from_seed(&seed.into());
    let public = key.expanded_key().verifying_key().encode().to_vec();
    (Box::new(MlDsaKey(key)), public)
}

struct MlDsaKey<P: MlDsaParams>(ml_dsa::SigningKey<P>);

impl<P: MlDsaParams + Send + Sync> Signer for MlDsaKey<P> {
    fn sign(&self, message: &[u8], _rng: &mut dyn Random) -> Vec<u8> {
        let signature = self.0.expanded_key().sign_deterministic(message, &[]);
        signature.map(|signature| signature.encode().to_vec()).unwrap_or_default()
    }

    fn secret(&self) -> Vec<u8> {
        self.0.to_seed().to_vec()
    }
}

macro_rules! ecdsa_signer {
    ($($curve:ident),*) => {$(
        impl Signer for $curve::ecdsa::SigningKey {
            fn sign(&self, message: &[u8], _rng: &mut dyn Random) -> Vec<u8> {
                use $curve::ecdsa::signature::Signer as _;
                let signature: Result<$curve::ecdsa::DerSignature, _> = self.try_sign(message);
                signature.map(|signature| signature.as_bytes().to_vec()).unwrap_or_default()
            }

            fn secret(&self) -> Vec<u8> {
                self.to_bytes().to_vec()
            }
        }
    )*};
}

ecdsa_signer!(p256, p384, p521, k256);

impl Signer for ed25519_dalek::SigningKey {
    fn sign(&self, message: &[u8], _rng: &mut dyn Random) -> Vec<u8> {
        self.try_sign(message).map(|signature| signature.to_bytes().to_vec()).unwrap_or_default()
    }

    fn secret(&self) -> Vec<u8> {
        self.to_bytes().to_vec()
    }
}
