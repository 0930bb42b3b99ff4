//! The input of `hmac-secret` at getAssertion and of `hmac-secret-mc` (`ctap-2.2 §12.7, §12.8`).

use super::members::{self, Members};
use super::{KeyAgreement, MessageError};
use crate::cbor::{self, Key, Reader, Rules, Value};

/// The platform's key and its salts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    /// 0x01: the platform's key.
    pub key_agreement: KeyAgreement,
    /// 0x02: one or two salts of 32 bytes, encrypted.
    pub salt_enc: Vec<u8>,
    /// 0x03: what authenticates `salt_enc`.
    pub salt_auth: Vec<u8>,
    /// 0x04; absent means 1.
    pub pin_uv_auth_protocol: Option<i64>,
}

impl Input {
    /// Reads the extension's input.
    ///
    /// # Errors
    /// What is wrong, with the status to answer; offsets count from the start of the input.
    pub fn from_value(value: &Value) -> Result<Self, MessageError> {
        let bytes = cbor::encode(value);
        let mut reader = Reader::new(&bytes, Rules::CTAP2);
        let (mut key, mut salt_enc, mut salt_auth, mut protocol) = (None, None, None, None);
        reader.map(|reader, member| {
            match member {
                Key::Int(1) => key = Some(KeyAgreement::read(reader)?),
                Key::Int(2) => salt_enc = Some(reader.bytes()?.to_vec()),
                Key::Int(3) => salt_auth = Some(reader.bytes()?.to_vec()),
                Key::Int(4) => protocol = Some(reader.integer()?),
                _ => _ = reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self {
            key_agreement: key.ok_or_else(|| members::missing(0, "keyAgreement"))?,
            salt_enc: salt_enc.ok_or_else(|| members::missing(0, "saltEnc"))?,
            salt_auth: salt_auth.ok_or_else(|| members::missing(0, "saltAuth"))?,
            pin_uv_auth_protocol: protocol,
        })
    }

    /// The extension's input.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut members = Members::new();
        members.put_some(1, Some(&self.key_agreement), KeyAgreement::write);
        members.put_bytes(2, Some(&self.salt_enc));
        members.put_bytes(3, Some(&self.salt_auth));
        members.put_integer(4, self.pin_uv_auth_protocol);
        cbor::decode(&members.encode(&[]), Rules::CTAP2).unwrap_or(Value::Null)
    }
}
