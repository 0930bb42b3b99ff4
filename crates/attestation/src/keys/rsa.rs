//! RSA keys: read, never made. aws-lc signs; only what its interface cannot make is computed here: a PSS
//! signature with a given salt, and one with SHA-1.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature as aws;
use aws_lc_rs::signature::{RsaKeyPair, RsaSignatureEncoding};
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use der::asn1::{AnyRef, UintRef};
use der::{Document, Reader, SliceReader};
use lab_protocol::Random;
use lab_protocol::cose::KeyMaterial;

use super::{Backend, Pair, Signer};
use crate::signature::{Hash, Scheme};

mod pkcs1;
mod pss;

/// The RSA keys that every RSA credential uses, as PEM. They are public: whoever holds this program
/// can sign with them.
pub const PUBLISHED_RSA_KEYS: [&str; 4] = [
    include_str!("../../keys/lab-rsa-1.pem"),
    include_str!("../../keys/lab-rsa-2.pem"),
    include_str!("../../keys/lab-rsa-3.pem"),
    include_str!("../../keys/lab-rsa-4.pem"),
];

static PUBLISHED: LazyLock<Vec<Arc<Private>>> = LazyLock::new(|| {
    let documents = PUBLISHED_RSA_KEYS.iter().filter_map(|pem| Document::from_pem(pem).ok());
    documents.filter_map(|(_, document)| Private::parse(document.as_bytes()).map(Arc::new)).collect()
});

/// The smallest and largest modulus, in bytes.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

struct Private {
    pkcs8: Vec<u8>,
    pair: RsaKeyPair,
    n: Vec<u8>,
    e: Vec<u8>,
    d: Vec<u8>,
}

pub(super) fn choose(scheme: Scheme, backend: Backend, rng: &mut dyn Random) -> Option<Pair> {
    let mut choice = [0];
    rng.fill(&mut choice);
    let key = PUBLISHED.get(usize::from(choice[0]) % PUBLISHED.len().max(1))?;
    Some(pair(scheme, backend, Arc::clone(key)))
}

pub(super) fn read(scheme: Scheme, backend: Backend, pkcs8: &[u8]) -> Option<Pair> {
    let published = PUBLISHED.iter().find(|key| key.pkcs8 == pkcs8).cloned();
    let key = published.or_else(|| Private::parse(pkcs8).map(Arc::new))?;
    Some(pair(scheme, backend, key))
}

fn pair(scheme: Scheme, backend: Backend, key: Arc<Private>) -> Pair {
    let material = KeyMaterial::Rsa { n: key.n.clone(), e: key.e.clone() };
    (Box::new(Rsa { scheme, backend, key }), material)
}

struct Rsa {
    scheme: Scheme,
    backend: Backend,
    key: Arc<Private>,
}

impl Signer for Rsa {
    fn sign(&self, message: &[u8], rng: &mut dyn Random) -> Vec<u8> {
        match (self.scheme, self.backend) {
            (Scheme::RsaPss { hash, salt_len }, Backend::Deterministic) => {
                let mut salt = vec![0; usize::from(salt_len)];
                rng.fill(&mut salt);
                self.key.sign_pss(hash, message, &salt).unwrap_or_default()
            }
            (Scheme::RsaPkcs1(Hash::Sha1), _) => self.key.sign_sha1(message).unwrap_or_default(),
            _ => self.key.sign(self.scheme, message).unwrap_or_default(),
        }
    }

    fn secret(&self) -> Vec<u8> {
        self.key.pkcs8.clone()
    }
}

impl Private {
    /// Reads PKCS #8 (RFC 5208) around an RSAPrivateKey (RFC 8017 §A.1.2).
    fn parse(pkcs8: &[u8]) -> Option<Self> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).ok()?;
        let (n, e, d) = numbers(pkcs8).ok()?;
        MODULUS_BYTES.contains(&n.len()).then(|| Self { pkcs8: pkcs8.to_vec(), pair, n, e, d })
    }

    fn sign(&self, scheme: Scheme, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(encoding(scheme)?, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }

    /// RSASSA-PSS with this salt (RFC 8017 §8.1.1).
    fn sign_pss(&self, hash: Hash, message: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
        let unused = self.n.first()?.leading_zeros() as usize;
        self.private_operation(&pss::encode(hash, message, salt, self.n.len() * 8 - unused - 1)?)
    }

    /// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8017 §8.2.1), which aws-lc only verifies.
    fn sign_sha1(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.private_operation(&pkcs1::encode_sha1(message, self.n.len())?)
    }

    /// RSASP1 (RFC 8017 §5.2.1) as a plain exponentiation: its time says something about the key, and
    /// the keys that it is for are public.
    fn private_operation(&self, encoded: &[u8]) -> Option<Vec<u8>> {
        let bits = u32::try_from(self.n.len() * 8).ok()?;
        let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, bits).ok();
        let parameters = BoxedMontyParams::new_vartime(Odd::new(number(&self.n)?).into_option()?);
        let base = BoxedMontyForm::new(number(encoded)?, &parameters);
        let signature = base.pow(&number(&self.d)?).retrieve().to_be_bytes();
        Some(signature.into_vec())
    }
}

type Numbers = (Vec<u8>, Vec<u8>, Vec<u8>);

/// Modulus, public exponent and private exponent.
fn numbers(pkcs8: &[u8]) -> Result<Numbers, der::Error> {
    let private = SliceReader::new(pkcs8)?.sequence(|info| {
        let _version: u8 = info.decode()?;
        let _algorithm: AnyRef<'_> = info.decode()?;
        let private: AnyRef<'_> = info.decode()?;
        while !info.is_finished() {
            info.tlv_bytes()?;
        }
        Ok::<_, der::Error>(private.value())
    })?;
    SliceReader::new(private)?.sequence(|key| {
        let _version: u8 = key.decode()?;
        let mut next = || key.decode::<UintRef<'_>>().map(|number| number.as_bytes().to_vec());
        let numbers = (next()?, next()?, next()?);
        while !key.is_finished() {
            key.tlv_bytes()?;
        }
        Ok(numbers)
    })
}

const fn encoding(scheme: Scheme) -> Option<&'static RsaSignatureEncoding> {
    Some(match scheme {
        Scheme::RsaPkcs1(Hash::Sha256) => &aws::RSA_PKCS1_SHA256,
        Scheme::RsaPkcs1(Hash::Sha384) => &aws::RSA_PKCS1_SHA384,
        Scheme::RsaPkcs1(Hash::Sha512) => &aws::RSA_PKCS1_SHA512,
        Scheme::RsaPss { hash: Hash::Sha256, .. } => &aws::RSA_PSS_SHA256,
        Scheme::RsaPss { hash: Hash::Sha384, .. } => &aws::RSA_PSS_SHA384,
        Scheme::RsaPss { hash: Hash::Sha512, .. } => &aws::RSA_PSS_SHA512,
        Scheme::RsaPkcs1(Hash::Sha1) | Scheme::RsaPss { hash: Hash::Sha1, .. } => return None,
        Scheme::Ecdsa(_) | Scheme::Ed25519 | Scheme::Ed448 | Scheme::MlDsa(_) => return None,
    })
}
