//! Signature algorithms of certificates (RFC 3279, 4055, 5758, 8410, 9881).

use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use der::{Decode as _, Header, Reader, SliceReader, Tag};
use lab_protocol::cose::MlDsa;

use crate::layout::oid;
use crate::signature::{Hash, Scheme};

/// An algorithm and its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlgorithmIdentifier<'a> {
    /// The algorithm.
    pub oid: ObjectIdentifier,
    /// The parameters, as one DER element.
    pub parameters: Option<AnyRef<'a>>,
}

/// What the lab makes of an algorithm that signs certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// It can be verified.
    Known(Scheme),
    /// Nobody should believe it: its hash is broken.
    Weak(&'static str),
    /// It is not built.
    Unsupported,
}

impl<'a> AlgorithmIdentifier<'a> {
    pub(super) fn read(reader: &mut SliceReader<'a>) -> Result<Self, der::Error> {
        reader.sequence(|inner| {
            let oid = ObjectIdentifier::decode(inner)?;
            let parameters = if inner.is_finished() { None } else { Some(AnyRef::decode(inner)?) };
            Ok(Self { oid, parameters })
        })
    }

    /// How a certificate is signed that names this algorithm.
    #[must_use]
    pub fn signature(&self) -> SignatureAlgorithm {
        use SignatureAlgorithm::{Known, Unsupported, Weak};
        match self.oid {
            oid::ECDSA_SHA256 => Known(Scheme::Ecdsa(Hash::Sha256)),
            oid::ECDSA_SHA384 => Known(Scheme::Ecdsa(Hash::Sha384)),
            oid::ECDSA_SHA512 => Known(Scheme::Ecdsa(Hash::Sha512)),
            oid::ED25519 => Known(Scheme::Ed25519),
            oid::ED448 => Known(Scheme::Ed448),
            oid::ML_DSA_44 => Known(Scheme::MlDsa(MlDsa::MlDsa44)),
            oid::ML_DSA_65 => Known(Scheme::MlDsa(MlDsa::MlDsa65)),
            oid::ML_DSA_87 => Known(Scheme::MlDsa(MlDsa::MlDsa87)),
            oid::RSA_SHA256 => Known(Scheme::RsaPkcs1(Hash::Sha256)),
            oid::RSA_SHA384 => Known(Scheme::RsaPkcs1(Hash::Sha384)),
            oid::RSA_SHA512 => Known(Scheme::RsaPkcs1(Hash::Sha512)),
            oid::RSA_PSS => self.pss().unwrap_or(Unsupported),
            oid::ECDSA_SHA1 => Weak("ecdsa-with-SHA1"),
            oid::RSA_SHA1 => Weak("sha1WithRSAEncryption"),
            oid::RSA_MD5 => Weak("md5WithRSAEncryption"),
            oid::RSA_MD2 => Weak("md2WithRSAEncryption"),
            _ => Unsupported,
        }
    }

    /// `RSASSA-PSS-params` (RFC 4055 §3.1), whose defaults are SHA-1 and a salt of 20 bytes.
    fn pss(&self) -> Option<SignatureAlgorithm> {
        const SHA1: SignatureAlgorithm = SignatureAlgorithm::Weak("id-RSASSA-PSS with SHA-1");
        let parameters = self.parameters?;
        parameters.header().tag().assert_eq(Tag::Sequence).ok()?;
        let mut reader = SliceReader::new(parameters.value()).ok()?;
        let Some(hash) = explicit(&mut reader, 0xa0, Self::read).ok()? else { return Some(SHA1) };
        let Some(mask) = explicit(&mut reader, 0xa1, Self::read).ok()? else { return Some(SHA1) };
        let salt_len = explicit(&mut reader, 0xa2, u16::decode).ok()?.unwrap_or(20);
        let trailer = explicit(&mut reader, 0xa3, u8::decode).ok()?.unwrap_or(1);
        reader.finish().ok()?;
        let mut inner = SliceReader::new(mask.parameters?.value()).ok()?;
        let mask_hash = ObjectIdentifier::decode(&mut inner).ok()?;
        let same = mask.oid == oid::MGF1 && mask_hash == hash.oid && trailer == 1;
        let hash = hash_of(hash.oid).filter(|_| same)?;
        Some(SignatureAlgorithm::Known(Scheme::RsaPss { hash, salt_len }))
    }
}

/// An explicitly tagged optional member.
fn explicit<'a, T>(
    reader: &mut SliceReader<'a>,
    tag: u8,
    read: impl FnOnce(&mut SliceReader<'a>) -> Result<T, der::Error>,
) -> Result<Option<T>, der::Error> {
    if reader.peek_byte() != Some(tag) {
        return Ok(None);
    }
    let header = Header::decode(reader)?;
    reader.read_nested(header.length(), read).map(Some)
}

fn hash_of(oid: ObjectIdentifier) -> Option<Hash> {
    Some(match oid {
        oid::SHA256 => Hash::Sha256,
        oid::SHA384 => Hash::Sha384,
        oid::SHA512 => Hash::Sha512,
        _ => return None,
    })
}
