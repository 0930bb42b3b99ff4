//! CTAP2 canonical CBOR (`ctap-2.2 §8`): a strict, borrowing reader, a writer that is canonical
//! unless told otherwise, and [`emit`] for every deviation that a broken peer may send.
//!
//! Typed structures are read with [`Reader`] straight from the bytes; what nobody knows yet is kept
//! as [`ciborium::Value`].

pub mod emit;
mod error;
mod reader;
mod rules;
mod value;
mod writer;

pub use ciborium::Value;
pub use error::{Deviation, DeviationKind, Error, ErrorKind};
pub use reader::{Key, Reader};
pub use rules::{MAX_ITEMS, Rules, Type};
pub use writer::Writer;

/// Decodes exactly one item.
///
/// # Errors
/// The first place where `bytes` breaks `rules`, with its offset.
pub fn decode(bytes: &[u8], rules: Rules) -> Result<Value, Error> {
    let mut reader = Reader::new(bytes, rules);
    let value = reader.value()?;
    reader.end()?;
    Ok(value)
}

/// Encodes `value` in CTAP2 canonical form: shortest lengths, definite, keys sorted.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    emit::encode(value, &emit::Style::CANONICAL)
}

/// The CTAP2 order of two encoded map keys: major type, then length, then bytes.
#[must_use]
pub fn key_order(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let rank = |key: &[u8]| (key.first().map(|byte| byte >> 5), key.len());
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests;
