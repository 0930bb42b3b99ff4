//! Why a tenant could not be read.

use std::fmt;

use crate::graph::JsonPath;

/// A place in a text, both numbers from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a tenant could not be read. Every variant names the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TenantError {
    /// A file is too large.
    #[error("{file}: expected at most {limit} bytes, found {size}")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A file is no JSON, or JSON that the lab refuses: a key twice, nested too deep, too many values.
    #[error("{file}:{position}: expected JSON, found this problem: {problem}")]
    Syntax {
        /// The file.
        file: String,
        /// Where.
        position: Position,
        /// What is wrong.
        problem: String,
    },
    /// A value is not what belongs in its place.
    #[error("{file}:{position}: {path}: expected {expected}, found {found}")]
    Misfit {
        /// The file.
        file: String,
        /// Where in the text.
        position: Position,
        /// Where in the document.
        path: JsonPath,
        /// What belongs there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// There is more of something than the lab reads.
    #[error("{file}: {path}: expected at most {limit} {what}, found {count}")]
    TooMany {
        /// The file.
        file: String,
        /// Where in the document.
        path: JsonPath,
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// Two places define the same resource.
    #[error("the resource “{resource}” is defined twice, in {first} and in {second}: keep one of them")]
    Twice {
        /// The key of the resource.
        resource: &'static str,
        /// The file (and place) that was read first.
        first: String,
        /// The one that was read after it.
        second: String,
    },
    /// Two objects share a name that should be theirs alone.
    #[error("{file}: {path}: expected {what} of its own, found “{name}”, which {other} has too")]
    SameName {
        /// The file.
        file: String,
        /// The second of the two.
        path: JsonPath,
        /// What kind of name.
        what: &'static str,
        /// The name.
        name: String,
        /// The first of the two.
        other: JsonPath,
    },
    /// There is no passkey policy.
    #[error(
        "expected fido2.json, authenticationMethodsPolicy.json, or one JSON file with one of these keys, found {found}"
    )]
    NoPolicy {
        /// The files that were given.
        found: String,
    },
}
