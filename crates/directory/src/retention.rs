//! What a store forgets.

use crate::Kind;

/// How much of what passes by is kept. Registrations, policies, users, groups and passes stay for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How many events of the kinds of [`Kind::PASSING`] are kept, and how many inputs of ceremonies.
    pub newest: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { newest: 10_000 }
    }
}

impl Retention {
    /// Nothing is forgotten.
    pub const EVERYTHING: Self = Self { newest: u64::MAX };

    /// Whether an event of this kind is forgotten in time.
    #[must_use]
    pub fn passes(kind: Kind) -> bool {
        Kind::PASSING.contains(&kind)
    }
}
