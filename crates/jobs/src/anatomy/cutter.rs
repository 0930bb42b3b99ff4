//! Cutting bytes into parts that follow each other and leave no gap.

use std::fmt::Display;

use super::{Document, MAX_PARTS, Part};

/// How the name of a part begins that nobody could take apart.
pub(super) const UNREADABLE: &str = "unreadable from here";
/// How deep parts may nest.
const MAX_DEPTH: usize = 48;
/// The most documents of one response: its members, and what a JWS carries in base64.
const MAX_DOCUMENTS: usize = 40;
/// How many bytes of a value are shown.
const SHOWN_BYTES: usize = 24;
/// How many characters of a text are shown.
const SHOWN_CHARS: usize = 60;

/// Where documents are made; it counts the parts of all of them.
pub(super) struct Workshop {
    pub(super) documents: Vec<Document>,
    left: usize,
}

/// A range in the making, from its start to its end.
pub(super) struct Cutter<'b, 'w> {
    bytes: &'b [u8],
    /// Where the range begins in its document.
    base: usize,
    at: usize,
    depth: usize,
    workshop: &'w mut Workshop,
    parts: Vec<Part>,
}

impl Workshop {
    pub(super) const fn new() -> Self {
        Self { documents: Vec::new(), left: MAX_PARTS }
    }

    /// Takes a byte string apart, and adds it in front of what it carries.
    pub(super) fn cut(&mut self, name: impl Display, bytes: &[u8], how: impl FnOnce(&mut Cutter<'_, '_>)) {
        let place = self.documents.len();
        if place >= MAX_DOCUMENTS {
            return;
        }
        let name = name.to_string();
        self.documents.push(Document { name, length: bytes.len(), parts: Vec::new() });
        let parts = Cutter { bytes, base: 0, at: 0, depth: 0, workshop: self, parts: Vec::new() }.run(how);
        if let Some(document) = self.documents.get_mut(place) {
            document.parts = parts;
        }
    }
}

impl<'b> Cutter<'b, '_> {
    fn run(mut self, how: impl FnOnce(&mut Self)) -> Vec<Part> {
        how(&mut self);
        if self.at < self.bytes.len() {
            self.rest("trailing bytes");
        }
        self.parts
    }

    /// What is left to be cut.
    pub(super) fn left(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// One part without parts of its own; false where the bytes end before it.
    pub(super) fn leaf(&mut self, name: impl Display, length: usize, value: impl Into<Option<String>>) -> bool {
        self.part(name, length, value.into(), |_| {})
    }

    /// One part of a fixed length whose value follows from its bytes.
    pub(super) fn field(&mut self, name: impl Display, length: usize, value: impl FnOnce(&[u8]) -> String) -> bool {
        let value = self.left().get(..length).map(value);
        self.leaf(name, length, value)
    }

    /// One part that has parts; what `how` leaves over becomes its last one.
    pub(super) fn node(
        &mut self,
        name: impl Display,
        length: usize,
        value: impl Into<Option<String>>,
        how: impl FnOnce(&mut Cutter<'b, '_>),
    ) -> bool {
        self.part(name, length, value.into(), how)
    }

    fn part(
        &mut self,
        name: impl Display,
        length: usize,
        value: Option<String>,
        how: impl FnOnce(&mut Cutter<'b, '_>),
    ) -> bool {
        let Some(bytes) = self.left().get(..length) else {
            let left = self.left().len();
            self.unreadable(format_args!("{name} needs {length} bytes, {left} are left"));
            return false;
        };
        if self.workshop.left == 0 || self.depth == MAX_DEPTH {
            self.rest("not told apart: too many parts, or too deep");
            return false;
        }
        self.workshop.left -= 1;
        let offset = self.base + self.at;
        let inner = Cutter {
            bytes,
            base: offset,
            at: 0,
            depth: self.depth + 1,
            workshop: &mut *self.workshop,
            parts: Vec::new(),
        };
        let parts = inner.children(how);
        self.parts.push(Part { name: name.to_string(), offset, length, value, parts });
        self.at += length;
        true
    }

    /// As [`Cutter::run`], where nothing at all means that the part is one thing.
    fn children(mut self, how: impl FnOnce(&mut Self)) -> Vec<Part> {
        how(&mut self);
        if self.parts.is_empty() {
            return self.parts;
        }
        if self.at < self.bytes.len() {
            self.rest("trailing bytes");
        }
        self.parts
    }

    /// Gives up: everything that is left is one part.
    pub(super) fn unreadable(&mut self, why: impl Display) {
        if self.left().is_empty() {
            // There is no byte to point at, so that it stands with the part before.
            match self.parts.last_mut() {
                Some(last) => last.value = Some(format!("then {UNREADABLE}: {why}")),
                None => self.rest(format_args!("{UNREADABLE}: {why}")),
            }
            return;
        }
        self.rest(format_args!("{UNREADABLE}: {why}"));
    }

    fn rest(&mut self, name: impl Display) {
        let length = self.left().len();
        let value = Some(hex(self.left()));
        self.parts.push(Part { name: name.to_string(), offset: self.base + self.at, length, value, parts: Vec::new() });
        self.at = self.bytes.len();
    }

    /// A byte string that stands in the text of this one, and so has places of its own.
    pub(super) fn aside(&mut self, name: impl Display, bytes: &[u8], how: impl FnOnce(&mut Cutter<'_, '_>)) {
        self.workshop.cut(name, bytes, how);
    }
}

/// Bytes for reading: short ones whole, long ones by their start.
pub(super) fn hex(bytes: &[u8]) -> String {
    let shown: String = bytes.iter().take(SHOWN_BYTES).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > SHOWN_BYTES { shown + "…" } else { shown }
}

/// A text for reading: on one line, and not longer than one.
pub(super) fn text(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let shown: String = chars.by_ref().take(SHOWN_CHARS).collect();
    if chars.next().is_some() { format!("“{shown}…”") } else { format!("“{shown}”") }
}
