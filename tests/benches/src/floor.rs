//! The floor: bare aws-lc-rs operations on P-256.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};

/// A message of the length that WebAuthn signs at sign-in: 37 bytes of authenticator data and a hash.
const MESSAGE: [u8; 69] = [7; 69];

/// A key pair and one signature.
pub struct Floor {
    pair: EcdsaKeyPair,
    signature: Vec<u8>,
}

impl Default for Floor {
    fn default() -> Self {
        Self::new()
    }
}

impl Floor {
    /// A fresh key and a signature to verify.
    ///
    /// # Panics
    /// aws-lc-rs fails.
    #[must_use]
    pub fn new() -> Self {
        let pair = Self::generate();
        let signature = pair.sign(&SystemRandom::new(), &MESSAGE).expect("signing works").as_ref().to_vec();
        Self { pair, signature }
    }

    /// One key generation.
    ///
    /// # Panics
    /// aws-lc-rs fails.
    #[must_use]
    pub fn generate() -> EcdsaKeyPair {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("key generation works")
    }

    /// One signature.
    ///
    /// # Panics
    /// aws-lc-rs fails.
    #[must_use]
    pub fn sign(&self) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), &MESSAGE).expect("signing works").as_ref().to_vec()
    }

    /// One verification.
    ///
    /// # Panics
    /// The signature does not hold.
    pub fn verify(&self) {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.pair.public_key().as_ref());
        key.verify(&MESSAGE, &self.signature).expect("the signature holds");
    }
}
