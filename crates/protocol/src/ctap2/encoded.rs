//! A nested map whose bytes are authenticated.

use std::ops::Deref;

use crate::cbor::{self, Reader};

/// `subCommandParams` and the bytes that they came in: a pinUvAuthParam covers what was sent, however it was encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded<T> {
    value: T,
    bytes: Vec<u8>,
}

impl<T> Encoded<T> {
    /// The caller says that `bytes` are an encoding of `value`; they need not be the canonical one.
    #[must_use]
    pub const fn of(value: T, bytes: Vec<u8>) -> Self {
        Self { value, bytes }
    }

    /// The encoding.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Well-formedness first, then `read`.
    pub(super) fn read<'a>(
        reader: &mut Reader<'a>,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, cbor::Error>,
    ) -> Result<Self, cbor::Error> {
        let mut again = reader.clone();
        let bytes = reader.skip()?.to_vec();
        Ok(Self { value: read(&mut again)?, bytes })
    }
}

impl<T> Deref for Encoded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
