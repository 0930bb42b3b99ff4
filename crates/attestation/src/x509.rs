//! Certificates (RFC 5280 §4.1), borrowed from their DER. What a certificate means is for others to
//! judge; here it is only taken apart, strictly.

mod algorithm;
mod alternative_name;
mod crl;
mod error;
mod extension;
mod name;
mod public_key;

use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, UtcTime};
use der::{Decode as _, Header, Reader, SliceReader, Tag, Tagged as _};
use jiff::Timestamp;

use crate::signature::PublicKey;

pub use algorithm::{AlgorithmIdentifier, SignatureAlgorithm};
pub use alternative_name::GeneralName;
pub use crl::{Crl, CrlError, MAX_CRL, MAX_REVOKED, Revoked};
pub use error::CertificateError;
pub use extension::{BasicConstraints, Extension};
pub use name::{Attribute, Name};

/// The longest certificate that is read, in bytes. Real attestation certificates have under 2 kB.
pub const MAX_CERTIFICATE: usize = 64 * 1024;
/// The most extensions that are read.
pub const MAX_EXTENSIONS: usize = 64;

/// A certificate, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// All of it.
    pub der: &'a [u8],
    /// What is signed.
    pub tbs: &'a [u8],
    /// 1, 2 or 3 (in the DER 0, 1 or 2).
    pub version: u8,
    /// The content of the serial number.
    pub serial: &'a [u8],
    /// Who signed it.
    pub issuer: Name<'a>,
    /// Whose key it carries.
    pub subject: Name<'a>,
    /// The first moment of its validity.
    pub not_before: Timestamp,
    /// The last moment of its validity.
    pub not_after: Timestamp,
    /// The SubjectPublicKeyInfo.
    pub spki: &'a [u8],
    /// The extensions, in their order; none occurs twice.
    pub extensions: Vec<Extension<'a>>,
    /// How it is signed.
    pub signature_algorithm: AlgorithmIdentifier<'a>,
    /// The signature.
    pub signature: &'a [u8],
    /// How many bits of the signature's last byte its BIT STRING says are unused. None are; certificates
    /// of early U2F keys say otherwise.
    pub unused_bits: u8,
}

impl<'a> Certificate<'a> {
    /// Takes a certificate apart. Nothing may follow it.
    ///
    /// # Errors
    /// The first place where it is no DER certificate.
    pub fn parse(der: &'a [u8]) -> Result<Self, CertificateError> {
        let certificate = Self::parse_odd(der)?;
        if certificate.unused_bits == 0 { Ok(certificate) } else { Err(CertificateError::UnusedBits) }
    }

    /// As [`Certificate::parse`], and a signature that claims not to end on a byte is taken whole: the
    /// certificates of some U2F keys are so.
    ///
    /// # Errors
    /// As [`Certificate::parse`].
    pub fn parse_odd(der: &'a [u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError::TooLong { found: der.len() });
        }
        let mut reader = SliceReader::new(der)?;
        let certificate = reader.sequence(|outer| {
            let mut certificate = to_be_signed(outer)?;
            let algorithm = AlgorithmIdentifier::read(outer)?;
            if algorithm != certificate.signature_algorithm {
                return Err(CertificateError::AlgorithmsDiffer);
            }
            let signature = BitStringRef::decode(outer)?;
            certificate.signature = signature.raw_bytes();
            certificate.unused_bits = signature.unused_bits();
            Ok(certificate)
        })?;
        match u32::from(reader.remaining_len()) {
            0 => Ok(Self { der, ..certificate }),
            trailing => Err(CertificateError::Trailing(trailing)),
        }
    }

    /// The public key; [`PublicKey::Unknown`] for kinds that there is no arithmetic for.
    #[must_use]
    pub fn public_key(&self) -> PublicKey<'a> {
        public_key::parse(self.spki).unwrap_or(PublicKey::Unknown)
    }

    /// The extension with this identifier.
    #[must_use]
    pub fn extension(&self, oid: const_oid::ObjectIdentifier) -> Option<&Extension<'a>> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// Whether subject and issuer are the same name, as in a root.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject.same(&self.issuer)
    }
}

fn to_be_signed<'a>(outer: &mut SliceReader<'a>) -> Result<Certificate<'a>, CertificateError> {
    let mut whole = outer.clone();
    let tbs = whole.tlv_bytes()?;
    outer.sequence(|reader| {
        let version = version(reader)?;
        let serial = AnyRef::decode(reader)?;
        serial.tag().assert_eq(Tag::Integer)?;
        let signature_algorithm = AlgorithmIdentifier::read(reader)?;
        let issuer = Name::read(reader)?;
        let (not_before, not_after) =
            reader.sequence(|validity| Ok::<_, CertificateError>((time(validity)?, time(validity)?)))?;
        let subject = Name::read(reader)?;
        let spki = reader.tlv_bytes()?;
        Ok(Certificate {
            der: &[],
            tbs,
            version,
            serial: serial.value(),
            issuer,
            subject,
            not_before,
            not_after,
            spki,
            extensions: extension::read(reader)?,
            signature_algorithm,
            signature: &[],
            unused_bits: 0,
        })
    })
}

/// `[0] EXPLICIT INTEGER DEFAULT v1`.
fn version(reader: &mut SliceReader<'_>) -> Result<u8, CertificateError> {
    if reader.peek_byte() != Some(0xa0) {
        return Ok(1);
    }
    let header = Header::decode(reader)?;
    let number: u8 = reader.read_nested(header.length(), |inner| inner.decode())?;
    match number {
        0..=2 => Ok(number + 1),
        _ => Err(CertificateError::Version { found: number }),
    }
}

/// UTCTime or GeneralizedTime, to the second; beyond what a [`Timestamp`] holds, its end.
fn time(reader: &mut SliceReader<'_>) -> Result<Timestamp, CertificateError> {
    let since_1970 = match Tag::peek(reader)? {
        Tag::GeneralizedTime => GeneralizedTime::decode(reader)?.to_unix_duration(),
        _ => UtcTime::decode(reader)?.to_unix_duration(),
    };
    let seconds = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
    Ok(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX))
}

/// A BIT STRING of whole bytes.
fn whole_bytes<'a>(reader: &mut SliceReader<'a>) -> Result<&'a [u8], CertificateError> {
    BitStringRef::decode(reader)?.as_bytes().ok_or(CertificateError::UnusedBits)
}

#[cfg(test)]
mod tests;
