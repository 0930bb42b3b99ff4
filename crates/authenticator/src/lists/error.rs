//! What can be wrong with a list, and where.

use std::fmt;

use lab_protocol::AaguidError;

use crate::model::Place;

/// A list, or a row of one, that cannot be used: the file, the place, the column, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{place}: {}{kind}", Column(.column))]
pub struct ListError {
    /// The file, as its reader named it.
    pub file: String,
    /// Where in the file.
    pub place: Place,
    /// The name of the column; empty for the row or file as a whole.
    pub column: String,
    /// What is wrong.
    pub kind: ListErrorKind,
}

/// Why a list or row cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListErrorKind {
    /// The file is too long to be a list.
    #[error("the file has {found} bytes, at most {allowed} are read")]
    Size {
        /// The length found.
        found: usize,
        /// The cap.
        allowed: usize,
    },
    /// The file has too many rows.
    #[error("there are more than {allowed} rows, and no more are read")]
    Rows {
        /// The cap.
        allowed: usize,
    },
    /// There is no header.
    #[error("there is no header: the first row names the columns, aaguid and name among them")]
    Empty,
    /// The header lacks a column.
    #[error("there is no column “{expected}”: the header has {}", .found.join(", "))]
    NoColumn {
        /// The column that every list has.
        expected: &'static str,
        /// The columns found.
        found: Vec<String>,
    },
    /// The header has a column twice.
    #[error("the column stands twice in the header")]
    TwoColumns,
    /// A quotation mark that nothing closes.
    #[error("this quotation mark is never closed")]
    Unclosed,
    /// Something after the closing quotation mark.
    #[error("after the closing quotation mark comes “{found}”, not the end of the cell")]
    AfterQuote {
        /// What stands there.
        found: char,
    },
    /// A quotation mark within a cell that does not start with one.
    #[error("a quotation mark stands within the cell: the whole cell must be quoted, and the mark doubled")]
    QuoteInside,
    /// Another number of cells than the header has.
    #[error("the row has {found} cells, the header has {expected}")]
    Cells {
        /// The number of columns.
        expected: usize,
        /// The number of cells.
        found: usize,
    },
    /// Not an AAGUID.
    #[error(transparent)]
    Aaguid(#[from] AaguidError),
    /// Not a name.
    #[error("a name has 1 to {allowed} printable characters: found {found}")]
    Name {
        /// The cap.
        allowed: usize,
        /// What is there.
        found: String,
    },
    /// Neither yes nor no.
    #[error("“{found}” is neither true nor false, nor empty")]
    Flag {
        /// What is there.
        found: String,
    },
    /// Not a type of passkey.
    #[error("“{found}” is no type of passkey: expected one of {}, or nothing", .expected.join(", "))]
    Type {
        /// What is there.
        found: String,
        /// The types.
        expected: Vec<&'static str>,
    },
    /// An AAGUID that stands in an earlier row.
    #[error("the AAGUID stands in line {} already, as “{name}”", .first.line)]
    Repeated {
        /// Where it stands first.
        first: Place,
        /// Its name there.
        name: String,
    },
}

struct Column<'a>(&'a str);

impl fmt::Display for Column<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "column {}: ", self.0) }
    }
}
