//! Markdown, to be pasted into a ticket.

use super::document::{Block, Cell, Document, Tone};

/// Writes the document as Markdown, and below it what was noted about the run.
pub(super) fn render(document: &Document, notes: &[String]) -> String {
    let notes = notes.iter().map(|note| format!("> **Note:** {}", escaped(note)));
    let blocks: Vec<String> = document.blocks.iter().filter_map(block).chain(notes).collect();
    blocks.join("\n\n") + "\n"
}

fn block(block: &Block) -> Option<String> {
    Some(match block {
        Block::Heading(text) => format!("## {}", escaped(text)),
        Block::Text(cell) => toned(cell),
        Block::Hint(hint) => format!("> **Hint:** {}", escaped(hint)),
        Block::Aside(_) => return None,
        Block::Fields(fields) => {
            let rows = fields.iter().map(|(name, cell)| format!("- {}: {}", escaped(name), toned(cell)));
            rows.collect::<Vec<_>>().join("\n")
        }
        Block::Table { headers, rows } => table(headers, rows),
    })
}

fn table(headers: &[String], rows: &[Vec<Cell>]) -> String {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let head = row(headers.iter().map(|header| escaped(header)).collect());
    let rule = row(headers.iter().map(|_| "---".to_owned()).collect());
    let body = rows.iter().map(|cells| row(cells.iter().map(|cell| toned(cell).replace('\n', "<br>")).collect()));
    [head, rule].into_iter().chain(body).collect::<Vec<_>>().join("\n")
}

fn toned(cell: &Cell) -> String {
    let text = escaped(&cell.text);
    match cell.tone {
        Tone::Good | Tone::Bad | Tone::Strong if !text.is_empty() => format!("**{text}**"),
        _ => text,
    }
}

/// Neutralises what Markdown or HTML would read as markup: the text can come from a certificate or a tenant.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out
}
