//! The crate's cryptography, with random bytes that a caller may give.
//!
//! The crate asks a *type* for random bytes, not a value, so the caller's source lies in a
//! thread-local for as long as one command runs on this thread.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use lab_protocol::Random;
use passkey::crypto::coset::CoseKeyBuilder;
use passkey::crypto::coset::cbor::Value;
use passkey::crypto::iana::{self, EnumI64};
use passkey::crypto::rng::RngBackend;
use passkey::crypto::rng::rand::RandRng;
use passkey::crypto::rust_crypto::{RustCryptoBackend, RustCryptoSecretKey, RustCryptoSha2};
use passkey::crypto::{CoseKey, CryptoBackend, Error, SecretKeyT};

/// How often a secret is drawn anew; one in 2^32 is no P-256 scalar.
const MAX_DRAWS: usize = 8;

thread_local! {
    static SOURCE: RefCell<Option<Box<dyn Random + Send>>> = const { RefCell::new(None) };
}

/// Lends a source of random bytes to the crate, and takes it back when dropped.
pub(super) struct Lent<'h> {
    home: &'h mut Option<Box<dyn Random + Send>>,
}

impl<'h> Lent<'h> {
    pub(super) fn new(home: &'h mut Option<Box<dyn Random + Send>>) -> Self {
        SOURCE.replace(home.take());
        Self { home }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        *self.home = SOURCE.take();
    }
}

/// Fills `bytes` from what was lent; false where nothing was.
fn fill(bytes: &mut [u8]) -> bool {
    SOURCE.with_borrow_mut(|source| source.as_mut().map(|source| source.fill(bytes)).is_some())
}

/// Random bytes as lent, or the crate's own.
pub(super) struct LentRandom;

impl RngBackend for LentRandom {
    fn random_vec(len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        if fill(&mut bytes) { bytes } else { RandRng::random_vec(len) }
    }

    fn random_array<const N: usize>() -> [u8; N] {
        let mut bytes = [0; N];
        if fill(&mut bytes) { bytes } else { RandRng::random_array() }
    }

    /// For lengths of credential ids only, where a slight bias does no harm.
    fn from_range(range: RangeInclusive<u8>) -> u8 {
        let mut byte = [0];
        if !fill(&mut byte) {
            return RandRng::from_range(range);
        }
        let span = u16::from(range.end().saturating_sub(*range.start())) + 1;
        range.start() + u8::try_from(u16::from(byte[0]) % span).unwrap_or(0)
    }
}

/// RustCrypto as the crate has it, except for where keys come from.
pub(super) struct Backend;

impl CryptoBackend for Backend {
    type Rng = LentRandom;
    type Sha256 = RustCryptoSha2;
    type SecretKey = RustCryptoSecretKey;

    fn enumerate_algorithms(&self) -> Vec<iana::Algorithm> {
        RustCryptoBackend.enumerate_algorithms()
    }

    fn generate_key(&self, algorithm: iana::Algorithm) -> Result<RustCryptoSecretKey, Error> {
        let mut secret = [0; 32];
        for _ in 0..MAX_DRAWS {
            if !fill(&mut secret) {
                return RustCryptoBackend.generate_key(algorithm);
            }
            if let Ok(key) = RustCryptoSecretKey::from_cose_key(&private_key(algorithm, secret)?) {
                return Ok(key);
            }
        }
        Err("the random bytes make no key".into())
    }
}

/// A COSE_Key that holds the secret alone, which is all that the crate reads of one.
fn private_key(algorithm: iana::Algorithm, secret: [u8; 32]) -> Result<CoseKey, Error> {
    use iana::Algorithm as A;
    let secret = Value::from(&secret[..]);
    let key = match algorithm {
        A::ES256 | A::ESP256 => CoseKeyBuilder::new()
            .key_type(iana::KeyType::EC2)
            .param(iana::Ec2KeyParameter::Crv.to_i64(), Value::from(iana::EllipticCurve::P_256.to_i64()))
            .param(iana::Ec2KeyParameter::D.to_i64(), secret),
        A::EdDSA | A::Ed25519 => CoseKeyBuilder::new_okp_key()
            .param(iana::OkpKeyParameter::Crv.to_i64(), Value::from(iana::EllipticCurve::Ed25519.to_i64()))
            .param(iana::OkpKeyParameter::D.to_i64(), secret),
        A::ML_DSA_44 | A::ML_DSA_65 | A::ML_DSA_87 => {
            CoseKeyBuilder::new().key_type(iana::KeyType::AKP).param(iana::AkpKeyParameter::Priv.to_i64(), secret)
        }
        other => return Err(format!("no key for {other:?}").into()),
    };
    Ok(key.algorithm(algorithm).build())
}
