//! Answers to what a specification leaves open, as switches.

use serde::{Deserialize, Serialize};

use super::{Finding, Reason};

/// What to do about something that the specification does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The check fails.
    Refuse,
    /// The trace says so, and the ceremony goes on.
    Note,
}

impl Choice {
    /// The finding for `reason` under this choice.
    #[must_use]
    pub fn finding<'a>(self, reason: impl Reason + 'static) -> Finding<'a> {
        match self {
            Self::Refuse => Finding::refuse(reason),
            Self::Note => Finding::note(reason),
        }
    }
}
