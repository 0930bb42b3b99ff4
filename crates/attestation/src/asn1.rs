//! Elements of DER (X.690 §8.1, §10.1): tag, length, content; nothing about what they mean.
//!
//! Android's key description has tag numbers beyond 30 and members that nobody has defined yet, so it
//! is read element by element; and whoever shows a certificate byte by byte needs the places too.

/// The class of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Types of ASN.1 itself.
    Universal,
    /// Types of an application.
    Application,
    /// Members of a structure.
    Context,
    /// Anybody's.
    Private,
}

/// A tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    /// Its class.
    pub class: Class,
    /// Whether the content is elements.
    pub constructed: bool,
    /// Its number.
    pub number: u32,
}

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its tag.
    pub tag: Tag,
    /// All of it.
    pub whole: &'a [u8],
    /// What stands behind tag and length.
    pub content: &'a [u8],
}

/// Why bytes are no element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    /// The bytes end inside tag, length or content.
    #[error("the element ends too early: {needed} bytes are needed, {left} are left")]
    End {
        /// How many are needed.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// A tag number that is not in its shortest form, or of more than 32 bits.
    #[error("a tag number is not in its shortest form of at most 32 bits")]
    TagNumber,
    /// A length that is indefinite, not in its shortest form, or of more than 32 bits.
    #[error("a length is indefinite, not in its shortest form, or of more than 32 bits")]
    Length,
    /// Bytes behind an element that has to be the last.
    #[error("{0} bytes follow the element")]
    Trailing(usize),
    /// Another tag than the structure has there.
    #[error("expected {expected}, found {}", .found.name())]
    Unexpected {
        /// What has to be there.
        expected: &'static str,
        /// What is.
        found: Tag,
    },
    /// An integer outside 64 bits, or not in its shortest form.
    #[error("an integer is not in its shortest form of at most 64 bits")]
    Integer,
    /// More elements than are read.
    #[error("there are more than {0} elements")]
    TooMany(usize),
}

impl Tag {
    /// BOOLEAN.
    pub const BOOLEAN: Self = Self::universal(1);
    /// INTEGER.
    pub const INTEGER: Self = Self::universal(2);
    /// BIT STRING.
    pub const BIT_STRING: Self = Self::universal(3);
    /// OCTET STRING.
    pub const OCTET_STRING: Self = Self::universal(4);
    /// NULL.
    pub const NULL: Self = Self::universal(5);
    /// OBJECT IDENTIFIER.
    pub const OBJECT_IDENTIFIER: Self = Self::universal(6);
    /// ENUMERATED.
    pub const ENUMERATED: Self = Self::universal(10);
    /// UTF8String.
    pub const UTF8_STRING: Self = Self::universal(12);
    /// SEQUENCE.
    pub const SEQUENCE: Self = Self { constructed: true, ..Self::universal(16) };
    /// SET.
    pub const SET: Self = Self { constructed: true, ..Self::universal(17) };

    const fn universal(number: u32) -> Self {
        Self { class: Class::Universal, constructed: false, number }
    }

    /// `[number]`, constructed: an explicitly tagged member.
    #[must_use]
    pub const fn context(number: u32) -> Self {
        Self { class: Class::Context, constructed: true, number }
    }

    /// The tag as ASN.1 writes it.
    #[must_use]
    pub fn name(&self) -> String {
        let known = match (self.class, self.number) {
            (Class::Universal, 1) => "BOOLEAN",
            (Class::Universal, 2) => "INTEGER",
            (Class::Universal, 3) => "BIT STRING",
            (Class::Universal, 4) => "OCTET STRING",
            (Class::Universal, 5) => "NULL",
            (Class::Universal, 6) => "OBJECT IDENTIFIER",
            (Class::Universal, 10) => "ENUMERATED",
            (Class::Universal, 12) => "UTF8String",
            (Class::Universal, 16) => "SEQUENCE",
            (Class::Universal, 17) => "SET",
            (Class::Universal, 19) => "PrintableString",
            (Class::Universal, 20) => "TeletexString",
            (Class::Universal, 22) => "IA5String",
            (Class::Universal, 23) => "UTCTime",
            (Class::Universal, 24) => "GeneralizedTime",
            (Class::Universal, 30) => "BMPString",
            (Class::Universal, number) => return format!("[UNIVERSAL {number}]"),
            (Class::Application, number) => return format!("[APPLICATION {number}]"),
            (Class::Context, number) => return format!("[{number}]"),
            (Class::Private, number) => return format!("[PRIVATE {number}]"),
        };
        known.to_owned()
    }
}

