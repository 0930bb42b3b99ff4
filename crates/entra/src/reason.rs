//! Causes whose sentence and advice are made when somebody reads them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use lab_protocol::trace::{Finding, Outcome, Reason};

/// One cause of a finding. `Display` is its sentence.
pub(crate) trait Cause: fmt::Display + fmt::Debug + Send + Sync + 'static {
    /// What to change, computed from the case.
    fn advice(&self) -> Option<String> {
        None
    }
}

/// A cause as the trace carries it: the advice is worked out once, on demand.
#[derive(Debug)]
struct Explained<C> {
    cause: C,
    advice: OnceLock<Option<String>>,
}

impl<C: Cause> fmt::Display for Explained<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.cause, f)
    }
}

impl<C: Cause> Reason for Explained<C> {
    fn hint(&self) -> Option<&str> {
        self.advice.get_or_init(|| self.cause.advice()).as_deref()
    }
}

fn explained<C: Cause>(cause: C) -> Explained<C> {
    Explained { cause, advice: OnceLock::new() }
}

/// The rule does not hold, for this cause.
pub(crate) fn refused<'a>(cause: impl Cause) -> Finding<'a> {
    Finding::refuse(explained(cause))
}

/// Worth knowing; decides nothing.
pub(crate) fn noted<'a>(cause: impl Cause) -> Finding<'a> {
    Finding::note(explained(cause))
}

/// It holds, and this is worth saying about it.
pub(crate) fn passed<'a>(cause: impl Cause) -> Finding<'a> {
    Finding::pass().because(explained(cause))
}

/// The lab cannot tell: the verdict is unknown unless something else refuses.
pub(crate) fn undecided<'a>(cause: impl Cause) -> Finding<'a> {
    Finding { outcome: Outcome::NotJudged, ..Finding::pass() }.because(explained(cause))
}

/// Whether a finding of a rule is one of [`undecided`].
pub(crate) fn is_undecided(finding: &Finding<'_>) -> bool {
    finding.outcome == Outcome::NotJudged && finding.stopped_by.is_none()
}

/// A failure that decides nothing: the same words as a sentence of their own, and nothing to change.
pub(crate) fn as_note(mut finding: Finding<'_>) -> Finding<'_> {
    finding.outcome = Outcome::Note;
    finding.reason = finding.reason.map(|reason| Arc::new(Noted(reason)) as Arc<dyn Reason>);
    finding
}

#[derive(Debug)]
struct Noted(Arc<dyn Reason>);

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = self.0.to_string();
        let mut characters = sentence.chars();
        let first = characters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(characters).try_for_each(|c| write!(f, "{c}"))
    }
}

impl Reason for Noted {}

/// A cause that needs nothing but words.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) sentence: &'static str,
    pub(crate) advice: Option<&'static str>,
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence)
    }
}

impl Cause for Plain {
    fn advice(&self) -> Option<String> {
        self.advice.map(str::to_owned)
    }
}
