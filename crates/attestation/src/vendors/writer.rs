//! Writing DER (X.690 §10): just what certificates are made of.

use const_oid::ObjectIdentifier;
use jiff::Timestamp;
use jiff::tz::Offset;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const NULL: &[u8] = &[0x05, 0x00];
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// One element around the concatenation of `parts`.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    tagged(&[tag], parts)
}

/// `[number] EXPLICIT` around `parts`. From 31 on, the number follows in groups of seven bits (X.690
/// §8.1.2.4).
pub(crate) fn explicit(number: u32, parts: &[&[u8]]) -> Vec<u8> {
    const CONSTRUCTED: u8 = 0xa0;
    if let Ok(low @ 0..=30) = u8::try_from(number) {
        return element(CONSTRUCTED | low, parts);
    }
    let groups: Vec<u8> = (0..5).rev().map(|group| (number >> (7 * group) & 0x7f) as u8).collect();
    let mut identifier = vec![CONSTRUCTED | 0x1f];
    identifier.extend(groups.iter().copied().skip_while(|group| *group == 0).map(|group| 0x80 | group));
    if let Some(last) = identifier.last_mut() {
        *last &= 0x7f;
    }
    tagged(&identifier, parts)
}

fn tagged(identifier: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + identifier.len() + 5);
    out.extend_from_slice(identifier);
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let significant: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
            out.extend(significant);
        }
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

pub(crate) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    element(OBJECT_IDENTIFIER, &[oid.as_bytes()])
}

/// A number that is not negative.
pub(crate) fn integer(value: u64) -> Vec<u8> {
    element(INTEGER, &[&unsigned(&value.to_be_bytes())])
}

/// The shortest content of an INTEGER that is not negative.
pub(crate) fn unsigned(number: &[u8]) -> Vec<u8> {
    let significant: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
    match significant.first() {
        Some(0x80..) | None => [&[0][..], &significant].concat(),
        _ => significant,
    }
}

/// A BIT STRING of named bits, bit 0 first, without trailing zeros (X.690 §11.2.2).
pub(crate) fn named_bits(bits: &[u8]) -> Vec<u8> {
    let bytes = bits.iter().max().map_or(0, |last| usize::from(*last) / 8 + 1);
    let mut content = vec![0_u8; bytes];
    for bit in bits {
        if let Some(byte) = content.get_mut(usize::from(*bit) / 8) {
            *byte |= 0x80 >> (bit % 8);
        }
    }
    let unused = content.last().map_or(0, |last| last.trailing_zeros() as u8);
    element(BIT_STRING, &[&[unused], &content])
}

/// A BIT STRING of whole bytes.
pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes])
}

/// UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5).
pub(crate) fn time(time: Timestamp) -> Vec<u8> {
    let at = Offset::UTC.to_datetime(time);
    let rest = format!("{:02}{:02}{:02}{:02}{:02}Z", at.month(), at.day(), at.hour(), at.minute(), at.second());
    match at.year() {
        year @ 1950..=2049 => element(UTC_TIME, &[format!("{:02}{rest}", year % 100).as_bytes()]),
        year => element(GENERALIZED_TIME, &[format!("{year:04}{rest}").as_bytes()]),
    }
}

/// A relative distinguished name with one attribute.
pub(crate) fn attribute(name: ObjectIdentifier, string_type: u8, text: &str) -> Vec<u8> {
    let value = element(string_type, &[text.as_bytes()]);
    element(SET, &[&element(SEQUENCE, &[&oid(name), &value])])
}

/// An extension around a DER value.
pub(crate) fn extension(id: ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    const TRUE: &[u8] = &[0x01, 0x01, 0xff];
    let critical = if critical { TRUE } else { &[] };
    element(SEQUENCE, &[&oid(id), critical, &element(OCTET_STRING, &[value])])
}
