//! The values of options: each reader says what it expected.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::Timestamp;
use lab_jobs::ceremony::Over;
use lab_jobs::report::Format;

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The forms of the contract; a command takes those that its result allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatName {
    /// Text for people.
    Table,
    /// One JSON object.
    Json,
    /// One JSON value a line.
    Jsonl,
    /// Markdown for a ticket.
    Markdown,
    /// Comma-separated values.
    Csv,
    /// A page.
    Html,
    /// JUnit XML.
    Junit,
    /// SARIF.
    Sarif,
}

impl FormatName {
    /// What it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
        }
    }

    /// The form, where every result can be written in it.
    pub const fn supported(self) -> Option<Format> {
        match self {
            Self::Table => Some(Format::Table),
            Self::Json => Some(Format::Json),
            Self::Jsonl => Some(Format::JsonLines),
            Self::Markdown => Some(Format::Markdown),
            Self::Csv | Self::Html | Self::Junit | Self::Sarif => None,
        }
    }
}

impl ValueEnum for FormatName {
    fn value_variants<'a>() -> &'a [Self] {
        use FormatName::{Csv, Html, Json, Jsonl, Junit, Markdown, Sarif, Table};
        &[Table, Json, Jsonl, Markdown, Csv, Html, Junit, Sarif]
    }

    /// A form that no result allows is understood, and offered to nobody.
    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).hide(self.supported().is_none()))
    }
}

/// Reads a time.
///
/// # Errors
/// A sentence with what was expected.
pub fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time with its zone, such as 2026-11-20T12:00:00Z".to_owned())
}

/// Reads a seed.
///
/// # Errors
/// A sentence with what was expected.
pub fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

/// Reads how the client reaches the authenticator.
///
/// # Errors
/// A sentence with what was expected.
pub fn over(text: &str) -> Result<Over, &'static str> {
    match text {
        "direct" => Ok(Over::Direct),
        "hid" => Ok(Over::Hid),
        _ => Err("expected direct or hid"),
    }
}