/// Tag and length of an element, whose content need not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The tag.
    pub tag: Tag,
    /// How many bytes tag and length take.
    pub header_len: usize,
    /// How many bytes of content are announced.
    pub content_len: usize,
}

/// Tag and length at the start of `bytes`.
///
/// # Errors
/// Where they end too early or are not in their shortest form.
pub fn header(bytes: &[u8]) -> Result<Header, ElementError> {
    let (tag, rest) = tag(bytes)?;
    let (content_len, rest) = length(rest)?;
    Ok(Header { tag, header_len: bytes.len() - rest.len(), content_len })
}

/// The element at the start of `bytes`, and what follows it.
///
/// # Errors
/// Where it ends too early or is not in its shortest form.
pub fn element(bytes: &[u8]) -> Result<(Element<'_>, &[u8]), ElementError> {
    let Header { tag, header_len, content_len } = header(bytes)?;
    let left = bytes.len() - header_len;
    let end = header_len.saturating_add(content_len);
    let (whole, rest) = bytes.split_at_checked(end).ok_or(ElementError::End { needed: content_len, left })?;
    let (_, content) = whole.split_at(header_len);
    Ok((Element { tag, whole, content }, rest))
}

/// The one element that `bytes` is.
///
/// # Errors
/// As [`element`]; [`ElementError::Trailing`].
pub fn only(bytes: &[u8]) -> Result<Element<'_>, ElementError> {
    match element(bytes)? {
        (element, []) => Ok(element),
        (_, rest) => Err(ElementError::Trailing(rest.len())),
    }
}

/// All elements of `bytes`, at most `max`.
///
/// # Errors
/// As [`element`], for the first that is none; [`ElementError::TooMany`].
pub fn elements(mut bytes: &[u8], max: usize) -> Result<Vec<Element<'_>>, ElementError> {
    let mut found = Vec::with_capacity(8);
    while !bytes.is_empty() {
        if found.len() == max {
            return Err(ElementError::TooMany(max));
        }
        let (next, rest) = element(bytes)?;
        found.push(next);
        bytes = rest;
    }
    Ok(found)
}

