//! authenticatorLargeBlobs (`ctap-2.2 §6.10`).

use super::MessageError;
use super::members::{self, Members};
use super::message::{Map, message};
use crate::cbor::{self, Key, Reader, Rules, Value};

message! {
    /// The request's parameters. Which of them go together is the authenticator's to say.
    Request {
        /// Bytes to read.
        get: i64 = 0x01;
        /// A fragment to write.
        set: Vec<u8> = 0x02;
        /// Bytes.
        offset: i64 = 0x03;
        /// Bytes of the whole array that the fragments make; only with the first.
        length: i64 = 0x04;
        pin_uv_auth_param: Vec<u8> = 0x05;
        pin_uv_auth_protocol: i64 = 0x06;
    }
}

message! {
    /// The reply; writing answers without a body.
    Response {
        /// A part of the serialized large-blob array.
        config: Vec<u8> = 0x01;
    }
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
        Self::request(bytes)
    }

    /// The parameters in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encoded()
    }
}

impl Response {
    /// Reads a reply's body, which may be empty.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        Self::reply(bytes)
    }

    /// The reply's body in canonical form; empty without members.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encoded_or_nothing()
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
