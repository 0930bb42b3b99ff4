//! Certificate revocation lists (RFC 5280 §5), borrowed from their DER. Whom a list is about and whether
//! it can be believed is for [`crate::trust::revocation`].

use der::asn1::AnyRef;
use der::{Decode as _, Header, Reader, SliceReader, Tag, Tagged as _};
use jiff::Timestamp;
use lab_protocol::trace::Reason;

use super::{AlgorithmIdentifier, CertificateError, Extension, Name, extension, time, whole_bytes};
use crate::layout::oid;

/// The longest list that is read, in bytes.
pub const MAX_CRL: usize = 16 * 1024 * 1024;
/// The most revoked certificates that are read.
pub const MAX_REVOKED: usize = 200_000;

/// A list, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl<'a> {
    /// What is signed.
    pub tbs: &'a [u8],
    /// Who signed it.
    pub issuer: Name<'a>,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one is due.
    pub next_update: Option<Timestamp>,
    /// The revoked certificates, in their order.
    pub revoked: Vec<Revoked<'a>>,
    /// The extensions of the list.
    pub extensions: Vec<Extension<'a>>,
    /// How it is signed.
    pub signature_algorithm: AlgorithmIdentifier<'a>,
    /// The signature.
    pub signature: &'a [u8],
}

/// One revoked certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked<'a> {
    /// The content of its serial number.
    pub serial: &'a [u8],
    /// Since when.
    pub at: Timestamp,
    /// `CRLReason` (RFC 5280 §5.3.1).
    pub reason: Option<u8>,
    /// Whether it has a critical extension that is not understood here: then the list cannot be used.
    pub unknown_critical: bool,
}

/// Why bytes are no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Not the DER of a list, or a name, time or extension in it that is none.
    #[error("it is not the DER of a certificate revocation list: {0}")]
    Malformed(#[from] CertificateError),
    /// More bytes than are read.
    #[error("it has {found} bytes, at most {MAX_CRL} are read")]
    TooLong {
        /// The length found.
        found: usize,
    },
    /// More revoked certificates than are read.
    #[error("it names more than {MAX_REVOKED} revoked certificates")]
    TooMany,
    /// A version that lists do not have.
    #[error("its version field is {found}, expected 1 or none")]
    Version {
        /// The number found.
        found: u8,
    },
}

impl Reason for CrlError {
    fn hint(&self) -> Option<&str> {
        Some("Fetch the list again, as DER, from the distribution point that the certificate names.")
    }
}

impl From<der::Error> for CrlError {
    fn from(error: der::Error) -> Self {
        Self::Malformed(error.into())
    }
}

impl<'a> Crl<'a> {
    /// Takes a list apart. Nothing may follow it.
    ///
    /// # Errors
    /// The first place where it is no DER list, or more than is read.
    pub fn parse(der: &'a [u8]) -> Result<Self, CrlError> {
        if der.len() > MAX_CRL {
            return Err(CrlError::TooLong { found: der.len() });
        }
        let mut reader = SliceReader::new(der)?;
        let crl = reader.sequence(|outer| {
            let mut whole = outer.clone();
            let tbs = whole.tlv_bytes()?;
            let crl = outer.sequence(to_be_signed)?;
            if AlgorithmIdentifier::read(outer)? != crl.signature_algorithm {
                return Err(CrlError::Malformed(CertificateError::AlgorithmsDiffer));
            }
            let signature = whole_bytes(outer)?;
            Ok(Self { tbs, signature, ..crl })
        })?;
        match u32::from(reader.remaining_len()) {
            0 => Ok(crl),
            trailing => Err(CertificateError::Trailing(trailing).into()),
        }
    }

    /// The entry of the certificate with this serial number.
    #[must_use]
    pub fn find(&self, serial: &[u8]) -> Option<&Revoked<'a>> {
        self.revoked.iter().find(|revoked| revoked.serial == serial)
    }

    /// A critical extension that is not understood here: an issuing distribution point or a delta says
    /// that the list covers less than all certificates of its issuer.
    #[must_use]
    pub fn unknown_critical(&self) -> Option<&Extension<'a>> {
        self.extensions.iter().find(|extension| extension.critical && extension.oid != oid::AUTHORITY_KEY_ID)
    }
}

fn to_be_signed<'a>(reader: &mut SliceReader<'a>) -> Result<Crl<'a>, CrlError> {
    version(reader)?;
    let signature_algorithm = AlgorithmIdentifier::read(reader)?;
    let issuer = Name::read(reader)?;
    let this_update = time(reader)?;
    let is_time = matches!(reader.peek_byte(), Some(0x17 | 0x18));
    let next_update = if is_time { Some(time(reader)?) } else { None };
    let revoked = if reader.peek_byte() == Some(0x30) { reader.sequence(revoked)? } else { Vec::new() };
    let extensions = if reader.peek_byte() == Some(0xa0) {
        let header = Header::decode(reader)?;
        reader.read_nested(header.length(), |inner| inner.sequence(extension::extensions))?
    } else {
        Vec::new()
    };
    Ok(Crl { tbs: &[], issuer, this_update, next_update, revoked, extensions, signature_algorithm, signature: &[] })
}

/// `INTEGER v2 OPTIONAL`: in the DER 1.
fn version(reader: &mut SliceReader<'_>) -> Result<(), CrlError> {
    if reader.peek_byte() != Some(0x02) {
        return Ok(());
    }
    match u8::decode(reader)? {
        1 => Ok(()),
        found => Err(CrlError::Version { found }),
    }
}

fn revoked<'a>(reader: &mut SliceReader<'a>) -> Result<Vec<Revoked<'a>>, CrlError> {
    let mut all = Vec::new();
    while !reader.is_finished() {
        if all.len() == MAX_REVOKED {
            return Err(CrlError::TooMany);
        }
        all.push(reader.sequence(entry)?);
    }
    Ok(all)
}

fn entry<'a>(reader: &mut SliceReader<'a>) -> Result<Revoked<'a>, CrlError> {
    let serial = AnyRef::decode(reader)?;
    serial.tag().assert_eq(Tag::Integer)?;
    let at = time(reader)?;
    let extensions = if reader.is_finished() { Vec::new() } else { reader.sequence(extension::extensions)? };
    let reason = extensions.iter().find(|extension| extension.oid == oid::CRL_REASON);
    let reason = reason.map(|extension| reason_code(extension.value)).transpose()?;
    let unknown_critical = extensions.iter().any(|extension| extension.critical && extension.oid != oid::CRL_REASON);
    Ok(Revoked { serial: serial.value(), at, reason, unknown_critical })
}

/// `CRLReason ::= ENUMERATED`, one byte.
fn reason_code(value: &[u8]) -> Result<u8, der::Error> {
    let mut reader = SliceReader::new(value)?;
    let reason = AnyRef::decode(&mut reader)?;
    reason.tag().assert_eq(Tag::Enumerated)?;
    reader.finish()?;
    match reason.value() {
        [code] => Ok(*code),
        _ => Err(reason.tag().length_error().into()),
    }
}

#[cfg(test)]
mod tests;
