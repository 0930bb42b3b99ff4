//! How wide the columns of a table are: no id is broken where that can be avoided.

use super::document::Cell;

/// The spaces between two columns.
pub(super) const GAP: usize = 2;
/// Words up to this length are never broken: an AAGUID has 36 characters, ids of models have more.
const LONGEST_WHOLE_WORD: usize = 48;

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

/// Where each column of a table stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// The columns side by side, each with its width; with their gaps they fill at most the line.
    pub(super) beside: Vec<(usize, usize)>,
    /// The columns of prose that stand below their row.
    pub(super) below: Vec<usize>,
}

/// Lays a table out in `width`: prose is folded, where that is not enough it moves below its row; `None`
/// where an id would have to be broken all the same.
pub(super) fn layout(headers: &[String], rows: &[Vec<Cell>], width: usize) -> Option<Layout> {
    let needs: Vec<Need> = headers.iter().enumerate().map(|(index, header)| column(header, rows, index)).collect();
    let mut beside: Vec<usize> = (0..headers.len()).collect();
    let mut below = Vec::new();
    loop {
        let kept: Vec<Need> = beside.iter().filter_map(|index| needs.get(*index)).copied().collect();
        if let Some(widths) = widths(&kept, width) {
            below.sort_unstable();
            return Some(Layout { beside: beside.into_iter().zip(widths).collect(), below });
        }
        let prose = (1..kept.len()).filter(|at| kept.get(*at).is_some_and(|need| need.most > need.least));
        let widest = prose.max_by_key(|at| kept.get(*at).map(|need| need.most))?;
        below.push(beside.remove(widest));
    }
}

fn widths(needs: &[Need], width: usize) -> Option<Vec<usize>> {
    let room = width.saturating_sub(GAP * needs.len().saturating_sub(1));
    let mut widths: Vec<usize> = needs.iter().map(|need| need.least).collect();
    let mut left = room.checked_sub(widths.iter().sum())?;
    while left > 0 {
        let wanting = widths.iter_mut().zip(needs).filter(|(width, need)| **width < need.most);
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

    fn of(texts: [&str; 2], width: usize) -> Option<(Vec<usize>, Vec<usize>)> {
        let headers = ["id".to_owned(), "what".to_owned()];
        let found = layout(&headers, &[texts.iter().map(|text| Cell::from(*text)).collect()], width)?;
        Some((found.beside.into_iter().map(|(_, width)| width).collect(), found.below))
    }

    #[test]
    fn columns_are_as_wide_as_their_lines_where_there_is_room() {
        assert_eq!(of(["entra/attestation", "two words"], 100), Some((vec![17, 9], vec![])));
    }

    #[test]
    fn prose_is_folded_before_an_id_is_broken() {
        assert_eq!(of(["entra/attestation", "a sentence of several words"], 32), Some((vec![17, 13], vec![])));
    }

    #[test]
    fn prose_that_has_no_room_stands_below() {
        assert_eq!(of(["entra/attestation", "a sentence of several words"], 20), Some((vec![17], vec![1])));
    }

    #[test]
    fn there_is_no_table_where_an_id_would_be_broken() {
        assert_eq!(of(["a25342c0-3cdc-4414-8e46-f4807fca511c", "firmware"], 40), None);
    }
}
