//! Reading JSON members one by one: whatever is wrong is recorded with its place, and the rest is read.

use std::fmt;

use jiff::civil::Date;
use serde_json::{Map, Number, Value};

/// How many characters of a text a finding shows.
const SHOWN: usize = 80;
/// The most findings of each kind that are kept of one entry.
const MAX_FINDINGS: usize = 256;

/// A value that has another type or form than the specification's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}, found {found}")]
pub struct Problem {
    /// Where, as a JSON path from the entry.
    pub path: String,
    /// What belongs there.
    pub expected: &'static str,
    /// What is there, shortened.
    pub found: String,
}

/// Something that the lab does not know and that hurts nobody: it is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {}", match .value { Some(value) => format!("“{value}” is a value that the lab does not know"), None => "a member that the lab does not know".to_owned() })]
pub struct Unknown {
    /// Where, as a JSON path from the entry.
    pub path: String,
    /// The unknown value; `None` where the member itself is unknown.
    pub value: Option<String>,
}

/// What was found while something was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is wrong, in the order in which it was met.
    pub problems: Vec<Problem>,
    /// What is not known.
    pub unknown: Vec<Unknown>,
}

impl Findings {
    /// Records a value that is not what belongs in its place.
    pub(crate) fn misfit(&mut self, place: &Place<'_>, expected: &'static str, found: &Value) {
        self.problem(place, expected, describe(found));
    }

    pub(crate) fn problem(&mut self, place: &Place<'_>, expected: &'static str, found: String) {
        if self.problems.len() < MAX_FINDINGS {
            self.problems.push(Problem { path: place.to_string(), expected, found });
        }
    }

    pub(crate) fn unknown_value(&mut self, place: &Place<'_>, value: &str) {
        if self.unknown.len() < MAX_FINDINGS {
            self.unknown.push(Unknown { path: place.to_string(), value: Some(shortened(value)) });
        }
    }

    pub(crate) fn unknown_members(&mut self, place: &Place<'_>, members: &Map<String, Value>) {
        let room = MAX_FINDINGS.saturating_sub(self.unknown.len());
        let unknown = members.keys().take(room);
        self.unknown.extend(unknown.map(|name| Unknown { path: place.member(name).to_string(), value: None }));
    }
}

/// A place in a JSON value; its text is made when somebody needs it.
#[derive(Debug, Clone, Copy)]
pub enum Place<'p> {
    /// The value itself.
    Root,
    /// A member of an object.
    Member(&'p Place<'p>, &'p str),
    /// An element of an array, counted from 0.
    Element(&'p Place<'p>, usize),
}

impl Place<'_> {
    /// A member of the object here.
    #[must_use]
    pub const fn member<'p>(&'p self, name: &'p str) -> Place<'p> {
        Place::Member(self, name)
    }

    /// An element of the array here.
    #[must_use]
    pub const fn element(&self, index: usize) -> Place<'_> {
        Place::Element(self, index)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("$"),
            Self::Member(parent, name) => write!(f, "{parent}.{}", shortened(name)),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A value of metadata's JSON.
pub trait Member: Sized {
    /// Reads it; `None` where it is not one, which is recorded.
    fn read(value: Value, place: &Place<'_>, findings: &mut Findings) -> Option<Self>;

    /// Writes it.
    fn write(&self) -> Value;
}

/// The members of an object; a value that is none is recorded.
pub(crate) fn members(value: Value, place: &Place<'_>, findings: &mut Findings) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        other => {
            findings.misfit(place, "an object", &other);
            None
        }
    }
}

/// Takes a member out of an object and reads it. `null` is as good as nothing.
pub(crate) fn take<T: Member>(
    members: &mut Map<String, Value>,
    name: &str,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<T> {
    let value = members.remove(name).filter(|value| !value.is_null())?;
    T::read(value, &place.member(name), findings)
}

/// A value in a few words.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("“{}”", shortened(text)),
        Value::Array(elements) => format!("an array of {}", elements.len()),
        Value::Object(members) => format!("an object of {} members", members.len()),
    }
}

fn shortened(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if text.chars().count() > SHOWN { shown + "…" } else { shown }
}

macro_rules! scalar {
    ($($type:ty, $expected:literal, $pattern:pat => $read:expr;)+) => {
        $(impl Member for $type {
            fn read(value: Value, place: &Place<'_>, findings: &mut Findings) -> Option<Self> {
                let read = match &value {
                    $pattern => $read,
                    _ => None,
                };
                if read.is_none() {
                    findings.misfit(place, $expected, &value);
                }
                read
            }

            fn write(&self) -> Value {
                self.clone().into()
            }
        })+
    };
}

scalar! {
    String, "a text", Value::String(text) => Some(text.clone());
    bool, "true or false", Value::Bool(value) => Some(*value);
    u64, "a whole number that is not negative", Value::Number(number) => number.as_u64();
    i64, "a whole number", Value::Number(number) => number.as_i64();
    Number, "a number", Value::Number(number) => Some(number.clone());
}

impl Member for Value {
    fn read(value: Value, _: &Place<'_>, _: &mut Findings) -> Option<Self> {
        Some(value)
    }

    fn write(&self) -> Value {
        self.clone()
    }
}

impl Member for Date {
    fn read(value: Value, place: &Place<'_>, findings: &mut Findings) -> Option<Self> {
        let read = value.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
        if read.is_none() {
            findings.misfit(place, "a date such as 2026-11-20", &value);
        }
        read
    }

    fn write(&self) -> Value {
        self.to_string().into()
    }
}

/// Elements that cannot be read are recorded and left out.
impl<T: Member> Member for Vec<T> {
    fn read(value: Value, place: &Place<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            Value::Array(elements) => {
                let elements = elements.into_iter().enumerate();
                let read = elements.filter_map(|(index, element)| T::read(element, &place.element(index), findings));
                Some(read.collect())
            }
            other => {
                findings.misfit(place, "an array", &other);
                None
            }
        }
    }

    fn write(&self) -> Value {
        Value::Array(self.iter().map(T::write).collect())
    }
}

/// Names and values, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs<T>(pub Vec<(String, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Pairs<T> {
    /// The value under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl<T: Member> Member for Pairs<T> {
    fn read(value: Value, place: &Place<'_>, findings: &mut Findings) -> Option<Self> {
        let pairs = members(value, place, findings)?.into_iter();
        let pairs = pairs.filter_map(|(name, value)| {
            let read = T::read(value, &place.member(&name), findings)?;
            Some((name, read))
        });
        Some(Self(pairs.collect()))
    }

    fn write(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, value)| (name.clone(), value.write())).collect())
    }
}
