//! The typed values that a trace entry shows as expected and actual.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::ser::{Serialize, Serializer};

/// How many bytes of a byte string a sentence shows.
const SHOWN_BYTES: usize = 48;
/// How many characters of a text a sentence shows.
const SHOWN_CHARS: usize = 120;

/// A value in a trace: borrowed from the input where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// True or false: a flag, a presence.
    Bool(bool),
    /// A number: a counter, a length, a COSE algorithm.
    Int(i64),
    /// A text.
    Text(Cow<'a, str>),
    /// A byte string; shown in hexadecimal.
    Bytes(Cow<'a, [u8]>),
    /// A point in time; shown as RFC 3339.
    Time(Timestamp),
    /// Several values, any of which would do.
    List(Vec<Value<'a>>),
}

impl Value<'_> {
    /// The same value, owning what it shows.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Self::Time(time) => Value::Time(time),
            Self::List(list) => Value::List(list.into_iter().map(Value::into_owned).collect()),
        }
    }
}

impl fmt::Display for Value<'_> {
    /// The value as it stands in a sentence: texts in quotes, long ones shortened with their length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Text(text) => quoted(f, text),
            Self::Bytes(bytes) => hexadecimal(f, bytes),
            Self::Time(time) => time.fmt(f),
            Self::List(list) if list.is_empty() => f.write_str("(none)"),
            Self::List(list) => list.iter().enumerate().try_for_each(|(index, value)| {
                let separator = if index == 0 { "" } else { ", " };
                write!(f, "{separator}{value}")
            }),
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut shown = text.chars().flat_map(char::escape_debug);
    f.write_str("\u{201c}")?;
    shown.by_ref().take(SHOWN_CHARS).try_for_each(|c| write!(f, "{c}"))?;
    f.write_str("\u{201d}")?;
    if shown.next().is_some() { write!(f, "… ({} bytes)", text.len()) } else { Ok(()) }
}

fn hexadecimal(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    if bytes.is_empty() {
        return f.write_str("(no bytes)");
    }
    bytes.iter().take(SHOWN_BYTES).try_for_each(|byte| write!(f, "{byte:02x}"))?;
    if bytes.len() > SHOWN_BYTES { write!(f, "… ({} bytes)", bytes.len()) } else { Ok(()) }
}

impl Serialize for Value<'_> {
    /// As JSON: booleans, numbers and texts as they are, bytes as lower-case hexadecimal, times as
    /// RFC 3339, lists as arrays. Nothing is shortened.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer
                .collect_str(&format_args!("{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())),
            Self::Time(time) => serializer.collect_str(time),
            Self::List(list) => serializer.collect_seq(list),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Cow::Owned(bytes))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Value<'_> {
            fn from(value: $integer) -> Self {
                Self::Int(i64::from(value))
            }
        }
    )*};
}

from_integer!(i64, i32, u32, u16, u8);

impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl<'a, T: Into<Value<'a>>> FromIterator<T> for Value<'a> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}
