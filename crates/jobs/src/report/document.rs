//! What a person reads, before it has a form.

use std::fmt;

/// A report for people, block by block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The blocks, from top to bottom.
    pub blocks: Vec<Block>,
}

/// One block of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The subject of what follows.
    Heading(String),
    /// One sentence or paragraph.
    Text(Cell),
    /// What to do, set apart from what was found.
    Hint(String),
    /// How to see more, for whoever sits at the terminal: a ticket goes without it.
    Aside(String),
    /// Names and values, one a line.
    Fields(Vec<(String, Cell)>),
    /// Rows under headers.
    Table {
        /// The columns.
        headers: Vec<String>,
        /// The rows; each has as many cells as there are headers.
        rows: Vec<Vec<Cell>>,
    },
}

/// A text and how it is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// How a text is meant; a terminal shows it as a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// As it stands.
    #[default]
    Plain,
    /// Allowed, valid, passed.
    Good,
    /// Refused, invalid, failed.
    Bad,
    /// Unknown, unsupported, a note.
    Doubt,
    /// Of less weight.
    Dim,
    /// Of more weight.
    Strong,
}

impl Cell {
    /// A text with a tone.
    #[must_use]
    pub fn new(text: impl fmt::Display, tone: Tone) -> Self {
        Self { text: text.to_string(), tone }
    }
}

impl<T: fmt::Display> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

impl Document {
    /// An empty document.
    #[must_use]
    pub const fn new() -> Self {
        Self { blocks: Vec::new() }
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: impl fmt::Display) -> &mut Self {
        self.push(Block::Heading(text.to_string()))
    }

    /// Adds a sentence.
    pub fn text(&mut self, text: impl Into<Cell>) -> &mut Self {
        self.push(Block::Text(text.into()))
    }

    /// Adds a hint, if there is one.
    pub fn hint(&mut self, hint: Option<impl fmt::Display>) -> &mut Self {
        if let Some(hint) = hint {
            self.push(Block::Hint(hint.to_string()));
        }
        self
    }

    /// Adds how to see more.
    pub fn aside(&mut self, text: impl fmt::Display) -> &mut Self {
        self.push(Block::Aside(text.to_string()))
    }

    /// Adds names and values.
    pub fn fields(&mut self, fields: Vec<(&str, Cell)>) -> &mut Self {
        self.push(Block::Fields(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    }

    /// Adds a table, unless it has no rows.
    pub fn table(&mut self, headers: &[&str], rows: Vec<Vec<Cell>>) -> &mut Self {
        if rows.is_empty() {
            return self;
        }
        self.push(Block::Table { headers: headers.iter().map(ToString::to_string).collect(), rows })
    }

    /// Adds a block.
    pub fn push(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }

    /// Adds the blocks of another document.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.blocks.extend(other.blocks);
        self
    }
}
