//! Strict reading of TOML tables: every key is asked for by name, what nobody asked for is refused.

use lab_protocol::Aaguid;
use lab_protocol::cose::Algorithm;
use lab_protocol::nearest::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ModelError, ModelErrorKind, Place};
use super::sourced::Sourced;
use super::vocabulary::Named;

/// A file that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'t> {
    pub name: &'t str,
    pub text: &'t str,
}

impl File<'_> {
    pub fn error(&self, offset: usize, key: &str, kind: impl Into<ModelErrorKind>) -> ModelError {
        let place = Place::of(self.text, offset);
        ModelError { file: self.name.to_owned(), place, key: key.to_owned(), kind: Box::new(kind.into()) }
    }
}

/// A value, where it stands, and the path of its key.
#[derive(Clone)]
pub(super) struct Node<'t> {
    file: File<'t>,
    path: String,
    value: &'t Spanned<DeValue<'t>>,
}

/// A table, and which of its keys were asked for.
pub(super) struct Table<'t> {
    file: File<'t>,
    path: String,
    offset: usize,
    /// None of a table that is absent.
    members: Option<&'t DeTable<'t>>,
    asked: Vec<&'static str>,
}

impl<'t> Node<'t> {
    pub fn error(&self, kind: impl Into<ModelErrorKind>) -> ModelError {
        self.file.error(self.value.span().start, &self.path, kind)
    }

    fn expected(&self, expected: &'static str) -> ModelError {
        self.error(ModelErrorKind::Type { expected, found: described(self.value.get_ref()) })
    }

    pub fn table(&self) -> Result<Table<'t>, ModelError> {
        match self.value.get_ref() {
            DeValue::Table(members) => Ok(Table::new(self.file, self.path.clone(), self.value.span().start, members)),
            _ => Err(self.expected("a table")),
        }
    }

    fn text(&self) -> Result<&'t str, ModelError> {
        self.value.get_ref().as_str().ok_or_else(|| self.expected("a text"))
    }

    /// An integer within `range`.
    fn number(&self, range: std::ops::RangeInclusive<i64>) -> Result<i64, ModelError> {
        let DeValue::Integer(integer) = self.value.get_ref() else {
            return Err(self.expected("an integer"));
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            let expected = format!("{} to {}", range.start(), range.end());
            self.error(ModelErrorKind::Range { found: integer.to_string(), expected })
        })
    }
}

impl<'t> Table<'t> {
    pub fn new(file: File<'t>, path: String, offset: usize, members: &'t DeTable<'t>) -> Self {
        Self { file, path, offset, members: Some(members), asked: Vec::new() }
    }

    /// The table of a key that is absent: it has no members, and stands where its parent does.
    pub fn absent(&self, key: &str) -> Self {
        Self { file: self.file, path: self.path_of(key), offset: self.offset, members: None, asked: Vec::new() }
    }

    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of a key that may be absent.
    pub fn node(&mut self, key: &'static str) -> Option<Node<'t>> {
        self.asked.push(key);
        let found = self.members.and_then(|members| members.iter().find(|(found, _)| found.get_ref() == key));
        found.map(|(_, value)| Node { file: self.file, path: self.path_of(key), value })
    }

    /// The value of a key that must be there.
    pub fn require(&mut self, key: &'static str) -> Result<Node<'t>, ModelError> {
        self.node(key).ok_or_else(|| self.missing(key))
    }

    /// The error of a key that must be there and is not.
    pub fn missing(&self, key: &str) -> ModelError {
        self.file.error(self.offset, &self.path_of(key), ModelErrorKind::Missing)
    }

    pub fn read<T: FromNode>(&mut self, key: &'static str) -> Result<T, ModelError> {
        T::from_node(&self.require(key)?)
    }

    pub fn read_some<T: FromNode>(&mut self, key: &'static str) -> Result<Option<T>, ModelError> {
        self.node(key).map(|node| T::from_node(&node)).transpose()
    }

    /// Every member, of a table whose keys are free.
    pub fn members(&self) -> impl Iterator<Item = (&'t str, Node<'t>)> {
        self.members.into_iter().flatten().map(|(key, value)| {
            let key: &'t str = key.get_ref().as_ref();
            (key, Node { file: self.file, path: self.path_of(key), value })
        })
    }

    /// Refuses the keys that nobody asked for.
    pub fn finish(&self) -> Result<(), ModelError> {
        let known = |key: &str| self.asked.contains(&key);
        match self.members.into_iter().flat_map(DeTable::keys).find(|key| !known(key.get_ref())) {
            None => Ok(()),
            Some(key) => {
                let kind = ModelErrorKind::UnknownKey { nearest: nearest(key.get_ref(), self.asked.iter().copied()) };
                Err(self.file.error(key.span().start, &self.path_of(key.get_ref()), kind))
            }
        }
    }
}

/// The type of a value and, where it is short, the value.
fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text “{}”", text.chars().take(60).collect::<String>()),
        DeValue::Integer(number) => format!("the integer {number}"),
        DeValue::Float(number) => format!("the float {number}"),
        DeValue::Boolean(value) => format!("the boolean {value}"),
        DeValue::Datetime(time) => format!("the date {time}"),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// What can be read from a value.
pub(super) trait FromNode: Sized {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError>;
}

impl FromNode for String {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        node.text().map(str::to_owned)
    }
}

impl FromNode for bool {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        node.value.get_ref().as_bool().ok_or_else(|| node.expected("true or false"))
    }
}

