//! Text for a terminal.

use std::fmt::Write as _;

use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};

use super::columns::{self, Layout};
use super::document::{Block, Cell, Document, Tone};

/// A line under the headers, and none beside: an id can be copied as it stands.
const UNDERLINED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

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
        let before = index.checked_sub(1).and_then(|before| document.blocks.get(before));
        if before.is_some_and(|before| stands_apart(before) || starts_apart(block)) {
            out.push('\n');
        }
        write_block(&mut out, block, style);
    }
    out
}

const fn stands_apart(block: &Block) -> bool {
    matches!(block, Block::Table { .. } | Block::Fields(_))
}

const fn starts_apart(block: &Block) -> bool {
    matches!(block, Block::Heading(_) | Block::Table { .. } | Block::Fields(_) | Block::Aside(_))
}

fn write_block(out: &mut String, block: &Block, style: Style) {
    match block {
        Block::Heading(text) => {
            let lines = fold(text, usize::from(style.width));
            lines.iter().for_each(|text| line(out, &painted(text, Tone::Strong, style)));
        }
        Block::Text(cell) => {
            let lines = fold(&cell.text, usize::from(style.width));
            lines.iter().for_each(|text| line(out, &painted(text, cell.tone, style)));
        }
        Block::Hint(hint) => hint_lines(out, hint, style),
        Block::Aside(text) => {
            let lines = fold(text, usize::from(style.width));
            lines.iter().for_each(|text| line(out, &painted(text, Tone::Dim, style)));
        }
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

/// Rows under headers; where the terminal is too narrow, prose stands below its row, and at last there
/// is one record after the other.
fn write_table(headers: &[String], rows: &[Vec<Cell>], style: Style) -> String {
    let Some(Layout { beside, below }) = columns::layout(headers, rows, usize::from(style.width)) else {
        return records(headers, rows, style);
    };
    let titles: Vec<Cell> = headers.iter().map(|header| Cell::new(header, Tone::Strong)).collect();
    let kept = |row: &[Cell]| beside.iter().filter_map(|(index, _)| row.get(*index)).cloned().collect::<Vec<_>>();
    let widths: Vec<usize> = beside.iter().map(|(_, width)| *width).collect();
    let rows_beside: Vec<Vec<Cell>> = rows.iter().map(|row| kept(row)).collect();
    if below.is_empty() {
        return grid(Some(&kept(&titles)), &rows_beside, &widths, style);
    }
    let mut out = grid(Some(&kept(&titles)), &[], &widths, style);
    for (row, cells) in rows.iter().zip(&rows_beside) {
        out.push('\n');
        out += &grid(None, std::slice::from_ref(cells), &widths, style);
        write_below(&mut out, below.iter().filter_map(|index| row.get(*index)), style);
    }
    out
}

fn write_below<'c>(out: &mut String, cells: impl Iterator<Item = &'c Cell>, style: Style) {
    for cell in cells.filter(|cell| !cell.text.is_empty()) {
        for text in fold(&cell.text, usize::from(style.width).saturating_sub(2)) {
            let _ = write!(out, "\n  {}", painted(&text, cell.tone, style));
        }
    }
}

/// One grid; without headers it continues the one above it.
fn grid(headers: Option<&[Cell]>, rows: &[Vec<Cell>], widths: &[usize], style: Style) -> String {
    let mut table = Table::new();
    table.load_style(UNDERLINED).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(headers) = headers {
        table.set_header(headers.iter().map(|header| table_cell(header, style)));
    }
    if style.color {
        table.enforce_styling();
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| table_cell(cell, style)));
    }
    for (index, width) in widths.iter().enumerate() {
        if let Some(column) = table.column_mut(index) {
            // Between two columns stands one space anyway; the others are the padding of the left one.
            let padding = if index + 1 < widths.len() { columns::GAP - 1 } else { 0 };
            let whole = u16::try_from(width + padding).unwrap_or(u16::MAX);
            column.set_padding((0, u16::try_from(padding).unwrap_or(0)));
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(whole)));
        }
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn records(headers: &[String], rows: &[Vec<Cell>], style: Style) -> String {
    let records = rows.iter().map(|row| {
        let named = headers.iter().cloned().zip(row.iter().cloned());
        let mut record = String::new();
        write_fields(&mut record, &named.filter(|(_, cell)| !cell.text.is_empty()).collect::<Vec<_>>(), style);
        record
    });
    records.collect::<Vec<_>>().join("\n")
}

fn table_cell(cell: &Cell, style: Style) -> comfy_table::Cell {
    let shown = comfy_table::Cell::new(&cell.text);
    let color = match cell.tone {
        Tone::Good => comfy_table::Color::Green,
        Tone::Bad => comfy_table::Color::Red,
        Tone::Doubt => comfy_table::Color::Yellow,
        Tone::Dim => comfy_table::Color::DarkGrey,
        Tone::Strong if style.color => return shown.add_attribute(comfy_table::Attribute::Bold),
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
