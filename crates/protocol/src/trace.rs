//! Checks, and the trace that a verification leaves behind.
//!
//! A verifier is one straight list of calls:
//!
//! ```
//! use lab_protocol::trace::{Check, Document, Finding, Trace};
//!
//! static PARSE: Check = Check::new("example/parse", Document::Lab, "1", "The input is a number.");
//! static EVEN: Check = Check::new("example/even", Document::Lab, "1", "The number is even.");
//!
//! let mut trace = Trace::new();
//! let number = trace.need(&PARSE, "7".parse::<i64>().map_err(|_| Finding::fail("a number", "7")));
//! trace.check(&EVEN, number.judge(|n| Finding::require(n % 2 == 0, "an even number", *n)));
//! assert_eq!(trace.decided_by().map(|check| check.id), Some("example/even"));
//! ```
//!
//! [`Trace::check`] records and goes on, so that one run shows everything that is wrong.
//! [`Trace::need`] also hands the value on; where it could not be had, the checks that ask for it
//! are recorded as [`Outcome::NotJudged`] and name the check that stopped them.

mod check;
mod choice;
mod finding;
mod value;

pub use check::{Check, Document, Policy};
pub use choice::Choice;
pub use finding::{Finding, Hinted, Known, Outcome, Reason};
pub use value::Value;

/// What one verification found, in the order in which the checks ran.
///
/// Values are borrowed from the input where they can be: recording a check that passes allocates
/// nothing. Sentences are made when somebody reads them ([`Entry::message`]).
#[derive(Debug, Clone, Default)]
pub struct Trace<'a> {
    entries: Vec<Entry<'a>>,
}

/// One check and what it found.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The check: id, place in its document, text.
    pub check: &'static Check,
    /// What was found.
    pub finding: Finding<'a>,
}

impl<'a> Trace<'a> {
    /// An empty trace with room for one ceremony.
    #[must_use]
    pub fn new() -> Self {
        Self { entries: Vec::with_capacity(64) }
    }

    /// Records `finding` for `check` and goes on.
    pub fn check(&mut self, check: &'static Check, finding: impl Into<Finding<'a>>) {
        self.entries.push(Entry { check, finding: finding.into() });
    }

    /// Records that `check` passed or failed, and hands its value to the checks that need it.
    pub fn need<T>(&mut self, check: &'static Check, result: Result<T, impl Into<Finding<'a>>>) -> Known<T> {
        self.need_known(check, Known::Value(result))
    }

    /// As [`Trace::need`], for a result that itself depends on an earlier value.
    pub fn need_known<T>(
        &mut self,
        check: &'static Check,
        result: Known<Result<T, impl Into<Finding<'a>>>>,
    ) -> Known<T> {
        match result {
            Known::Value(Ok(value)) => {
                self.check(check, Finding::pass());
                Known::Value(value)
            }
            Known::Value(Err(finding)) => {
                self.check(check, finding);
                Known::Missing(check)
            }
            Known::Missing(blocker) => {
                self.check(check, Finding::not_judged(blocker));
                Known::Missing(blocker)
            }
        }
    }

    /// The entries, in the order in which they were recorded.
    #[must_use]
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The check that decided: the first one that failed, or `None` when none did.
    #[must_use]
    pub fn decided_by(&self) -> Option<&'static Check> {
        self.failures().next().map(|entry| entry.check)
    }

    /// Every entry that failed, in order.
    pub fn failures(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|entry| entry.finding.outcome == Outcome::Fail)
    }

    /// The first check that needs what the lab has not built ([`Reason::is_unsupported`]).
    #[must_use]
    pub fn unsupported(&self) -> Option<&'static Check> {
        self.entries.iter().find(|entry| entry.finding.is_unsupported()).map(|entry| entry.check)
    }

    /// The entry of the check with this id, if it was reached.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.check.id == id)
    }

    /// Adds the entries of another trace behind those of this one.
    pub fn append(&mut self, other: Trace<'a>) {
        self.entries.extend(other.entries);
    }

    /// The same trace with every failure as a note, where the caller decides otherwise.
    #[must_use]
    pub fn failures_as_notes(mut self) -> Self {
        let failed = self.entries.iter_mut().filter(|entry| entry.finding.outcome == Outcome::Fail);
        failed.for_each(|entry| entry.finding.outcome = Outcome::Note);
        self
    }

    /// The same trace without borrowed values, to be kept.
    #[must_use]
    pub fn into_owned(self) -> Trace<'static> {
        Trace { entries: self.entries.into_iter().map(Entry::into_owned).collect() }
    }
}

impl Entry<'_> {
    /// The sentence that an administrator can forward: what had to hold, and what was found.
    #[must_use]
    pub fn message(&self) -> String {
        self.finding.sentence(self.check)
    }

    /// What to do about it: the hint of the cause, else that of the check.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        let cause = self.finding.reason.as_ref().and_then(|reason| reason.hint());
        cause.or_else(|| self.check.hint.filter(|_| self.finding.outcome == Outcome::Fail))
    }

    fn into_owned(self) -> Entry<'static> {
        Entry { check: self.check, finding: self.finding.into_owned() }
    }
}

#[cfg(test)]
mod tests;
