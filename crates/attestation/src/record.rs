//! How a format records its checks.

use lab_protocol::trace::{Check, Finding, Outcome, Reason, Trace};

use crate::note::{self, Note};

/// Records the first of `checks`, the statement's syntax, with what was noted about it. Where there is
/// no statement, the other checks are not judged.
pub(crate) fn syntax<'a, T>(
    trace: &mut Trace<'a>,
    checks: &[&'static Check],
    statement: Result<T, impl Reason + 'static>,
    notes: impl FnOnce(&T) -> &[Note],
) -> Option<T> {
    let (syntax, others) = checks.split_first()?;
    match statement {
        Ok(statement) => {
            trace.check(syntax, note::pass(notes(&statement)));
            Some(statement)
        }
        Err(error) => {
            trace.check(syntax, error);
            others.iter().for_each(|check| trace.check(check, Finding::not_judged(syntax)));
            None
        }
    }
}

/// Records a finding; whether it lets the statement stand.
pub(crate) fn record<'a>(trace: &mut Trace<'a>, check: &'static Check, finding: Finding<'a>) -> bool {
    let holds = !matches!(finding.outcome, Outcome::Fail | Outcome::NotJudged);
    trace.check(check, finding);
    holds
}

/// Records that there is nothing to check.
pub(crate) fn not_applicable(trace: &mut Trace<'_>, checks: &[&'static Check]) {
    checks.iter().for_each(|check| trace.check(check, Finding::not_applicable()));
}

/// A pass, or the refusal.
pub(crate) fn of<'a>(result: Result<(), impl Reason + 'static>) -> Finding<'a> {
    result.map_or_else(Finding::refuse, |()| Finding::pass())
}