macro_rules! integers {
    ($($type:ty),*) => {
        $(impl FromNode for $type {
            fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
                let number = node.number(0..=i64::from(Self::MAX))?;
                // `number` has checked the range.
                Ok(Self::try_from(number).unwrap_or(Self::MAX))
            }
        })*
    };
}

integers!(u8, u16, u32);

impl FromNode for Aaguid {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        node.text()?.parse().map_err(|error: lab_protocol::AaguidError| node.error(error))
    }
}

/// The algorithms that models are described with, in the order of the error message.
const ALGORITHMS: &[i64] = &[-7, -8, -35, -36, -257, -258, -259, -37, -38, -39, -47, -48, -49, -50, -65535];

impl FromNode for Algorithm {
    /// Reads the name in the IANA registry, such as `ES256`.
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        let found = node.text()?;
        let known = || ALGORITHMS.iter().map(|id| Self(*id)).filter_map(|alg| Some((alg.name()?, alg)));
        known().find(|(name, _)| *name == found).map(|(_, alg)| alg).ok_or_else(|| {
            let expected: Vec<_> = known().map(|(name, _)| name).collect();
            node.error(name_error("a COSE algorithm", found, expected))
        })
    }
}

fn name_error(what: &'static str, found: &str, expected: Vec<&'static str>) -> ModelErrorKind {
    let nearest = nearest(found, expected.iter().copied());
    ModelErrorKind::Name { what, found: found.chars().take(60).collect(), expected, nearest }
}

impl<T: Named> FromNode for T {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        let found = node.text()?;
        T::of(found).ok_or_else(|| {
            let expected = T::ALL.iter().map(|value| value.name()).collect();
            node.error(name_error(T::WHAT, found, expected))
        })
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        let DeValue::Array(elements) = node.value.get_ref() else {
            return Err(node.expected("an array"));
        };
        let element = |(index, value)| Node { file: node.file, path: format!("{}[{index}]", node.path), value };
        elements.iter().enumerate().map(element).map(|node| T::from_node(&node)).collect()
    }
}

/// A table whose keys are free, in the order of its keys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pairs<T>(pub Vec<(String, T)>);

impl<T: FromNode> FromNode for Pairs<T> {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        let members = node.table()?;
        let pair = |(key, node): (&str, Node<'_>)| Ok((key.to_owned(), T::from_node(&node)?));
        members.members().map(pair).collect::<Result<_, _>>().map(Self)
    }
}

impl<T: super::sourced::Shown> super::sourced::Shown for Pairs<T> {
    fn shown(&self) -> String {
        self.0.iter().map(|(key, value)| format!("{key} {}", value.shown())).collect::<Vec<_>>().join(", ")
    }
}

impl<T: FromNode> FromNode for Sourced<T> {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        let mut table = node.table()?;
        let sourced = Self {
            value: table.read("value")?,
            source: table.read("source")?,
            confidence: table.read("confidence")?,
            note: table.read_some("note")?,
        };
        table.finish()?;
        Ok(sourced)
    }
}
