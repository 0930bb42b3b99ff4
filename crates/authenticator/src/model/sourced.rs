//! A fact with its source.

use std::ops::Deref;

use serde::Serialize;

use super::vocabulary::Confidence;

/// A fact about a model: what is true, who says so, and how sure that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    /// The fact.
    pub value: T,
    /// The key of its source in [`Model::sources`](super::Model::sources).
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// What else is worth knowing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl<T> Deref for Sourced<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// One fact as a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'m> {
    /// The key with its path, such as `passkeys.counter`.
    pub key: String,
    /// The value, as it reads in a sentence.
    pub value: String,
    /// The key of its source.
    pub source: &'m str,
    /// How sure it is.
    pub confidence: Confidence,
    /// What else is worth knowing.
    pub note: Option<&'m str>,
}

/// The row of a fact.
pub(super) fn field<'m, T: Shown>(fact: &'m Sourced<T>, section: &str, key: &str) -> Field<'m> {
    Field {
        key: format!("{section}.{key}"),
        value: fact.value.shown(),
        source: &fact.source,
        confidence: fact.confidence,
        note: fact.note.as_deref(),
    }
}

/// A value that a table can show.
pub(super) trait Shown {
    fn shown(&self) -> String;
}

macro_rules! shown_by_display {
    ($($type:ty),*) => {
        $(impl Shown for $type {
            fn shown(&self) -> String {
                self.to_string()
            }
        })*
    };
}

shown_by_display!(bool, u8, u16, u32, String, lab_protocol::Aaguid, lab_protocol::cose::Algorithm);

impl<T: super::Named> Shown for T {
    fn shown(&self) -> String {
        self.name().to_owned()
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> String {
        if self.is_empty() {
            return "none".to_owned();
        }
        self.iter().map(Shown::shown).collect::<Vec<_>>().join(", ")
    }
}

impl<K: Shown, V: Shown> Shown for (K, V) {
    fn shown(&self) -> String {
        format!("{} {}", self.0.shown(), self.1.shown())
    }
}
