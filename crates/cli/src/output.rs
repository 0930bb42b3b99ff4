//! Standard output is the result, standard error the conversation.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};

use lab_jobs::report::{Envelope, Report, Style};

use crate::arguments::{Color, Global};

/// The narrowest and the widest table that is drawn.
const WIDTHS: (u16, u16) = (60, 140);

/// Writes a report where the user wants it.
///
/// # Errors
/// The form is not one of this result's, or the file cannot be written.
pub fn deliver(report: &Report, global: &Global) -> Result<(), String> {
    let format = global
        .format
        .supported()
        .ok_or_else(|| format!("`{}` has no such form: use --format table, json, jsonl or markdown", report.command))?;
    let envelope = Envelope { seed: global.seed, at: global.at };
    let text = report.render(format, &envelope, style(global));
    match &global.output {
        Some(path) => fs::write(path, text).map_err(|error| format!("{}: {error}", path.display())),
        None => print(&text).map_err(|error| format!("standard output: {error}")),
    }
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
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn style(global: &Global) -> Style {
    let terminal = io::stdout().is_terminal() && global.output.is_none();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !no_color,
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100u16);
    Style { color, width: columns.clamp(WIDTHS.0, WIDTHS.1) }
}
