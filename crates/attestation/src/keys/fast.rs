//! Keys of aws-lc-rs.

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING,
    ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm,
};
use lab_protocol::Random;
use lab_protocol::cose::{Curve, KeyMaterial, MlDsa};

use super::{Pair, Signer, deterministic, ec2};

pub(super) fn ecdsa(curve: Curve) -> Option<Pair> {
    ecdsa_pair(curve, EcdsaKeyPair::generate(algorithm(curve)).ok()?)
}

pub(super) fn ecdsa_from(curve: Curve, scalar: &[u8]) -> Option<Pair> {
    let public = deterministic::public_point(curve, scalar)?;
    ecdsa_pair(curve, EcdsaKeyPair::from_private_key_and_public_key(algorithm(curve), scalar, &public).ok()?)
}

pub(super) fn ed25519() -> Option<Pair> {
    ed25519_pair(Ed25519KeyPair::generate().ok()?)
}

pub(super) fn ed25519_from(seed: &[u8]) -> Option<Pair> {
    ed25519_pair(Ed25519KeyPair::from_seed_unchecked(seed).ok()?)
}

const fn algorithm(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
        Curve::Secp256k1 => &ECDSA_P256K1_SHA256_ASN1_SIGNING,
    }
}

/// A key from a seed that is drawn here, for aws-lc does not hand out the seed of a key that it made.
pub(super) fn ml_dsa(set: MlDsa) -> Option<Pair> {
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).ok()?;
    ml_dsa_from(set, &seed)
}

pub(super) fn ml_dsa_from(set: MlDsa, seed: &[u8]) -> Option<Pair> {
    let pair = PqdsaKeyPair::from_seed(ml_dsa_algorithm(set), seed).ok()?;
    let key = pair.public_key().as_ref().to_vec();
    let signer = MlDsaKey { pair, set, seed: seed.try_into().ok()? };
    Some((Box::new(signer), KeyMaterial::MlDsa { set, key }))
}

const fn ml_dsa_algorithm(set: MlDsa) -> &'static PqdsaSigningAlgorithm {
    match set {
        MlDsa::MlDsa44 => &ML_DSA_44_SIGNING,
        MlDsa::MlDsa65 => &ML_DSA_65_SIGNING,
        MlDsa::MlDsa87 => &ML_DSA_87_SIGNING,
    }
}

fn ecdsa_pair(curve: Curve, pair: EcdsaKeyPair) -> Option<Pair> {
    let material = ec2(curve, pair.public_key().as_ref())?;
    Some((Box::new(Ecdsa(pair)), material))
}

fn ed25519_pair(pair: Ed25519KeyPair) -> Option<Pair> {
    let x = pair.public_key().as_ref().try_into().ok()?;
    Some((Box::new(Ed25519(pair)), KeyMaterial::Ed25519 { x }))
}

struct Ecdsa(EcdsaKeyPair);

impl Signer for Ecdsa {
    fn sign(&self, message: &[u8], _rng: &mut dyn Random) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).map(|signature| signature.as_ref().to_vec()).unwrap_or_default()
    }

    fn secret(&self) -> Vec<u8> {
        self.0.private_key().as_be_bytes().map(|bytes| bytes.as_ref().to_vec()).unwrap_or_default()
    }
}

struct Ed25519(Ed25519KeyPair);

impl Signer for Ed25519 {
    fn sign(&self, message: &[u8], _rng: &mut dyn Random) -> Vec<u8> {
        self.0.try_sign(message).map(|signature| signature.as_ref().to_vec()).unwrap_or_default()
    }

    fn secret(&self) -> Vec<u8> {
        let seed = self.0.seed().and_then(|seed| seed.as_be_bytes());
        seed.map(|bytes| bytes.as_ref().to_vec()).unwrap_or_default()
    }
}

struct MlDsaKey {
    pair: PqdsaKeyPair,
    set: MlDsa,
    seed: [u8; 32],
}

impl Signer for MlDsaKey {
    fn sign(&self, message: &[u8], _rng: &mut dyn Random) -> Vec<u8> {
        let mut signature = vec![0; self.set.signature_len()];
        self.pair.sign(message, &mut signature).map(|_| signature).unwrap_or_default()
    }

    fn secret(&self) -> Vec<u8> {
        self.seed.to_vec()
    }
}
