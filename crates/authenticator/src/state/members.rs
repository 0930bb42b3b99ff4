//! The members of a state's maps: each is asked for by name, what nobody asked for is refused.

use std::cell::RefCell;
use std::collections::BTreeMap;

use lab_protocol::cbor::{self, ErrorKind, Key, Reader, Rules};

use super::{StateError, StateErrorKind as Kind};

/// Canonical, and no deeper than a state is.
pub(super) const RULES: Rules = Rules::CTAP2;
/// The longest text, RP ID or user id: no message that could have brought it is longer.
pub(super) const MAX_MEMBER: usize = 7609;
/// The most fingers, and the most RP IDs for minPinLength.
const MAX_LIST: usize = 64;

/// An encoded value, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Value<'b>(pub usize, &'b [u8]);

impl<'b> Value<'b> {
    pub fn reader(self) -> Reader<'b> {
        Reader::new(self.1, RULES)
    }

    pub fn error(self, error: cbor::Error) -> StateError {
        StateError::at(self.0 + error.offset, Kind::Cbor(error.kind))
    }
}

pub(super) fn text(value: Value<'_>) -> Result<String, StateError> {
    let text = value.reader().text().map(str::to_owned).map_err(|error| value.error(error))?;
    limit(value.0, "the length of a text", text.len(), MAX_MEMBER)?;
    Ok(text)
}

pub(super) fn list<'b, T>(
    value: Value<'b>,
    element: impl Fn(Value<'b>) -> Result<T, StateError>,
) -> Result<Vec<T>, StateError> {
    let mut elements = Vec::new();
    value
        .reader()
        .array(|reader| {
            let offset = value.0 + reader.offset();
            elements.push(Value(offset, reader.skip()?));
            Ok(())
        })
        .map_err(|error| value.error(error))?;
    limit(value.0, "the length of a list", elements.len(), MAX_LIST)?;
    elements.into_iter().map(element).collect()
}

/// The members of a map by name, and which of them were asked for.
pub(super) struct Members<'b> {
    pub offset: usize,
    members: BTreeMap<&'b str, Value<'b>>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'b> Members<'b> {
    /// Reads the next item.
    pub fn read(reader: &mut Reader<'b>) -> Result<Self, StateError> {
        let offset = reader.offset();
        Self::of(Value(offset, reader.skip()?))
    }

    pub fn of(value: Value<'b>) -> Result<Self, StateError> {
        let mut members = BTreeMap::new();
        let read = value.reader().map(|reader, key| {
            let offset = reader.offset();
            let Key::Text(name) = key else {
                return Err(cbor::Error { offset, kind: ErrorKind::Range });
            };
            members.insert(name, Value(value.0 + offset, reader.skip()?));
            Ok(())
        });
        read.map_err(|error| value.error(error))?;
        Ok(Self { offset: value.0, members, asked: RefCell::default() })
    }

    pub fn some(&self, name: &'static str) -> Option<Value<'b>> {
        self.asked.borrow_mut().push(name);
        self.members.get(name).copied()
    }

    pub fn need(&self, name: &'static str) -> Result<Value<'b>, StateError> {
        self.some(name).ok_or(StateError::at(self.offset, Kind::Cbor(ErrorKind::Missing(name))))
    }

    pub fn number(&self, name: &'static str, allowed: u64) -> Result<u64, StateError> {
        let value = self.need(name)?;
        let number = value.reader().integer().map_err(|error| value.error(error))?;
        let number = u64::try_from(number).map_err(|_| StateError::at(value.0, Kind::Cbor(ErrorKind::Range)))?;
        if number > allowed {
            return Err(StateError::at(value.0, Kind::Limit { member: name, found: number, allowed }));
        }
        Ok(number)
    }

    /// A number that fits its type.
    pub fn small<T: TryFrom<u64>>(&self, name: &'static str) -> Result<T, StateError> {
        let number = self.number(name, u64::MAX)?;
        T::try_from(number).map_err(|_| StateError::at(self.offset, Kind::Cbor(ErrorKind::Range)))
    }

    pub fn flag(&self, name: &'static str) -> Result<bool, StateError> {
        let value = self.need(name)?;
        value.reader().boolean().map_err(|error| value.error(error))
    }

    pub fn bytes(&self, name: &'static str, allowed: usize) -> Result<Vec<u8>, StateError> {
        let value = self.need(name)?;
        let bytes = value.reader().bytes().map_err(|error| value.error(error))?;
        limit(value.0, name, bytes.len(), allowed)?;
        Ok(bytes.to_vec())
    }

    pub fn array<const N: usize>(&self, name: &'static str) -> Result<[u8; N], StateError> {
        let value = self.need(name)?;
        value.reader().array_of(name).copied().map_err(|error| value.error(error))
    }

    pub fn secret<const N: usize>(&self, name: &'static str) -> Result<Option<[u8; N]>, StateError> {
        self.some(name).map(|_| self.array(name)).transpose()
    }

    /// Refuses the members that nobody asked for.
    pub fn finish(&self) -> Result<(), StateError> {
        let asked = self.asked.borrow();
        match self.members.iter().find(|(name, _)| !asked.contains(*name)) {
            None => Ok(()),
            Some((name, value)) => {
                let name = name.chars().take(60).collect();
                Err(StateError::at(value.0, Kind::Unknown(name)))
            }
        }
    }
}

pub(super) fn limit(offset: usize, member: &'static str, found: usize, allowed: usize) -> Result<(), StateError> {
    if found <= allowed {
        return Ok(());
    }
    Err(StateError::at(offset, Kind::Limit { member, found: found as u64, allowed: allowed as u64 }))
}