impl<'a> Element<'a> {
    /// The content, where the tag is `tag`.
    ///
    /// # Errors
    /// [`ElementError::Unexpected`].
    pub fn expect(&self, tag: Tag, expected: &'static str) -> Result<&'a [u8], ElementError> {
        if self.tag == tag { Ok(self.content) } else { Err(ElementError::Unexpected { expected, found: self.tag }) }
    }

    /// The number of an element of this tag: INTEGER or ENUMERATED.
    ///
    /// # Errors
    /// Another tag, or no number in its shortest form of at most 64 bits.
    pub fn number(&self, tag: Tag, expected: &'static str) -> Result<i64, ElementError> {
        let content = self.expect(tag, expected)?;
        let padded = matches!(content, [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..]);
        if content.is_empty() || content.len() > 8 || padded {
            return Err(ElementError::Integer);
        }
        let start: i64 = if content.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
        Ok(content.iter().fold(start, |number, byte| number << 8 | i64::from(*byte)))
    }
}

fn tag(bytes: &[u8]) -> Result<(Tag, &[u8]), ElementError> {
    let (first, mut rest) = bytes.split_first().ok_or(ElementError::End { needed: 2, left: 0 })?;
    let class = match first >> 6 {
        0 => Class::Universal,
        1 => Class::Application,
        2 => Class::Context,
        _ => Class::Private,
    };
    let constructed = first & 0x20 != 0;
    let short = u32::from(first & 0x1f);
    if short < 31 {
        return Ok((Tag { class, constructed, number: short }, rest));
    }
    let mut number: u32 = 0;
    loop {
        let (byte, after) = rest.split_first().ok_or(ElementError::End { needed: 1, left: 0 })?;
        if (number == 0 && *byte == 0x80) || number > u32::MAX >> 7 {
            return Err(ElementError::TagNumber);
        }
        number = number << 7 | u32::from(byte & 0x7f);
        rest = after;
        if byte & 0x80 == 0 {
            break;
        }
    }
    if number < 31 { Err(ElementError::TagNumber) } else { Ok((Tag { class, constructed, number }, rest)) }
}

fn length(bytes: &[u8]) -> Result<(usize, &[u8]), ElementError> {
    let (first, rest) = bytes.split_first().ok_or(ElementError::End { needed: 1, left: 0 })?;
    if *first < 0x80 {
        return Ok((usize::from(*first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(ElementError::Length);
    }
    let (digits, rest) = rest.split_at_checked(count).ok_or(ElementError::End { needed: count, left: rest.len() })?;
    let length = digits.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    if length < 0x80 || digits.first() == Some(&0) { Err(ElementError::Length) } else { Ok((length, rest)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn high_tag_numbers_are_read() {
        let element = only(&[0xbf, 0x85, 0x3e, 0x03, 0x02, 0x01, 0x00]).unwrap();
        assert_eq!((element.tag, element.tag.name().as_str()), (Tag::context(702), "[702]"));
        assert_eq!(only(element.content).unwrap().number(Tag::INTEGER, "an INTEGER"), Ok(0));
    }

    #[test]
    fn what_has_a_shorter_form_is_refused() {
        for (bytes, error) in [
            (&[0xbf, 0x80, 0x3e, 0x00][..], ElementError::TagNumber),
            (&[0x9f, 0x1e, 0x00], ElementError::TagNumber),
            (&[0xbf, 0x90, 0x80, 0x80, 0x80, 0x00, 0x00], ElementError::TagNumber),
            (&[0x30, 0x80, 0x00, 0x00], ElementError::Length),
            (&[0x30, 0x81, 0x01, 0x00], ElementError::Length),
            (&[0x30, 0x82, 0x00, 0x80], ElementError::Length),
            (&[0x30, 0x85, 1, 1, 1, 1, 1], ElementError::Length),
            (&[0x30, 0x02, 0x00], ElementError::End { needed: 2, left: 1 }),
            (&[0x30, 0x82, 0x01], ElementError::End { needed: 2, left: 1 }),
            (&[0xbf, 0x85], ElementError::End { needed: 1, left: 0 }),
            (&[], ElementError::End { needed: 2, left: 0 }),
            (&[0x05, 0x00, 0x00], ElementError::Trailing(1)),
        ] {
            assert_eq!(only(bytes), Err(error), "{bytes:x?}");
        }
    }

    #[test]
    fn numbers_are_in_their_shortest_form() {
        let number = |bytes: &[u8]| only(bytes).and_then(|element| element.number(Tag::INTEGER, "an INTEGER"));
        assert_eq!(number(&[2, 2, 0x01, 0x2c]), Ok(300));
        assert_eq!(number(&[2, 1, 0xff]), Ok(-1));
        assert_eq!(number(&[2, 2, 0x00, 0x80]), Ok(128));
        for bytes in [&[2, 0][..], &[2, 2, 0, 1], &[2, 2, 0xff, 0x80], &[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(number(bytes), Err(ElementError::Integer), "{bytes:x?}");
        }
        let error = number(&[10, 1, 0]).unwrap_err();
        assert_eq!(error.to_string(), "expected an INTEGER, found ENUMERATED");
    }

    proptest! {
        #[test]
        fn elements_cover_what_they_are_read_from(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(found) = elements(&bytes, 64) {
                prop_assert_eq!(found.iter().flat_map(|element| element.whole).copied().collect::<Vec<_>>(), bytes);
            }
        }
    }
}
