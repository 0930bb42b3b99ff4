//! One answer before, one after.

use lab_entra::Verdict;

use crate::matrix::Step;
use crate::report::Tone;

/// What becomes of somebody's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It ends.
    Lost,
    /// It begins.
    Gained,
    /// The lab cannot tell, before or after.
    Unclear,
    /// The answer stays, and another rule gives it.
    Rule,
    /// Nothing changes.
    Same,
}

/// A verdict and the check that decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// The answer.
    pub verdict: Verdict,
    /// The check that decided.
    pub decided_by: Option<&'static str>,
    /// The sentence to forward.
    pub message: String,
    /// What to change.
    pub hint: Option<String>,
}

impl Effect {
    /// Every one, the gravest first.
    pub const ALL: [Self; 5] = [Self::Lost, Self::Gained, Self::Unclear, Self::Rule, Self::Same];

    /// What becomes of a step. A step that cannot take place is as one that is refused.
    #[must_use]
    pub fn of(before: Option<&Step>, after: Option<&Step>) -> Self {
        let answer =
            |step: Option<&Step>| step.map_or((Verdict::Refused, None), |step| (step.verdict, step.decided_by));
        Self::between(answer(before), answer(after))
    }

    pub(super) fn between(before: (Verdict, Option<&str>), after: (Verdict, Option<&str>)) -> Self {
        match (before.0, after.0) {
            (from, to) if from == to => {
                if before.1 == after.1 {
                    Self::Same
                } else {
                    Self::Rule
                }
            }
            (Verdict::Unknown, _) | (_, Verdict::Unknown) => Self::Unclear,
            (_, Verdict::Refused) => Self::Lost,
            (_, Verdict::Allowed) => Self::Gained,
        }
    }

    /// The word in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Gained => "gained",
            Self::Unclear => "unclear",
            Self::Rule => "rule",
            Self::Same => "same",
        }
    }

    /// The sign in tables.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Lost => "−",
            Self::Gained => "+",
            Self::Unclear => "?",
            Self::Rule => "≠",
            Self::Same => "·",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Lost => "loses access",
            Self::Gained => "gains access",
            Self::Unclear => "the lab cannot tell before or after",
            Self::Rule => "same answer, another rule decides",
            Self::Same => "nothing changes",
        }
    }

    /// How it is meant.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Lost => Tone::Bad,
            Self::Gained => Tone::Good,
            Self::Unclear | Self::Rule => Tone::Doubt,
            Self::Same => Tone::Dim,
        }
    }
}
