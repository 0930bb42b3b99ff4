//! Distinguished names (RFC 5280 §4.1.2.4).

use std::borrow::Cow;
use std::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use der::{Decode as _, Header, Reader, SliceReader, Tag, Tagged as _};

use crate::layout::oid;

/// A distinguished name, borrowed from its DER and not taken apart before somebody asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub(super) der: &'a [u8],
}

/// One attribute of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// What it names.
    pub oid: ObjectIdentifier,
    /// Its string type.
    pub tag: Tag,
    /// Its content.
    pub value: &'a [u8],
    /// Which relative name it belongs to; several attributes may share one.
    pub relative: usize,
}

/// The most characters of an attribute that a sentence shows.
const MAX_SHOWN: usize = 120;
/// The most attributes that are read of one name.
const MAX_ATTRIBUTES: usize = 64;

impl<'a> Name<'a> {
    pub(super) fn read(reader: &mut SliceReader<'a>) -> Result<Self, der::Error> {
        Tag::peek(reader)?.assert_eq(Tag::Sequence)?;
        Ok(Self { der: reader.tlv_bytes()? })
    }

    /// The DER.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// Whether the name has no attributes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.der, [0x30, 0])
    }

    /// The attributes, in their order.
    ///
    /// # Errors
    /// Where the name is not `SEQUENCE OF SET OF SEQUENCE { type, value }`.
    pub fn attributes(&self) -> Result<Vec<Attribute<'a>>, der::Error> {
        let mut attributes = Vec::with_capacity(4);
        SliceReader::new(self.der)?.sequence(|names| {
            let mut relative = 0;
            while !names.is_finished() {
                let set = Header::decode(names)?;
                set.tag().assert_eq(Tag::Set)?;
                names.read_nested(set.length(), |set| relative_name(set, relative, &mut attributes))?;
                relative += 1;
            }
            Ok::<_, der::Error>(())
        })?;
        Ok(attributes)
    }

    /// Whether two names are the same: byte for byte, or with string types, case and white space
    /// set aside as RFC 5280 §7.1 has it.
    #[must_use]
    pub fn same(&self, other: &Name<'_>) -> bool {
        self.der == other.der || self.folded().is_some_and(|folded| other.folded() == Some(folded))
    }

    /// The name with string types, case and white space set aside; `None` where it can't be read.
    #[must_use]
    pub(crate) fn folded(&self) -> Option<Vec<(usize, ObjectIdentifier, String)>> {
        let attributes = self.attributes().ok()?;
        let fold = |attribute: &Attribute<'_>| (attribute.relative, attribute.oid, attribute.folded());
        let mut folded: Vec<_> = attributes.iter().map(fold).collect();
        folded.sort();
        Some(folded)
    }
}

fn relative_name<'a>(
    set: &mut SliceReader<'a>,
    relative: usize,
    attributes: &mut Vec<Attribute<'a>>,
) -> Result<(), der::Error> {
    while !set.is_finished() {
        if attributes.len() == MAX_ATTRIBUTES {
            return Err(set.error(der::ErrorKind::Overlength));
        }
        let attribute = set.sequence(|attribute| {
            let (oid, value) = (ObjectIdentifier::decode(attribute)?, AnyRef::decode(attribute)?);
            Ok::<_, der::Error>(Attribute { oid, tag: value.tag(), value: value.value(), relative })
        })?;
        attributes.push(attribute);
    }
    Ok(())
}

impl<'a> Attribute<'a> {
    /// The value as text. Bytes that are not of their type's alphabet are replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        match self.tag {
            Tag::BmpString => {
                let units = self.value.chunks(2).map(|unit| {
                    u16::from_be_bytes([unit.first().copied().unwrap_or(0), unit.get(1).copied().unwrap_or(0)])
                });
                Cow::Owned(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
            }
            Tag::TeletexString => Cow::Owned(self.value.iter().map(|byte| char::from(*byte)).collect()),
            _ => String::from_utf8_lossy(self.value),
        }
    }

    /// The value for a sentence: without control characters, and not longer than one can read.
    #[must_use]
    pub fn shown(&self) -> String {
        self.text().chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect()
    }

    fn folded(&self) -> String {
        let text = self.text();
        let words: Vec<_> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
        words.join(" ")
    }

    fn label(&self) -> Cow<'static, str> {
        match self.oid {
            oid::COMMON_NAME => Cow::Borrowed("CN"),
            oid::COUNTRY => Cow::Borrowed("C"),
            oid::ORGANIZATION => Cow::Borrowed("O"),
            oid::ORGANIZATIONAL_UNIT => Cow::Borrowed("OU"),
            other => Cow::Owned(other.to_string()),
        }
    }
}

impl fmt::Display for Name<'_> {
    /// `CN=…, O=…`, the most specific attribute first, as administrators are used to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(attributes) = self.attributes() else { return f.write_str("(a name that cannot be read)") };
        if attributes.is_empty() {
            return f.write_str("(an empty name)");
        }
        attributes.iter().rev().enumerate().try_for_each(|(index, attribute)| {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}={}", attribute.label(), attribute.shown())
        })
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}
