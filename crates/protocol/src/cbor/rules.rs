//! How strict a reader is, and the types of items.

use std::fmt;

/// The most elements that one array or map may announce.
pub const MAX_ITEMS: usize = 4096;

/// How strict a reader is. Indefinite lengths, duplicate keys and tags are refused by every rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How deep arrays and maps may nest.
    pub depth: u8,
    /// Whether unsorted map keys are refused; otherwise they are kept as [`Reader::deviations`](super::Reader::deviations).
    pub refuse_key_order: bool,
    /// Whether lengths and integers longer than needed are refused; otherwise kept as deviations.
    pub refuse_not_shortest: bool,
}

impl Rules {
    /// What an authenticator demands of a message (`ctap-2.2 §8`): canonical, four levels.
    pub const CTAP2: Self = Self { depth: 4, refuse_key_order: true, refuse_not_shortest: true };

    /// What a platform reads from an authenticator: keys of some makes write lengths longer than
    /// needed, and a client that refused them would lock their owners out.
    pub const PLATFORM: Self = Self { depth: 8, refuse_key_order: false, refuse_not_shortest: false };

    /// What a relying party reads (`webauthn-3 §2.4`: SHOULD reject): early Windows Hello and
    /// Firefox responses are not sorted, so the order is noted instead.
    pub const RELYING_PARTY: Self = Self { depth: 8, refuse_key_order: false, refuse_not_shortest: true };
}

/// The type of an item, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Major type 0 or 1.
    Integer,
    /// Major type 2.
    Bytes,
    /// Major type 3.
    Text,
    /// Major type 4.
    Array,
    /// Major type 5.
    Map,
    /// Major type 6.
    Tag,
    /// True or false.
    Bool,
    /// Null.
    Null,
    /// A float, undefined, or another simple value.
    Other,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "an integer",
            Self::Bytes => "a byte string",
            Self::Text => "a text string",
            Self::Array => "an array",
            Self::Map => "a map",
            Self::Tag => "a tag",
            Self::Bool => "a boolean",
            Self::Null => "null",
            Self::Other => "a simple value or float",
        })
    }
}
