//! What can be wrong with a model file, and where.

use std::fmt;

/// A model file that is refused: the file, the place, the key, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{place}: {}{kind}", Prefix(.key))]
pub struct ModelError {
    /// The file, as its reader named it.
    pub file: String,
    /// Where in the file.
    pub place: Place,
    /// The key with its path, such as `passkeys.counter.value`; empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub kind: Box<ModelErrorKind>,
}

/// Why a model file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelErrorKind {
    /// The file is too long to be a model.
    #[error("the file has {found} bytes, at most {allowed} are read")]
    Size {
        /// The length found.
        found: usize,
        /// The cap.
        allowed: usize,
    },
    /// Not TOML.
    #[error("this is not TOML: {0}")]
    Syntax(String),
    /// A key that every model has is absent.
    #[error("the key is missing")]
    Missing,
    /// A key that no model has.
    #[error("no model has this key{}", DidYouMean(.nearest))]
    UnknownKey {
        /// The key that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A value of another type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the key takes.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A name that is not in its list.
    #[error("“{found}” is not {what}: expected one of {}{}", .expected.join(", "), DidYouMean(.nearest))]
    Name {
        /// What was expected, with its article.
        what: &'static str,
        /// The name found.
        found: String,
        /// The names of the list.
        expected: Vec<&'static str>,
        /// The name that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A number outside its range.
    #[error("{found} is out of range: expected {expected}")]
    Range {
        /// The number found.
        found: String,
        /// The range.
        expected: String,
    },
    /// Not an AAGUID.
    #[error(transparent)]
    Aaguid(#[from] lab_protocol::AaguidError),
    /// A source that `[sources]` does not name.
    #[error("[sources] names no “{found}”{}", DidYouMean(.nearest))]
    UnknownSource {
        /// The name found.
        found: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A model to inherit from that cannot be inherited.
    #[error(transparent)]
    Parent(#[from] super::ParentError),
    /// `without` names what the parent does not have.
    #[error("“{found}” is no fact of {parent} that this model could be without{}", DidYouMean(.nearest))]
    NotInherited {
        /// The id of the parent.
        parent: String,
        /// The name found.
        found: String,
        /// The key that was probably meant.
        nearest: Option<String>,
    },
    /// Facts that cannot be true together.
    #[error(transparent)]
    Invariant(#[from] super::Violation),
}

/// A place in a file; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// The place of the byte at `offset` of `text`.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).map_or(0, |line| line.chars().count()) + 1;
        Self { line: before.matches('\n').count() + 1, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

struct Prefix<'a>(&'a str);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0) }
    }
}

struct DidYouMean<'a, T>(&'a Option<T>);

impl<T: fmt::Display> fmt::Display for DidYouMean<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(f, " (did you mean “{nearest}”?)"),
            None => Ok(()),
        }
    }
}
