//! Writing CBOR without a tree, for structures whose key order is known.

/// Appends items in shortest, definite form. The caller gives map members in canonical order.
#[derive(Debug, Clone, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty writer.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// An empty writer with room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Opens a map of `members` members: write that many keys and values next.
    pub fn map(&mut self, members: usize) -> &mut Self {
        self.head(5, members as u64)
    }

    /// Opens an array of `elements` elements.
    pub fn array(&mut self, elements: usize) -> &mut Self {
        self.head(4, elements as u64)
    }

    /// Writes an integer.
    pub fn integer(&mut self, number: i64) -> &mut Self {
        if number >= 0 { self.head(0, number.unsigned_abs()) } else { self.head(1, !number as u64) }
    }

    /// Writes a byte string.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(2, bytes.len() as u64).raw(bytes)
    }

    /// Writes a text string.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.head(3, text.len() as u64).raw(text.as_bytes())
    }

    /// Writes true or false.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.raw(&[0xf4 | u8::from(value)])
    }

    /// Appends an item that is already encoded.
    pub fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.0.extend_from_slice(encoded);
        self
    }

    fn head(&mut self, major: u8, argument: u64) -> &mut Self {
        push_head(&mut self.0, major, argument, false);
        self
    }
}

/// Appends an initial byte and its argument: in shortest form, or in the eight-byte form.
pub(super) fn push_head(out: &mut Vec<u8>, major: u8, argument: u64, longest: bool) {
    let major = major << 5;
    match argument {
        _ if longest => {
            out.push(major | 27);
            out.extend(argument.to_be_bytes());
        }
        0..=23 => out.push(major | argument as u8),
        24..=0xff => out.extend([major | 24, argument as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend((argument as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend((argument as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(argument.to_be_bytes());
        }
    }
}
