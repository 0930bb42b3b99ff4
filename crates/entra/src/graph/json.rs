//! Reading Graph's JSON with errors that name the place, and writing it back value for value.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

/// The properties of an object that have no field of their own: unknown ones, annotations, and nulls.
pub type Other = Map<String, Value>;

/// How many characters of a text an error shows.
const SHOWN_CHARS: usize = 60;

/// A value that Graph's JSON carries.
pub trait Graph: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`Misfit`]: where, what was expected, what was found.
    fn read(value: Value) -> Result<Self, Misfit>;

    /// Writes it.
    fn write(&self) -> Value;
}

/// An object of Graph's, with the names of the properties that the lab knows.
pub trait GraphObject: Graph {
    /// Its name in Graph.
    const NAME: &'static str;
    /// Its properties, as Graph spells them.
    const PROPERTIES: &'static [&'static str];

    /// What it holds besides its fields.
    fn other(&self) -> &Other;

    /// The names of its properties that the lab does not know; annotations (`@odata.type`) are none.
    fn unknown(&self) -> impl Iterator<Item = &str> {
        self.other().keys().map(String::as_str).filter(|key| !key.contains('@') && !Self::PROPERTIES.contains(key))
    }
}

/// A value that is not what belongs in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}, found {found}")]
pub struct Misfit {
    /// Where.
    pub path: JsonPath,
    /// What belongs there.
    pub expected: Cow<'static, str>,
    /// What is there.
    pub found: String,
}

impl Misfit {
    /// A misfit at the value that is being read.
    pub fn new(expected: impl Into<Cow<'static, str>>, found: &Value) -> Self {
        Self::found(expected, describe(found))
    }

    /// A misfit at the value that is being read, described by the caller.
    pub fn found(expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self { path: JsonPath::default(), expected: expected.into(), found: found.into() }
    }

    /// The same misfit, seen from the value that holds it.
    #[must_use]
    pub fn within(mut self, segment: impl Into<Segment>) -> Self {
        self.path.0.insert(0, segment.into());
        self
    }
}

/// What a value is, in the words of an error.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => {
            let shown: String = text.chars().take(SHOWN_CHARS).flat_map(char::escape_debug).collect();
            let more = if text.chars().nth(SHOWN_CHARS).is_some() { "…" } else { "" };
            format!("the text “{shown}{more}”")
        }
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// One step of a [`JsonPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A property.
    Key(String),
    /// An element of an array, from 0.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Segment {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A place in a JSON document, shown as `$.passkeyProfiles[1].keyRestrictions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct JsonPath(pub Vec<Segment>);

impl JsonPath {
    /// The same place and one step further in.
    #[must_use]
    pub fn then(&self, segment: impl Into<Segment>) -> Self {
        let mut longer = self.clone();
        longer.0.push(segment.into());
        longer
    }

    /// This place, then the steps of another.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Index(index) => write!(f, "[{index}]"),
            Segment::Key(key) if plain(key) => write!(f, ".{key}"),
            Segment::Key(key) => write!(f, "['{}']", key.escape_debug()),
        })
    }
}

fn plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// An object that is being read, property by property.
pub(crate) struct Object(Map<String, Value>);

impl Object {
    pub(crate) fn of(value: Value, expected: &'static str) -> Result<Self, Misfit> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            other => Err(Misfit::new(expected, &other)),
        }
    }

    /// The property, if it is there and not null. A null stays, so that it is written again.
    pub(crate) fn optional<T: Graph>(&mut self, key: &str) -> Result<Option<T>, Misfit> {
        if matches!(self.0.get(key), None | Some(Value::Null)) {
            return Ok(None);
        }
        let value = self.0.remove(key).unwrap_or_default();
        T::read(value).map(Some).map_err(|misfit| misfit.within(key))
    }

    /// What has not been read.
    pub(crate) fn rest(self) -> Other {
        self.0
    }
}

/// An object that is being written.
pub(crate) struct Draft(Map<String, Value>);

impl Draft {
    pub(crate) fn over(other: &Other) -> Self {
        Self(other.clone())
    }

    pub(crate) fn put<T: Graph>(mut self, key: &str, value: &Option<T>) -> Self {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value.write());
        }
        self
    }

    pub(crate) fn value(self) -> Value {
        Value::Object(self.0)
    }
}

impl Graph for bool {
    fn read(value: Value) -> Result<Self, Misfit> {
        value.as_bool().ok_or_else(|| Misfit::new("true or false", &value))
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Graph for String {
    fn read(value: Value) -> Result<Self, Misfit> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(Misfit::new("a text", &other)),
        }
    }

    fn write(&self) -> Value {
        Value::String(self.clone())
    }
}

impl<T: Graph> Graph for Vec<T> {
    fn read(value: Value) -> Result<Self, Misfit> {
        let Value::Array(items) = value else { return Err(Misfit::new("an array", &value)) };
        let read = |(index, item)| T::read(item).map_err(|misfit| misfit.within(index));
        items.into_iter().enumerate().map(read).collect()
    }

    fn write(&self) -> Value {
        self.iter().map(Graph::write).collect()
    }
}

/// Gives types their serde traits through [`Graph`], so that both ways of reading agree.
macro_rules! serde_through_graph {
    ($($name:ty),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::graph::Graph::write(self).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                $crate::graph::Graph::read(value).map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use serde_through_graph;
