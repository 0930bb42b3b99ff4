//! How wide the columns of a table are: no id is broken where that can be avoided.

use super::document::Cell;

/// The spaces between two columns.
pub(super) const GAP: usize = 2;
/// Words up to this length are never broken: an AAGUID has 36 characters.
const LONGEST_WHOLE_WORD: usize = 40;

/// What a column needs.
#[derive(Debug, Clone, Copy)]
struct Need {
    /// Its longest word.
    least: usize,
    /// Its longest line.
    most: usize,
}

impl Need {
    fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let length = |text: &str| text.chars().count();
        let mut need = Self { least: 1, most: 1 };
        for line in texts.flat_map(str::lines) {
            let word = line.split_whitespace().map(length).max().unwrap_or(0);
            need.least = need.least.max(word.min(LONGEST_WHOLE_WORD));
            need.most = need.most.max(length(line));
        }
        need
    }
}

/// The widths of the columns, which with their gaps fill at most `width`; `None` where ids would have
/// to be broken.
pub(super) fn widths(headers: &[String], rows: &[Vec<Cell>], width: usize) -> Option<Vec<usize>> {
    let needs: Vec<Need> = headers.iter().enumerate().map(|(index, header)| column(header, rows, index)).collect();
    let room = width.saturating_sub(GAP * headers.len().saturating_sub(1));
    let mut widths: Vec<usize> = needs.iter().map(|need| need.least).collect();
    let mut left = room.checked_sub(widths.iter().sum())?;
    while left > 0 {
        let wanting = widths.iter_mut().zip(&needs).filter(|(width, need)| **width < need.most);
        // The column with the most lines gets the next character.
        let Some((width, _)) = wanting.max_by_key(|(width, need)| need.most * 1000 / **width) else { break };
        *width += 1;
        left -= 1;
    }
    Some(widths)
}

fn column(header: &str, rows: &[Vec<Cell>], index: usize) -> Need {
    Need::of(rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.text.as_str()).chain([header]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: [&str; 2], width: usize) -> Option<Vec<usize>> {
        let headers = ["id".to_owned(), "what".to_owned()];
        widths(&headers, &[texts.iter().map(|text| Cell::from(*text)).collect()], width)
    }

    #[test]
    fn columns_are_as_wide_as_their_lines_where_there_is_room() {
        assert_eq!(of(["entra/attestation", "two words"], 100), Some(vec![17, 9]));
    }

    #[test]
    fn prose_is_folded_before_an_id_is_broken() {
        assert_eq!(of(["entra/attestation", "a sentence of several words"], 32), Some(vec![17, 13]));
    }

    #[test]
    fn there_is_no_table_where_an_id_would_be_broken() {
        assert_eq!(of(["a25342c0-3cdc-4414-8e46-f4807fca511c", "firmware"], 40), None);
    }
}
