//! Text for a terminal.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};

use super::document::{Block, Cell, Document, Tone};

/// How a terminal shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are used.
    pub color: bool,
    /// Columns of the terminal, at least 40.
    pub width: u16,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// Writes the document as text.
pub(super) fn render(document: &Document, style: Style) -> String {
    let mut out = String::new();
    for (index, block) in document.blocks.iter().enumerate() {
        if index > 0 && starts_apart(block) {
            out.push('\n');
        }
        write_block(&mut out, block, style);
    }
    out
}

const fn starts_apart(block: &Block) -> bool {
    matches!(block, Block::Heading(_) | Block::Table { .. })
}

fn write_block(out: &mut String, block: &Block, style: Style) {
    match block {
        Block::Heading(text) => line(out, &painted(text, Tone::Strong, style)),
        Block::Text(cell) => {
            let lines = fold(&cell.text, usize::from(style.width));
            lines.iter().for_each(|text| line(out, &painted(text, cell.tone, style)));
        }
        Block::Hint(hint) => hint_lines(out, hint, style),
        Block::Fields(fields) => write_fields(out, fields, style),
        Block::Table { headers, rows } => line(out, &write_table(headers, rows, style)),
    }
}

fn hint_lines(out: &mut String, hint: &str, style: Style) {
    let label = painted("hint:", Tone::Doubt, style);
    for (index, text) in fold(hint, usize::from(style.width).saturating_sub(6)).into_iter().enumerate() {
        line(out, &if index == 0 { format!("{label} {text}") } else { format!("      {text}") });
    }
}

fn write_fields(out: &mut String, fields: &[(String, Cell)], style: Style) {
    let widest = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let room = usize::from(style.width).saturating_sub(widest + 4);
    for (name, cell) in fields {
        for (index, text) in fold(&cell.text, room).into_iter().enumerate() {
            let name = if index == 0 { name.as_str() } else { "" };
            let name = painted(&format!("{name:widest$}"), Tone::Dim, style);
            line(out, &format!("  {name}  {}", painted(&text, cell.tone, style)));
        }
    }
}

fn write_table(headers: &[String], rows: &[Vec<Cell>], style: Style) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(style.width.max(40)).set_header(headers);
    if style.color {
        table.enforce_styling();
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| table_cell(cell, style)));
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn table_cell(cell: &Cell, style: Style) -> comfy_table::Cell {
    let shown = comfy_table::Cell::new(&cell.text);
    let color = match cell.tone {
        Tone::Good => comfy_table::Color::Green,
        Tone::Bad => comfy_table::Color::Red,
        Tone::Doubt => comfy_table::Color::Yellow,
        Tone::Dim => comfy_table::Color::DarkGrey,
        Tone::Plain | Tone::Strong => return shown,
    };
    if style.color { shown.fg(color) } else { shown }
}

fn painted(text: &str, tone: Tone, style: Style) -> String {
    let code = match tone {
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Doubt => "33",
        Tone::Dim => "2",
        Tone::Strong => "1",
        Tone::Plain => return text.to_owned(),
    };
    if style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Folds a text at spaces so that no line is longer than `room`, unless a word is.
fn fold(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let current = lines.last_mut().map_or(0, |line| line.chars().count());
        match lines.last_mut() {
            Some(line) if current == 0 => line.push_str(word),
            Some(line) if current + 1 + word.chars().count() <= room.max(20) => {
                let _ = write!(line, " {word}");
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}
