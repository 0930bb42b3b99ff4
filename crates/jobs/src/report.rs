//! One report model for every result, and one file for each form it is written in.
//!
//! A job's result is a serialisable value; [`Report`] pairs it with a [`Document`] for people.
//! JSON is the value in its envelope, the table and Markdown forms are the document.

mod columns;
pub(crate) mod csv;
mod document;
pub(crate) mod html;
mod json;
pub(crate) mod junit;
mod markdown;
mod table;

pub use document::{Block, Cell, Document, Tone};
pub use json::Envelope;
pub use table::Style;

use serde_json::Value;

/// The result of a job: for programs, and for people.
#[derive(Debug, Clone)]
pub struct Report {
    /// The command, as in `passkey-lab/COMMAND/1`.
    pub command: &'static str,
    /// The value of `result`.
    pub result: Value,
    /// Sentences about the result that belong to no part of it.
    pub notes: Vec<String>,
    /// The same for people.
    pub document: Document,
}

/// The forms that a result can be written in (`--format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text for a terminal.
    Table,
    /// One JSON object.
    Json,
    /// One JSON value a line: the items of the result.
    JsonLines,
    /// Markdown, to be pasted into a ticket.
    Markdown,
}

impl Report {
    /// Writes the report in `format`.
    #[must_use]
    pub fn render(&self, format: Format, envelope: &Envelope, style: Style) -> String {
        match format {
            Format::Table => table::render(&self.document, style),
            Format::Json => json::render(self, envelope),
            Format::JsonLines => json::lines(self),
            Format::Markdown => markdown::render(&self.document, &self.notes),
        }
    }
}

#[cfg(test)]
mod tests;
