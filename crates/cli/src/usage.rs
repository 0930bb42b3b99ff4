//! What clap finds wrong with a command line, in the program's own words.

use std::error::Error as _;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::arguments::Cli;

/// A sentence and a hint.
#[derive(Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Complaint {
    /// The complaint about a command line, whose words come after the name of the program.
    pub fn of(error: &clap::Error, words: impl Iterator<Item = String>) -> Self {
        let help = format!("`{} --help` shows what there is", command(words));
        let meant = suggestion(error).map(|meant| format!("perhaps {meant} was meant; {help}"));
        Self { message: message(error), hint: meant.unwrap_or(help) }
    }
}

fn message(error: &clap::Error) -> String {
    let text = |kind| list(error, kind, "or").unwrap_or_default();
    let argument = || text(ContextKind::InvalidArg);
    let value = || text(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("there is no command “{}”", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument if argument().starts_with('-') => {
            format!("there is no option “{}” here", argument())
        }
        ErrorKind::UnknownArgument => format!("expected nothing more, found “{}”", argument()),
        ErrorKind::MissingRequiredArgument => missing(error),
        ErrorKind::ArgumentConflict => conflict(error, &argument()),
        ErrorKind::InvalidValue if value().is_empty() => format!("{} is missing its value", argument()),
        ErrorKind::InvalidValue => {
            format!("{}: expected {}, found “{}”", name(&argument()), text(ContextKind::ValidValue), value())
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            let found = if why.contains(&format!("“{}”", value())) {
                String::new()
            } else {
                format!(", found “{}”", value())
            };
            format!("{}: {why}{found}", name(&argument()))
        }
        _ => first_line(error),
    }
}

fn conflict(error: &clap::Error, argument: &str) -> String {
    match list(error, ContextKind::PriorArg, "and") {
        Some(other) if other == argument => format!("{} is given more than once", name(argument)),
        Some(other) => format!("{} and {} do not go together", name(argument), name(&other)),
        None => first_line(error),
    }
}

/// The option without its value's name: `--at` of `--at <RFC3339>`.
fn name(argument: &str) -> &str {
    argument.split_once(' ').map_or(argument, |(name, _)| name).trim_end_matches("...")
}

fn suggestion(error: &clap::Error) -> Option<String> {
    let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    kinds.into_iter().find_map(|kind| list(error, kind, "or"))
}

/// What a missing argument is called, and the verb that goes with it.
fn missing(error: &clap::Error) -> String {
    let verb = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(several)) if several.len() > 1 => "are",
        _ => "is",
    };
    format!("{} {verb} missing", list(error, ContextKind::InvalidArg, "and").unwrap_or_default())
}

/// The texts of a context as a list: `a, b or c`.
fn list(error: &clap::Error, kind: ContextKind, last: &str) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => match texts.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            [most @ .., end] => Some(format!("{} {last} {end}", most.join(", "))),
        },
        _ => None,
    }
}

/// The command that was given, as far as it is one: `passkey-lab tenant check`.
fn command(words: impl Iterator<Item = String>) -> String {
    let mut command = Cli::command();
    let mut path = vec!["passkey-lab".to_owned()];
    for word in words {
        if let Some(found) = command.find_subcommand(&word).cloned() {
            path.push(word);
            command = found;
        }
    }
    path.join(" ")
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
