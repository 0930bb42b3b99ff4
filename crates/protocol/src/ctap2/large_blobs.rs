//! authenticatorLargeBlobs (`ctap-2.2 §6.10`).

use super::members::{self, Members};
use super::{MessageError, Unknown};
use crate::cbor::{self, Key, Reader, Rules, Value};

/// The request's parameters. Which of them go together is the authenticator's to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// 0x01: bytes to read.
    pub get: Option<i64>,
    /// 0x02: a fragment to write.
    pub set: Option<Vec<u8>>,
    /// 0x03: bytes.
    pub offset: Option<i64>,
    /// 0x04: bytes of the whole array that the fragments make; only with the first.
    pub length: Option<i64>,
    /// 0x05.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x06.
    pub pin_uv_auth_protocol: Option<i64>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// The reply; writing answers without a body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// 0x01: a part of the serialized large-blob array.
    pub config: Option<Vec<u8>>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// An element of the large-blob array: what one credential keeps there (`ctap-2.2 §6.10.3`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LargeBlobMap {
    /// 0x01: AES-256-GCM ciphertext and tag.
    pub ciphertext: Vec<u8>,
    /// 0x02: 12 bytes.
    pub nonce: Vec<u8>,
    /// 0x03: bytes before compression.
    pub orig_size: u64,
}

impl Request {
    /// Reads the parameters as an authenticator does: strictly.
    ///
    /// # Errors
    /// What is wrong, with the status to answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut request = Self::default();
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => request.get = Some(reader.integer()?),
                Key::Int(2) => request.set = Some(reader.bytes()?.to_vec()),
                Key::Int(3) => request.offset = Some(reader.integer()?),
                Key::Int(4) => request.length = Some(reader.integer()?),
                Key::Int(5) => request.pin_uv_auth_param = Some(reader.bytes()?.to_vec()),
                Key::Int(6) => request.pin_uv_auth_protocol = Some(reader.integer()?),
                other => request.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(request)
    }

    /// The parameters in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_integer(1, self.get);
        members.put_bytes(2, self.set.as_deref());
        members.put_integer(3, self.offset);
        members.put_integer(4, self.length);
        members.put_bytes(5, self.pin_uv_auth_param.as_deref());
        members.put_integer(6, self.pin_uv_auth_protocol);
        members.encode(&self.unknown)
    }
}

impl Response {
    /// Reads a reply's body, which may be empty.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut response = Self::default();
        members::optional_map(bytes, |reader, key| {
            match key {
                Key::Int(1) => response.config = Some(reader.bytes()?.to_vec()),
                other => response.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        Ok(response)
    }

    /// The reply's body in canonical form; empty without members.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_bytes(1, self.config.as_deref());
        members.encode_or_nothing(&self.unknown)
    }
}

impl LargeBlobMap {
    /// Reads one element; what does not read is somebody else's and stays as it is.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, cbor::Error> {
        let (mut ciphertext, mut nonce, mut orig_size) = (None, None, None);
        let mut reader = Reader::new(bytes, Rules::PLATFORM);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => ciphertext = Some(reader.bytes()?.to_vec()),
                Key::Int(2) => nonce = Some(reader.array_of::<12>("nonce")?.to_vec()),
                Key::Int(3) => orig_size = Some(members::unsigned(reader)?),
                _ => _ = reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(Self {
            ciphertext: ciphertext.ok_or_else(|| members::missing(0, "ciphertext"))?,
            nonce: nonce.ok_or_else(|| members::missing(0, "nonce"))?,
            orig_size: orig_size.ok_or_else(|| members::missing(0, "origSize"))?,
        })
    }

    /// The element in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_bytes(1, Some(&self.ciphertext));
        members.put_bytes(2, Some(&self.nonce));
        members.put(3, |writer| _ = writer.raw(&cbor::encode(&Value::from(self.orig_size))));
        members.encode(&[])
    }
}
