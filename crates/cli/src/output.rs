//! Standard output is the result, standard error the conversation.

mod file;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use lab_jobs::report::{Envelope, Format, Report, Style};

use crate::arguments::{Color, FormatName, Global};
use crate::failure::Failure;

/// The narrowest and the widest table that is drawn.
const WIDTHS: (u16, u16) = (40, 140);
/// The width where nobody says another.
const USUAL_WIDTH: u16 = 100;

/// The form that the user wants.
///
/// # Errors
/// No result of today is written in it; said before anything is run.
pub fn format(global: &Global) -> Result<Format, Failure> {
    let asked: FormatName = global.format;
    asked.supported().ok_or_else(|| {
        let message =
            format!("this result is not written as {}: expected table, json, jsonl or markdown", asked.name());
        Failure::usage(message, "--format json has everything that the result holds")
    })
}

/// Writes a report where the user wants it.
///
/// # Errors
/// The form is not one of this result's, or the file cannot be written.
pub fn deliver(report: &Report, global: &Global) -> Result<(), Failure> {
    let format = format(global)?;
    let envelope = Envelope { seed: global.seed, at: global.at };
    let text = report.render(format, &envelope, style(global));
    place(&text, global)?;
    // JSON and Markdown carry the notes themselves.
    if matches!(format, Format::Table | Format::JsonLines) {
        say_notes(&report.notes, global);
    }
    Ok(())
}

/// Writes a result that has its form already.
///
/// # Errors
/// The file cannot be written.
pub fn deliver_text(text: &str, notes: &[String], global: &Global) -> Result<(), Failure> {
    place(text, global)?;
    say_notes(notes, global);
    Ok(())
}

/// Writes a text to a file beside the result.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(file::write(path, text)?)
}

fn say_notes(notes: &[String], global: &Global) {
    if !global.quiet {
        notes.iter().for_each(|note| say("note", note));
    }
}

fn place(text: &str, global: &Global) -> Result<(), Failure> {
    match global.output.as_deref().filter(|path| *path != Path::new("-")) {
        Some(path) => file::write(path, text)?,
        None => print(text).map_err(|error| format!("standard output: {error}"))?,
    }
    Ok(())
}

/// Shows how far a run is, in a line that goes away when it is done.
pub fn progress(done: usize, all: usize) {
    let mut err = io::stderr().lock();
    let _ = if done < all { write!(err, "\r{done} of {all} models") } else { write!(err, "\r\u{1b}[K") };
    let _ = err.flush();
}

/// Prints a text; a reader that has seen enough is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Says something on standard error, where nobody has to listen.
pub fn say(kind: &str, text: &str) {
    let _ = writeln!(io::stderr().lock(), "passkey-lab: {kind}: {text}");
}

fn style(global: &Global) -> Style {
    let terminal = io::stdout().is_terminal() && global.output.is_none();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !no_color,
    };
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
    Style { color, width: said.or_else(seen).unwrap_or(USUAL_WIDTH).clamp(WIDTHS.0, WIDTHS.1) }
}
