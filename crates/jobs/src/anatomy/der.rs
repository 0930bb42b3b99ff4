//! DER (X.690): elements named by the shape that they have to have, or by their tags.

use std::fmt::Display;

use lab_attestation::asn1::{self, Class, Tag};

use super::certificate;
use super::cutter::{Cutter, hex, text};
use super::shape::{Field, SIGNATURE, Shape};

/// A signature: `SEQUENCE { r, s }` where it is one, else bytes.
pub(super) fn signature(cutter: &mut Cutter<'_, '_>) {
    let bytes = cutter.left();
    match asn1::only(bytes) {
        Ok(element) if element.tag == Tag::SEQUENCE => self::element(cutter, "Ecdsa-Sig-Value", &SIGNATURE),
        _ => _ = cutter.leaf("signature", bytes.len(), hex(bytes)),
    }
}

/// Cuts one element. One that ends too early is read as far as it goes.
pub(super) fn element(cutter: &mut Cutter<'_, '_>, name: impl Display, shape: &'static Shape) {
    let bytes = cutter.left();
    let header = match asn1::header(bytes) {
        Ok(header) => header,
        Err(error) => return cutter.unreadable(error),
    };
    let end = header.header_len.saturating_add(header.content_len);
    let length = end.min(bytes.len());
    let content = bytes.get(header.header_len..length).unwrap_or_default();
    let name = match shape {
        Shape::Extension => certificate::extension_name(content),
        _ => name.to_string(),
    };
    let nested = header.tag.constructed || shape.is_nested(header.tag, content);
    if !nested && end <= bytes.len() {
        cutter.leaf(name, length, value(header.tag, content));
        return;
    }
    cutter.node(name, length, None, |inner| {
        let announced = format!("{} of {}", header.tag.name(), header.content_len);
        inner.leaf("tag and length", header.header_len, announced);
        if nested {
            children(inner, shape, content);
        }
        if end > bytes.len() {
            inner.unreadable(format_args!("{} bytes of the element are missing", end - bytes.len()));
        }
    });
}

fn children(inner: &mut Cutter<'_, '_>, shape: &'static Shape, content: &[u8]) {
    let mut fields = shape.fields(content).iter().peekable();
    let mut index = 0;
    while let Some(first) = inner.left().first().copied() {
        let before = inner.left().len();
        while fields.peek().is_some_and(|field| field.tag.is_some_and(|tag| tag != first)) {
            fields.next();
        }
        match fields.next() {
            Some(Field { name, shape, .. }) => element(inner, name, shape),
            None => {
                let (name, shape) = shape.element(inner.left(), index);
                element(inner, name, shape);
            }
        }
        index += 1;
        if inner.left().len() == before {
            return;
        }
    }
}

/// What an element says.
fn value(tag: Tag, content: &[u8]) -> String {
    let is = |number: u32| tag.class == Class::Universal && tag.number == number;
    match () {
        () if is(1) => (content != [0]).to_string(),
        () if (is(2) || is(10)) && content.len() <= 8 => integer(content),
        () if is(5) => "NULL".to_owned(),
        () if is(6) => certificate::oid_name(content),
        () if matches!(tag.number, 12 | 18..=20 | 22..=24 | 26) && tag.class == Class::Universal => {
            text(&String::from_utf8_lossy(content))
        }
        () => hex(content),
    }
}

fn integer(content: &[u8]) -> String {
    let start: i64 = if content.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
    content.iter().fold(start, |number, byte| number << 8 | i64::from(*byte)).to_string()
}
