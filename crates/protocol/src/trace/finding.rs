//! What a check found, and how findings are made.

use std::fmt;
use std::sync::Arc;

use super::{Check, Value};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold: the verdict is bad.
    Fail,
    /// Something worth knowing that decides nothing.
    Note,
    /// Its condition is absent, so there is nothing to check.
    NotApplicable,
    /// It belongs to the caller, who has the means to check it.
    Caller,
    /// A value that it needs could not be had; the finding names the check that stopped it.
    NotJudged,
}

impl Outcome {
    /// The name used in JSON results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Note => "note",
            Self::NotApplicable => "not-applicable",
            Self::Caller => "caller",
            Self::NotJudged => "not-judged",
        }
    }
}

/// One cause of a failure or a note. `Display` is a sentence; crates have an enum of them each.
pub trait Reason: fmt::Display + fmt::Debug + Send + Sync {
    /// What to do about this cause in particular.
    fn hint(&self) -> Option<&str> {
        None
    }

    /// Whether this is a limit of the lab and not a fault of what was judged: a format or an
    /// algorithm that is not built. [`Finding::refuse`] makes it [`Outcome::NotJudged`].
    fn is_unsupported(&self) -> bool {
        false
    }
}

/// A plain sentence with advice, as a [`Reason`], where a cause needs no type of its own.
#[derive(Debug, Clone)]
pub struct Hinted {
    /// The sentence.
    pub sentence: String,
    /// The advice.
    pub hint: Option<String>,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Reason for Hinted {
    fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// The outcome of one check, with both values and the cause.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// How it came out.
    pub outcome: Outcome,
    /// What had to be there.
    pub expected: Option<Value<'a>>,
    /// What was there.
    pub actual: Option<Value<'a>>,
    /// The cause, where the two values do not say it all.
    pub reason: Option<Arc<dyn Reason>>,
    /// For [`Outcome::NotJudged`]: the check that stopped this one.
    pub stopped_by: Option<&'static Check>,
}

impl<'a> Finding<'a> {
    const fn of(outcome: Outcome) -> Self {
        Self { outcome, expected: None, actual: None, reason: None, stopped_by: None }
    }

    /// It holds.
    #[must_use]
    pub const fn pass() -> Self {
        Self::of(Outcome::Pass)
    }

    /// It holds, and this value is worth showing.
    #[must_use]
    pub fn pass_with(actual: impl Into<Value<'a>>) -> Self {
        Self { actual: Some(actual.into()), ..Self::pass() }
    }

    /// It does not hold: what had to be there, and what was.
    #[must_use]
    pub fn fail(expected: impl Into<Value<'a>>, actual: impl Into<Value<'a>>) -> Self {
        Self { expected: Some(expected.into()), actual: Some(actual.into()), ..Self::of(Outcome::Fail) }
    }

    /// It does not hold, for this cause; or it could not be judged, where the cause is a limit of
    /// the lab ([`Reason::is_unsupported`]).
    #[must_use]
    pub fn refuse(reason: impl Reason + 'static) -> Self {
        let outcome = if reason.is_unsupported() { Outcome::NotJudged } else { Outcome::Fail };
        Self::of(outcome).because(reason)
    }

    /// Worth knowing: `actual` was found.
    #[must_use]
    pub fn note(reason: impl Reason + 'static) -> Self {
        Self::of(Outcome::Note).because(reason)
    }

    /// Nothing to check here.
    #[must_use]
    pub const fn not_applicable() -> Self {
        Self::of(Outcome::NotApplicable)
    }

    /// The caller's own step.
    #[must_use]
    pub const fn caller() -> Self {
        Self::of(Outcome::Caller)
    }

    /// Could not be judged, because `blocker` failed.
    #[must_use]
    pub fn not_judged(blocker: &'static Check) -> Self {
        Self { stopped_by: Some(blocker), ..Self::of(Outcome::NotJudged) }
    }

    /// Passes if `holds`; both values are shown either way.
    #[must_use]
    pub fn require(holds: bool, expected: impl Into<Value<'a>>, actual: impl Into<Value<'a>>) -> Self {
        let outcome = if holds { Outcome::Pass } else { Outcome::Fail };
        Self { expected: Some(expected.into()), actual: Some(actual.into()), ..Self::of(outcome) }
    }

