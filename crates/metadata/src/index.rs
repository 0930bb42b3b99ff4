//! The first pass over a payload: its own members, and for each entry where it stands and by what it is
//! found. The entries themselves are left alone.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::payload::PayloadError;
use crate::{MAX_ENTRIES, MAX_ENTRY};

/// A payload in outline.
#[derive(Debug)]
pub(crate) struct Outline {
    /// The members other than `entries`.
    pub(crate) members: Map<String, Value>,
    /// The entries.
    pub(crate) entries: Vec<Located>,
}

/// An entry, where it stands and what identifies it.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) range: Range<usize>,
    pub(crate) names: Names,
}

/// What identifies an entry, as far as it has the right type.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) aaguid: Option<String>,
    pub(crate) aaid: Option<String>,
    pub(crate) key_identifiers: Vec<String>,
}

/// A text that is read from front to back.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

pub(crate) fn outline(text: &str) -> Result<Outline, PayloadError> {
    let mut cursor = Cursor { text, at: 0 };
    let mut outline = Outline { members: Map::new(), entries: Vec::new() };
    let mut listed = false;
    cursor.expect('{')?;
    if !cursor.eat('}') {
        loop {
            let (name, _) = cursor.value::<String>()?;
            cursor.expect(':')?;
            let twice = if name == "entries" { listed } else { outline.members.contains_key(&name) };
            if twice {
                return Err(PayloadError::Twice { name });
            }
            if name == "entries" {
                outline.entries = cursor.entries()?;
                listed = true;
            } else {
                let (value, _) = cursor.value::<Value>()?;
                outline.members.insert(name, value);
            }
            if !cursor.eat(',') {
                cursor.expect('}')?;
                break;
            }
        }
    }
    cursor.end()?;
    if listed { Ok(outline) } else { Err(PayloadError::Missing { name: "entries" }) }
}

impl Cursor<'_> {
    fn skip_white_space(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.skip_white_space();
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(wanted));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), PayloadError> {
        if self.eat(wanted) {
            Ok(())
        } else {
            Err(PayloadError::Json { offset: self.at, detail: format!("expected “{wanted}”") })
        }
    }

    fn end(&mut self) -> Result<(), PayloadError> {
        self.skip_white_space();
        match self.text.len() - self.at {
            0 => Ok(()),
            _ => Err(PayloadError::Json { offset: self.at, detail: "expected nothing more".to_owned() }),
        }
    }

    /// The value that comes next, and where it stands.
    fn value<T: for<'de> Deserialize<'de>>(&mut self) -> Result<(T, Range<usize>), PayloadError> {
        self.skip_white_space();
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T>();
        let value = values.next();
        let consumed = values.byte_offset();
        let json = |detail: String| PayloadError::Json { offset: start + consumed, detail };
        let value = value.ok_or_else(|| json("expected a value".to_owned()))?;
        let value = value.map_err(|error| json(error.to_string()))?;
        self.at = start + consumed;
        Ok((value, start..self.at))
    }

    fn entries(&mut self) -> Result<Vec<Located>, PayloadError> {
        let mut entries = Vec::new();
        self.expect('[')?;
        if self.eat(']') {
            return Ok(entries);
        }
        loop {
            if entries.len() == MAX_ENTRIES {
                return Err(PayloadError::TooMany);
            }
            let (names, range) = self.value::<Names>()?;
            if range.len() > MAX_ENTRY {
                return Err(PayloadError::LongEntry { index: entries.len(), found: range.len() });
            }
            entries.push(Located { range, names });
            if !self.eat(',') {
                self.expect(']')?;
                return Ok(entries);
            }
        }
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

/// An entry that is no object has no names; [`crate::Entry`] says what is wrong with it.
impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
        let mut names = Names::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "aaguid" => names.aaguid = map.next_value::<Texts>()?.0.pop(),
                "aaid" => names.aaid = map.next_value::<Texts>()?.0.pop(),
                "attestationCertificateKeyIdentifiers" => names.key_identifiers = map.next_value::<Texts>()?.0,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(names)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Names::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_unit<E>(self) -> Result<Names, E> {
        Ok(Names::default())
    }
}

/// The texts of a value: itself, or the elements of an array. Others are passed over.
struct Texts(Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => vec![text],
            Value::Array(elements) => {
                elements.into_iter().filter_map(|element| element.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        }))
    }
}
