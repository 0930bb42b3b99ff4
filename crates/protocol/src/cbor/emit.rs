//! Emitting CBOR in every form that a broken or hostile peer may use.

use ciborium::Value;

use super::key_order;
use super::writer::push_head;

/// How a tree is written. [`Style::CANONICAL`] is what CTAP2 demands; each member is one deviation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// The order of map keys.
    pub keys: KeyOrder,
    /// Write every integer and length with eight bytes.
    pub longest: bool,
    /// Write arrays and maps with indefinite length.
    pub indefinite: bool,
    /// Write byte and text strings in chunks of at most this many bytes, with indefinite length.
    pub chunks: Option<usize>,
    /// Write the first member of every map twice.
    pub duplicate_first_key: bool,
    /// Put this tag around the outermost item.
    pub tag: Option<u64>,
    /// Append these bytes.
    pub trailing: Vec<u8>,
    /// Keep only this many bytes.
    pub truncate: Option<usize>,
}

/// The order in which map members are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrder {
    /// CTAP2 canonical order.
    Canonical,
    /// The order of the tree.
    AsGiven,
    /// The reverse of the canonical order.
    Reversed,
}

impl Style {
    /// CTAP2 canonical form (`ctap-2.2 §8`).
    pub const CANONICAL: Self = Self {
        keys: KeyOrder::Canonical,
        longest: false,
        indefinite: false,
        chunks: None,
        duplicate_first_key: false,
        tag: None,
        trailing: Vec::new(),
        truncate: None,
    };
}

/// Encodes `value` as `style` says.
#[must_use]
pub fn encode(value: &Value, style: &Style) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(tag) = style.tag {
        push_head(&mut out, 6, tag, style.longest);
    }
    item(&mut out, value, style);
    out.extend_from_slice(&style.trailing);
    out.truncate(style.truncate.unwrap_or(usize::MAX));
    out
}

fn item(out: &mut Vec<u8>, value: &Value, style: &Style) {
    match value {
        Value::Integer(number) => integer(out, i128::from(*number), style),
        Value::Bytes(bytes) => string(out, 2, bytes, style),
        Value::Text(text) => string(out, 3, text.as_bytes(), style),
        Value::Bool(value) => out.push(0xf4 | u8::from(*value)),
        Value::Float(number) => {
            out.push(0xfb);
            out.extend(number.to_bits().to_be_bytes());
        }
        Value::Array(values) => container(out, 4, values.len(), style, |out| {
            values.iter().for_each(|value| item(out, value, style));
        }),
        Value::Map(members) => map(out, members, style),
        Value::Tag(tag, inner) => {
            push_head(out, 6, *tag, style.longest);
            item(out, inner, style);
        }
        // The enum is open; whatever it may hold one day has no form here yet, and null is honest.
        _ => out.push(0xf6),
    }
}

fn integer(out: &mut Vec<u8>, number: i128, style: &Style) {
    let (major, magnitude) = if number < 0 { (1, -1 - number) } else { (0, number) };
    push_head(out, major, u64::try_from(magnitude).unwrap_or(u64::MAX), style.longest);
}

fn string(out: &mut Vec<u8>, major: u8, bytes: &[u8], style: &Style) {
    match style.chunks {
        Some(size) => {
            out.push(major << 5 | 31);
            for chunk in bytes.chunks(size.max(1)) {
                push_head(out, major, chunk.len() as u64, style.longest);
                out.extend_from_slice(chunk);
            }
            out.push(0xff);
        }
        None => {
            push_head(out, major, bytes.len() as u64, style.longest);
            out.extend_from_slice(bytes);
        }
    }
}

fn map(out: &mut Vec<u8>, members: &[(Value, Value)], style: &Style) {
    let encoded = members.iter().map(|(key, value)| {
        let (mut k, mut v) = (Vec::new(), Vec::new());
        item(&mut k, key, style);
        item(&mut v, value, style);
        (k, v)
    });
    let mut encoded: Vec<_> = encoded.collect();
    match style.keys {
        KeyOrder::AsGiven => {}
        KeyOrder::Canonical => encoded.sort_by(|a, b| key_order(&a.0, &b.0)),
        KeyOrder::Reversed => encoded.sort_by(|a, b| key_order(&b.0, &a.0)),
    }
    if let Some(first) = encoded.first().filter(|_| style.duplicate_first_key).cloned() {
        encoded.insert(0, first);
    }
    container(out, 5, encoded.len(), style, |out| {
        encoded.iter().for_each(|(key, value)| out.extend(key.iter().chain(value)));
    });
}

fn container(out: &mut Vec<u8>, major: u8, count: usize, style: &Style, body: impl FnOnce(&mut Vec<u8>)) {
    if style.indefinite {
        out.push(major << 5 | 31);
        body(out);
        out.push(0xff);
    } else {
        push_head(out, major, count as u64, style.longest);
        body(out);
    }
}
