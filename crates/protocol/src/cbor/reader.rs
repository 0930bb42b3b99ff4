//! A pull reader over borrowed bytes.

use super::error::{Deviation, DeviationKind, Error, ErrorKind};
use super::key_order;
use super::rules::{MAX_ITEMS, Rules, Type};

/// A map key, as far as this protocol has names for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// An integer key (CTAP2 messages, COSE).
    Int(i64),
    /// A text key (WebAuthn structures).
    Text(&'a str),
    /// Anything else, as its encoding.
    Other(&'a [u8]),
}

/// Reads items one after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u8,
    pub(super) rules: Rules,
    deviations: Vec<Deviation>,
}

pub(super) struct Head {
    pub(super) major: u8,
    pub(super) info: u8,
    pub(super) argument: u64,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8], rules: Rules) -> Self {
        Self { bytes, at: 0, depth: 0, rules, deviations: Vec::new() }
    }

    /// Offset of the next item.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// What deviated from the canonical form and was tolerated.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Demands that nothing is left.
    ///
    /// # Errors
    /// [`ErrorKind::Trailing`].
    pub fn end(&self) -> Result<(), Error> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            left => Err(self.error(self.at, ErrorKind::Trailing(left))),
        }
    }

    /// The type of the next item, without reading it.
    ///
    /// # Errors
    /// [`ErrorKind::End`] where there is none.
    pub fn peek(&self) -> Result<Type, Error> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.ends(1, 0))?;
        Ok(match (byte >> 5, byte & 0x1f) {
            (0 | 1, _) => Type::Integer,
            (2, _) => Type::Bytes,
            (3, _) => Type::Text,
            (4, _) => Type::Array,
            (5, _) => Type::Map,
            (6, _) => Type::Tag,
            (_, 20 | 21) => Type::Bool,
            (_, 22) => Type::Null,
            _ => Type::Other,
        })
    }

    /// Reads an integer.
    ///
    /// # Errors
    /// Another type, or a number outside `i64`.
    pub fn integer(&mut self) -> Result<i64, Error> {
        let start = self.at;
        let head = self.expect(&[0, 1], "an integer")?;
        let magnitude = i64::try_from(head.argument).map_err(|_| self.error(start, ErrorKind::Range))?;
        Ok(if head.major == 0 { magnitude } else { -1 - magnitude })
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// Another type, or a length beyond the data.
    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let head = self.expect(&[2], "a byte string")?;
        self.take(head.argument)
    }

    /// Reads a byte string of exactly `N` bytes; `member` names it in the error.
    ///
    /// # Errors
    /// Another type or length.
    pub fn array_of<const N: usize>(&mut self, member: &'static str) -> Result<&'a [u8; N], Error> {
        let start = self.at;
        let bytes = self.bytes()?;
        let wrong = ErrorKind::Length { member, expected: N, found: bytes.len() };
        bytes.try_into().map_err(|_| self.error(start, wrong))
    }

    /// Reads a text string.
    ///
    /// # Errors
    /// Another type, a length beyond the data, or bytes that are not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        let head = self.expect(&[3], "a text string")?;
        std::str::from_utf8(self.take(head.argument)?).map_err(|_| self.error(start, ErrorKind::Utf8))
    }

    /// Reads true or false.
    ///
    /// # Errors
    /// Another type.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        match self.peek()? {
            Type::Bool => Ok(self.head()?.info == 21),
            found => Err(self.error(self.at, ErrorKind::Type { expected: "a boolean", found })),
        }
    }

    /// Reads an array: `element` is called once for each element and must read it.
    ///
    /// # Errors
    /// Another type, too many elements, or the first error of `element`.
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let start = self.at;
        let head = self.expect(&[4], "an array")?;
        self.nested(start, head.argument, |reader, count| (0..count).try_for_each(|_| element(reader)))
    }

    /// Reads a map: `member` is called once for each key and must read the value.
    ///
    /// # Errors
    /// Another type, duplicate keys, unsorted ones where the rules refuse them, or the first error
    /// of `member`.
    pub fn map(&mut self, mut member: impl FnMut(&mut Self, Key<'a>) -> Result<(), Error>) -> Result<(), Error> {
        let start = self.at;
        let head = self.expect(&[5], "a map")?;
        self.nested(start, head.argument, |reader, count| {
            let mut seen = Vec::with_capacity(count.min(16));
            (0..count).try_for_each(|_| {
                let key = reader.key(&mut seen)?;
                member(reader, key)
            })
        })
    }

    /// Skips one item, checking it in full, and hands back its bytes.
    ///
    /// # Errors
    /// Whatever is wrong inside it.
    pub fn skip(&mut self) -> Result<&'a [u8], Error> {
        let start = self.at;
        match self.peek()? {
            Type::Bytes => _ = self.bytes()?,
            Type::Text => _ = self.text()?,
            Type::Array => self.array(|reader| reader.skip().map(|_| ()))?,
            Type::Map => self.map(|reader, _| reader.skip().map(|_| ()))?,
            Type::Integer | Type::Tag | Type::Bool | Type::Null | Type::Other => _ = self.head()?,
        }
        Ok(&self.bytes[start..self.at])
    }

    fn key(&mut self, seen: &mut Vec<&'a [u8]>) -> Result<Key<'a>, Error> {
        let start = self.at;
        let encoded = self.skip()?;
        if let Some(last) = seen.last() {
            let order = key_order(last, encoded);
            if (order.is_ge() || !self.deviations.is_empty()) && seen.contains(&encoded) {
                return Err(self.error(start, DeviationKind::DuplicateKey.into()));
            }
            if order.is_gt() {
                self.deviate(start, DeviationKind::KeyOrder, self.rules.refuse_key_order)?;
            }
        }
        seen.push(encoded);
        let mut key = Reader::new(encoded, self.rules);
        Ok(match key.peek()? {
            Type::Integer => key.integer().map_or(Key::Other(encoded), Key::Int),
            Type::Text => Key::Text(key.text()?),
            _ => Key::Other(encoded),
        })
    }

    fn nested(
        &mut self,
        start: usize,
        count: u64,
        body: impl FnOnce(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let too_many = ErrorKind::Items { found: count, allowed: MAX_ITEMS };
        let count = usize::try_from(count).ok().filter(|count| *count <= MAX_ITEMS);
        let count = count.ok_or_else(|| self.error(start, too_many))?;
        if self.depth == self.rules.depth {
            return Err(self.error(start, ErrorKind::Depth(self.rules.depth)));
        }
        self.depth += 1;
        body(self, count)?;
        self.depth -= 1;
        Ok(())
    }

    fn expect(&mut self, majors: &[u8], expected: &'static str) -> Result<Head, Error> {
        let found = self.peek()?;
        let major = self.bytes[self.at] >> 5;
        if !majors.contains(&major) {
            return Err(self.error(self.at, ErrorKind::Type { expected, found }));
        }
        self.head()
    }

    pub(super) fn head(&mut self) -> Result<Head, Error> {
        let start = self.at;
        let [initial] = *self.take_array::<1>()?;
        let (major, info) = (initial >> 5, initial & 0x1f);
        let argument = match info {
            0..=23 => u64::from(info),
            24 => u64::from(u8::from_be_bytes(*self.take_array()?)),
            25 => u64::from(u16::from_be_bytes(*self.take_array()?)),
            26 => u64::from(u32::from_be_bytes(*self.take_array()?)),
            27 => u64::from_be_bytes(*self.take_array()?),
            31 if (2..=5).contains(&major) => return Err(self.error(start, DeviationKind::Indefinite.into())),
            _ => return Err(self.error(start, ErrorKind::Reserved(initial))),
        };
        match major {
            6 => return Err(self.error(start, DeviationKind::Tag(argument).into())),
            7 if !matches!(info, 20..=22 | 25..=27) => return Err(self.error(start, ErrorKind::Reserved(initial))),
            7 => {}
            _ if longer_than_needed(info, argument) => {
                self.deviate(start, DeviationKind::NotShortest, self.rules.refuse_not_shortest)?;
            }
            _ => {}
        }
        Ok(Head { major, info, argument })
    }

    fn deviate(&mut self, offset: usize, kind: DeviationKind, refuse: bool) -> Result<(), Error> {
        if refuse {
            return Err(self.error(offset, kind.into()));
        }
        self.deviations.push(Deviation { offset, kind });
        Ok(())
    }

    fn take_array<const N: usize>(&mut self) -> Result<&'a [u8; N], Error> {
        let rest = &self.bytes[self.at..];
        let bytes = rest.first_chunk::<N>().ok_or_else(|| self.ends(N as u64, rest.len()))?;
        self.at += N;
        Ok(bytes)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Error> {
        let rest = &self.bytes[self.at..];
        let bytes = usize::try_from(length).ok().and_then(|length| rest.get(..length));
        let bytes = bytes.ok_or_else(|| self.ends(length, rest.len()))?;
        self.at += bytes.len();
        Ok(bytes)
    }

    fn ends(&self, needed: u64, left: usize) -> Error {
        self.error(self.at, ErrorKind::End { needed, left })
    }

    const fn error(&self, offset: usize, kind: ErrorKind) -> Error {
        Error { offset, kind }
    }
}

const fn longer_than_needed(info: u8, argument: u64) -> bool {
    match info {
        24 => argument < 24,
        25 => argument <= 0xff,
        26 => argument <= 0xffff,
        27 => argument <= 0xffff_ffff,
        _ => false,
    }
}
