//! The key of a PIN/UV auth protocol's key agreement (`ctap-2.2 §6.5.5.4`).

use super::members;
use crate::cbor::{self, Key, Reader, Writer};

const EC2: i64 = 2;
const ECDH_ES_HKDF_256: i64 = -25;
const P256: i64 = 1;

/// A COSE_Key as it was sent. That it is a point on P-256 is for whoever has the arithmetic: what cannot be
/// decapsulated has a status of its own (0x02).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyAgreement {
    /// Label 1; 2 in every valid key.
    pub kty: i64,
    /// Label 3; the fixed marker -25 in every valid key.
    pub alg: Option<i64>,
    /// Label -1; 1 in every valid key.
    pub crv: i64,
    /// Label -2, big-endian.
    pub x: Vec<u8>,
    /// Label -3, big-endian.
    pub y: Vec<u8>,
}

impl KeyAgreement {
    /// The key with these coordinates on P-256.
    #[must_use]
    pub fn p256(x: [u8; 32], y: [u8; 32]) -> Self {
        Self { kty: EC2, alg: Some(ECDH_ES_HKDF_256), crv: P256, x: x.into(), y: y.into() }
    }

    /// The uncompressed point (`04 x y`), if the labels say P-256 and the coordinates have its length.
    #[must_use]
    pub fn point(&self) -> Option<[u8; 65]> {
        let labels = self.kty == EC2 && self.crv == P256 && self.alg.is_none_or(|alg| alg == ECDH_ES_HKDF_256);
        let x: &[u8; 32] = self.x.as_slice().try_into().ok()?;
        let y: &[u8; 32] = self.y.as_slice().try_into().ok()?;
        let mut point = [4; 65];
        point[1..33].copy_from_slice(x);
        point[33..].copy_from_slice(y);
        labels.then_some(point)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, cbor::Error> {
        let start = reader.offset();
        let (mut key, mut seen) = (Self::default(), [false; 4]);
        reader.map(|reader, label| {
            match label {
                Key::Int(1) => (key.kty, seen[0]) = (reader.integer()?, true),
                Key::Int(3) => key.alg = Some(reader.integer()?),
                Key::Int(-1) => (key.crv, seen[1]) = (reader.integer()?, true),
                Key::Int(-2) => (key.x, seen[2]) = (reader.bytes()?.to_vec(), true),
                Key::Int(-3) => (key.y, seen[3]) = (reader.bytes()?.to_vec(), true),
                _ => _ = reader.skip()?,
            }
            Ok(())
        })?;
        let names = ["keyAgreement.kty", "keyAgreement.crv", "keyAgreement.x", "keyAgreement.y"];
        match seen.iter().position(|seen| !seen) {
            Some(missing) => Err(members::missing(start, names[missing])),
            None => Ok(key),
        }
    }

    pub(super) fn write(writer: &mut Writer, key: &Self) {
        writer.map(4 + usize::from(key.alg.is_some())).integer(1).integer(key.kty);
        if let Some(alg) = key.alg {
            writer.integer(3).integer(alg);
        }
        writer.integer(-1).integer(key.crv).integer(-2).bytes(&key.x).integer(-3).bytes(&key.y);
    }
}
