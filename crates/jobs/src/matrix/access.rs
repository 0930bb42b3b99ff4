//! What a cell comes to, in one word and one sign.

use lab_entra::Verdict;

use super::cell::Cell;
use crate::report::Tone;

/// What somebody can do with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Register, and sign in.
    Full,
    /// Register; the sign-in is refused.
    RegistersOnly,
    /// Sign in with one that is registered already; no new one is taken.
    EarlierOnly,
    /// Nothing.
    Refused,
    /// The lab cannot tell.
    Unknown,
}

impl Access {
    /// Every one, in the order of legends.
    pub const ALL: [Self; 5] = [Self::Full, Self::EarlierOnly, Self::RegistersOnly, Self::Refused, Self::Unknown];

    /// What a cell comes to.
    #[must_use]
    pub fn of(cell: &Cell) -> Self {
        let used = cell.used.as_ref().map(|step| step.verdict);
        match (cell.registration.verdict, used) {
            (Verdict::Unknown, _) | (Verdict::Allowed, Some(Verdict::Unknown)) => Self::Unknown,
            (Verdict::Allowed, Some(Verdict::Allowed)) => Self::Full,
            (Verdict::Allowed, _) => Self::RegistersOnly,
            (Verdict::Refused, Some(Verdict::Allowed)) => Self::EarlierOnly,
            (Verdict::Refused, Some(Verdict::Unknown)) => Self::Unknown,
            (Verdict::Refused, _) => Self::Refused,
        }
    }

    /// The sign in tables.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Full => "✓",
            Self::RegistersOnly => "!",
            Self::EarlierOnly => "◐",
            Self::Refused => "✗",
            Self::Unknown => "?",
        }
    }

    /// The word in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::RegistersOnly => "registers-only",
            Self::EarlierOnly => "earlier-only",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Full => "registers and signs in",
            Self::RegistersOnly => "registers, and cannot sign in",
            Self::EarlierOnly => "cannot be registered; one registered earlier still signs in",
            Self::Refused => "neither registers nor signs in",
            Self::Unknown => "the lab cannot tell",
        }
    }

    /// How it is meant.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Full => Tone::Good,
            Self::RegistersOnly | Self::Refused => Tone::Bad,
            Self::EarlierOnly | Self::Unknown => Tone::Doubt,
        }
    }
}