    /// Passes if the two values are equal.
    #[must_use]
    pub fn equal<T: PartialEq + Into<Value<'a>>>(expected: T, actual: T) -> Self {
        Self::require(expected == actual, expected, actual)
    }

    /// The same finding with both values.
    #[must_use]
    pub fn values(mut self, expected: impl Into<Value<'a>>, actual: impl Into<Value<'a>>) -> Self {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }

    /// The same finding with its cause.
    #[must_use]
    pub fn because(mut self, reason: impl Reason + 'static) -> Self {
        self.reason = Some(Arc::new(reason));
        self
    }

    /// Whether the lab could not judge, because something is not built.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.outcome == Outcome::NotJudged && self.reason.as_ref().is_some_and(|reason| reason.is_unsupported())
    }

    /// The same finding without borrowed values.
    #[must_use]
    pub fn into_owned(self) -> Finding<'static> {
        Finding {
            outcome: self.outcome,
            expected: self.expected.map(Value::into_owned),
            actual: self.actual.map(Value::into_owned),
            reason: self.reason,
            stopped_by: self.stopped_by,
        }
    }

    /// The sentence of this finding for `check`.
    #[must_use]
    pub fn sentence(&self, check: &Check) -> String {
        match (self.outcome, &self.reason) {
            (Outcome::Pass, None) => check.text.to_owned(),
            (Outcome::Pass | Outcome::Note, Some(reason)) => reason.to_string(),
            (Outcome::Fail, reason) => self.failure(check, reason.as_deref()),
            (Outcome::NotApplicable, _) => format!("Does not apply here: {}", check.text),
            (Outcome::Caller, _) => format!("For the caller to check: {}", check.text),
            (Outcome::Note, None) => check.text.to_owned(),
            (Outcome::NotJudged, Some(reason)) => format!("Could not be judged: {reason}"),
            (Outcome::NotJudged, None) => {
                let blocker = self.stopped_by.map_or("an earlier check", |blocker| blocker.id);
                format!("Could not be judged, because {blocker} failed: {}", check.text)
            }
        }
    }

    fn failure(&self, check: &Check, reason: Option<&dyn Reason>) -> String {
        let demand = check.text.trim_end_matches('.');
        match (reason, &self.expected, &self.actual) {
            (Some(reason), _, _) => format!("{} (required: {demand}).", reason.to_string().trim_end_matches('.')),
            (None, Some(expected), Some(actual)) => format!("{demand}: expected {expected}, found {actual}."),
            (None, _, _) => format!("{demand}: this does not hold."),
        }
    }
}

impl<'a, R: Reason + 'static> From<R> for Finding<'a> {
    fn from(reason: R) -> Self {
        Self::refuse(reason)
    }
}

impl<'a> From<Known<Finding<'a>>> for Finding<'a> {
    fn from(known: Known<Finding<'a>>) -> Self {
        match known {
            Known::Value(finding) => finding,
            Known::Missing(blocker) => Self::not_judged(blocker),
        }
    }
}

/// A value that an earlier check handed on, or the check that kept it back.
#[derive(Debug, Clone, Copy)]
pub enum Known<T> {
    /// The value is there.
    Value(T),
    /// This check failed, so there is no value.
    Missing(&'static Check),
}

impl<T> Known<T> {
    /// Borrows the value.
    pub const fn as_ref(&self) -> Known<&T> {
        match self {
            Self::Value(value) => Known::Value(value),
            Self::Missing(blocker) => Known::Missing(blocker),
        }
    }

    /// Applies `f` to the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Value(value) => Known::Value(f(value)),
            Self::Missing(blocker) => Known::Missing(blocker),
        }
    }

    /// Both values, or the first check that kept one back.
    pub fn and<U>(self, other: Known<U>) -> Known<(T, U)> {
        match (self, other) {
            (Self::Value(a), Known::Value(b)) => Known::Value((a, b)),
            (Self::Missing(blocker), _) | (_, Known::Missing(blocker)) => Known::Missing(blocker),
        }
    }

    /// A finding about the value; without one, [`Outcome::NotJudged`].
    pub fn judge<'f>(&self, f: impl FnOnce(&T) -> Finding<'f>) -> Finding<'f> {
        match self {
            Self::Value(value) => f(value),
            Self::Missing(blocker) => Finding::not_judged(blocker),
        }
    }

    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }
}
