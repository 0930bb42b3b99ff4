//! CSV as RFC 4180 has it, cell by cell with its place.

use std::iter::Peekable;
use std::str::Chars;

use super::error::ListErrorKind;
use crate::model::Place;

/// The most cells of a row that are kept; more make the row wrong whatever the header has.
const MAX_CELLS: usize = 256;

/// A cell, without its quotation marks and the spaces around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub text: String,
    pub place: Place,
}

/// The cells of a row; never empty.
pub(super) type Record = Vec<Cell>;

/// Something that is no CSV.
pub(super) type Broken = (Place, ListErrorKind);

/// Reads rows one after the other. Empty lines are no rows.
#[derive(Clone)]
pub(super) struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    place: Place,
    separator: char,
}

impl<'t> Reader<'t> {
    /// The separator is the one that the first line has most of.
    pub fn new(text: &'t str, first: usize) -> Self {
        let line = text.lines().next().unwrap_or_default();
        let count = |separator: &char| line.matches(*separator).count();
        // Of equals the last wins: the comma, where the line has none.
        let separator = ['\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',');
        Self { rest: text.chars().peekable(), place: Place { line: first, column: 1 }, separator }
    }

    fn next_char(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        if next == '\n' {
            self.place = Place { line: self.place.line + 1, column: 1 };
        } else {
            self.place.column += 1;
        }
        Some(next)
    }

    fn at_end(&mut self) -> bool {
        self.rest.peek().is_none_or(|next| *next == self.separator || *next == '\n')
    }

    fn cell(&mut self) -> Result<Cell, Broken> {
        while !self.at_end() && self.rest.next_if(|next| next.is_whitespace()).is_some() {
            self.place.column += 1;
        }
        let place = self.place;
        let text = if self.rest.peek() == Some(&'"') { self.quoted()? } else { self.plain()? };
        Ok(Cell { text: text.trim().to_owned(), place })
    }

    fn plain(&mut self) -> Result<String, Broken> {
        let mut text = String::new();
        while !self.at_end() {
            let place = self.place;
            match self.next_char() {
                Some('"') => return Err((place, ListErrorKind::QuoteInside)),
                Some(next) => text.push(next),
                None => break,
            }
        }
        Ok(text)
    }

    fn quoted(&mut self) -> Result<String, Broken> {
        let opening = self.place;
        self.next_char();
        let mut text = String::new();
        loop {
            match self.next_char() {
                None => return Err((opening, ListErrorKind::Unclosed)),
                Some('"') if self.rest.peek() == Some(&'"') => {
                    self.next_char();
                    text.push('"');
                }
                Some('"') => break,
                Some(next) => text.push(next),
            }
        }
        while !self.at_end() {
            let place = self.place;
            match self.next_char() {
                Some(next) if !next.is_whitespace() => return Err((place, ListErrorKind::AfterQuote { found: next })),
                _ => {}
            }
        }
        Ok(text)
    }

    fn record(&mut self) -> Result<Record, Broken> {
        let mut cells = vec![self.cell()?];
        while self.rest.peek() == Some(&self.separator) {
            self.next_char();
            let cell = self.cell()?;
            if cells.len() < MAX_CELLS {
                cells.push(cell);
            }
        }
        self.next_char();
        Ok(cells)
    }

    fn skip_line(&mut self) {
        while self.next_char().is_some_and(|next| next != '\n') {}
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Record, Broken>;

    /// After something broken it goes on in the next line: of a quotation mark that is never closed, the
    /// one after the line that it stands in.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.rest.peek()?;
            let start = self.clone();
            match self.record() {
                Ok(cells) if cells.len() == 1 && cells.iter().all(|cell| cell.text.is_empty()) => {}
                Ok(cells) => return Some(Ok(cells)),
                Err((place, kind)) => {
                    *self = start;
                    self.skip_line();
                    while self.place.line <= place.line && self.rest.peek().is_some() {
                        self.skip_line();
                    }
                    return Some(Err((place, kind)));
                }
            }
        }
    }
}
