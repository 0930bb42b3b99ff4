//! SubjectPublicKeyInfo (RFC 5480, 8017, 8410, 9881).

use aws_lc_rs::digest;
use const_oid::ObjectIdentifier;
use der::asn1::{BitStringRef, UintRef};
use der::{Decode as _, Reader, SliceReader};
use lab_protocol::cose::{Curve, MlDsa};

use super::AlgorithmIdentifier;
use crate::layout::oid;
use crate::signature::PublicKey;

/// The numbers of a key; `None` for kinds and forms that are not supported.
pub(super) fn parse(spki: &[u8]) -> Option<PublicKey<'_>> {
    let mut reader = SliceReader::new(spki).ok()?;
    let (algorithm, key) = reader
        .sequence(|inner| Ok::<_, der::Error>((AlgorithmIdentifier::read(inner)?, BitStringRef::decode(inner)?)))
        .ok()?;
    let key = key.as_bytes()?;
    match algorithm.oid {
        oid::EC_PUBLIC_KEY => ec2(algorithm, key),
        oid::ED25519 => key.try_into().ok().map(|x| PublicKey::Ed25519 { x }),
        oid::ED448 => key.try_into().ok().map(|x| PublicKey::Ed448 { x }),
        oid::ML_DSA_44 => Some(PublicKey::MlDsa { set: MlDsa::MlDsa44, key }),
        oid::ML_DSA_65 => Some(PublicKey::MlDsa { set: MlDsa::MlDsa65, key }),
        oid::ML_DSA_87 => Some(PublicKey::MlDsa { set: MlDsa::MlDsa87, key }),
        oid::RSA | oid::RSA_PSS => rsa(key).ok(),
        _ => None,
    }
}

impl super::Certificate<'_> {
    /// SHA-1 of the bits of the public key (RFC 5280 §4.2.1.2, method 1), by which FIDO metadata names U2F
    /// models. `None` for a key that is no bit string.
    #[must_use]
    pub fn key_identifier(&self) -> Option<[u8; 20]> {
        let mut reader = SliceReader::new(self.spki).ok()?;
        let bits = reader.sequence(|inner| {
            AlgorithmIdentifier::read(inner)?;
            BitStringRef::decode(inner)
        });
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bits.ok()?.as_bytes()?);
        digest.as_ref().try_into().ok()
    }
}

/// A named curve and an uncompressed point (RFC 5480 §2.1.1).
fn ec2<'a>(algorithm: AlgorithmIdentifier<'a>, point: &'a [u8]) -> Option<PublicKey<'a>> {
    let curve = match algorithm.parameters?.decode_as::<ObjectIdentifier>().ok()? {
        oid::P256 => Curve::P256,
        oid::P384 => Curve::P384,
        oid::P521 => Curve::P521,
        oid::SECP256K1 => Curve::Secp256k1,
        _ => return None,
    };
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(curve.field_len())?;
    (y.len() == x.len()).then_some(PublicKey::Ec2 { curve, x, y })
}

/// `SEQUENCE { n INTEGER, e INTEGER }`.
fn rsa(key: &[u8]) -> Result<PublicKey<'_>, der::Error> {
    let mut reader = SliceReader::new(key)?;
    let numbers = reader.sequence(|inner| {
        let (n, e) = (UintRef::decode(inner)?, UintRef::decode(inner)?);
        Ok::<_, der::Error>(PublicKey::Rsa { n: n.as_bytes(), e: e.as_bytes() })
    })?;
    reader.finish()?;
    Ok(numbers)
}
