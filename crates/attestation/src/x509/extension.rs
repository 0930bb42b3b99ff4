//! Extensions (RFC 5280 §4.2), and the two that decide who may sign certificates.

use const_oid::ObjectIdentifier;
use der::asn1::{BitStringRef, OctetStringRef};
use der::{Decode as _, Header, Reader, SliceReader};

use super::{Certificate, CertificateError, MAX_EXTENSIONS};
use crate::layout::oid;

/// One extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension<'a> {
    /// What it is.
    pub oid: ObjectIdentifier,
    /// Whether whoever does not know it must refuse the certificate.
    pub critical: bool,
    /// The content of its octet string.
    pub value: &'a [u8],
}

/// Basic constraints (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the key may sign certificates.
    pub ca: bool,
    /// How many certificates may stand between this one and the last.
    pub path_len: Option<u32>,
}

/// What follows the public key: two unique identifiers that nobody uses, and the extensions.
pub(super) fn read<'a>(reader: &mut SliceReader<'a>) -> Result<Vec<Extension<'a>>, CertificateError> {
    while matches!(reader.peek_byte(), Some(0x81 | 0x82 | 0xa1 | 0xa2)) {
        reader.tlv_bytes()?;
    }
    if reader.peek_byte() != Some(0xa3) {
        return Ok(Vec::new());
    }
    let header = Header::decode(reader)?;
    reader.read_nested(header.length(), |reader| reader.sequence(extensions))
}

pub(super) fn extensions<'a>(reader: &mut SliceReader<'a>) -> Result<Vec<Extension<'a>>, CertificateError> {
    let mut extensions: Vec<Extension<'a>> = Vec::with_capacity(8);
    while !reader.is_finished() {
        if extensions.len() == MAX_EXTENSIONS {
            return Err(CertificateError::TooManyExtensions);
        }
        let extension = reader.sequence(extension)?;
        if extensions.iter().any(|earlier| earlier.oid == extension.oid) {
            return Err(CertificateError::DuplicateExtension(extension.oid));
        }
        extensions.push(extension);
    }
    Ok(extensions)
}

fn extension<'a>(reader: &mut SliceReader<'a>) -> Result<Extension<'a>, CertificateError> {
    let oid = ObjectIdentifier::decode(reader)?;
    let critical = reader.peek_byte() == Some(0x01) && bool::decode(reader)?;
    let value = <&OctetStringRef>::decode(reader)?.as_bytes();
    Ok(Extension { oid, critical, value })
}

impl Certificate<'_> {
    /// The basic constraints, if there are any.
    ///
    /// # Errors
    /// An extension that is not `SEQUENCE { BOOLEAN DEFAULT FALSE, INTEGER OPTIONAL }`.
    pub fn basic_constraints(&self) -> Result<Option<BasicConstraints>, der::Error> {
        let Some(extension) = self.extension(oid::BASIC_CONSTRAINTS) else { return Ok(None) };
        let mut reader = SliceReader::new(extension.value)?;
        let constraints = reader.sequence(|inner| {
            let ca = inner.peek_byte() == Some(0x01) && bool::decode(inner)?;
            let path_len = if inner.is_finished() { None } else { Some(u32::decode(inner)?) };
            Ok::<_, der::Error>(BasicConstraints { ca, path_len })
        })?;
        reader.finish()?;
        Ok(Some(constraints))
    }

    /// The firmware that the certificate names (`id-fido-gen-ce-fw-version`, `webauthn-3 §8.2.1`), if it does
    /// so in at most 64 bits.
    #[must_use]
    pub fn firmware_version(&self) -> Option<u64> {
        u64::from_der(self.extension(oid::FIDO_FIRMWARE)?.value).ok()
    }

    /// Whether the key usage allows signing certificates; `None` where the extension is absent, which
    /// allows everything.
    ///
    /// # Errors
    /// An extension that is no BIT STRING.
    pub fn may_sign_certificates(&self) -> Result<Option<bool>, der::Error> {
        const KEY_CERT_SIGN: usize = 5;
        let Some(extension) = self.extension(oid::KEY_USAGE) else { return Ok(None) };
        let usage = BitStringRef::from_der(extension.value)?;
        Ok(Some(usage.get(KEY_CERT_SIGN) == Some(true)))
    }
}
