//! RSA signatures (RFC 8017 §8), of exactly the length of the modulus.

use aws_lc_rs::signature::{self as aws, RsaParameters, RsaPssSaltLength, RsaPublicKeyComponents};

use super::{EncodingError, Hash, Scheme, SignatureError};

/// The moduli that are accepted, in bits: shorter ones can be factored, longer ones cost too much.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// An RSA public key.
pub(super) struct Key<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
}

pub(super) fn verify(key: &Key<'_>, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    check(key)?;
    if signature.len() != key.n.len() {
        return Err(EncodingError::Length { expected: key.n.len(), found: signature.len() }.into());
    }
    let components = RsaPublicKeyComponents { n: key.n, e: key.e };
    let verified = match parameters(scheme) {
        Some(parameters) => components.verify(&parameters, message, signature),
        None => return Err(SignatureError::Mismatch),
    };
    verified.map_err(|_| SignatureError::Mismatch)
}

pub(super) fn check(key: &Key<'_>) -> Result<(), SignatureError> {
    let leading = key.n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = (key.n.len() * 8).saturating_sub(leading);
    if leading == 8 || !MODULUS_BITS.contains(&bits) {
        return Err(SignatureError::Modulus { found: bits });
    }
    let odd = key.e.last().is_some_and(|byte| byte & 1 == 1);
    let canonical = key.e.first().is_some_and(|byte| *byte != 0) && key.e.len() <= 4;
    if odd && canonical && key.e != [1] { Ok(()) } else { Err(SignatureError::Exponent) }
}

const fn parameters(scheme: Scheme) -> Option<RsaParameters> {
    Some(match scheme {
        Scheme::RsaPkcs1(Hash::Sha1) => aws::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Scheme::RsaPkcs1(Hash::Sha256) => aws::RSA_PKCS1_2048_8192_SHA256,
        Scheme::RsaPkcs1(Hash::Sha384) => aws::RSA_PKCS1_2048_8192_SHA384,
        Scheme::RsaPkcs1(Hash::Sha512) => aws::RSA_PKCS1_2048_8192_SHA512,
        Scheme::RsaPss { hash, salt_len } => {
            let parameters = match hash {
                Hash::Sha1 => return None,
                Hash::Sha256 => aws::RSA_PSS_2048_8192_SHA256,
                Hash::Sha384 => aws::RSA_PSS_2048_8192_SHA384,
                Hash::Sha512 => aws::RSA_PSS_2048_8192_SHA512,
            };
            parameters.with_pss_salt_length(RsaPssSaltLength::Custom(salt_len))
        }
        Scheme::Ecdsa(_) | Scheme::Ed25519 | Scheme::Ed448 | Scheme::MlDsa(_) => return None,
    })
}
