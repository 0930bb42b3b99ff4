//! One model in one scope.

use lab_entra::{Decision, UserFacts, Verdict};

use super::traces::RowTraces;
use crate::case_view::CaseView;
use crate::ceremony::ClientRefusal;
use crate::trace_view;

/// How one model comes out in one scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The registration.
    pub registration: Step,
    /// The sign-in of a passkey of this model, were it registered already or a moment ago; `None` where
    /// no valid registration exists.
    pub used: Option<Step>,
}

/// How one step comes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The answer.
    pub verdict: Verdict,
    /// The check that decided.
    pub decided_by: Option<&'static str>,
    /// The profile that matches, else the nearest one if its rules decided, as an index into the policy's.
    pub profile: Option<usize>,
    /// Every check that failed: the policy's, then the relying party's.
    pub failed: Vec<&'static str>,
    /// The sentence to forward.
    pub message: String,
    /// What to change.
    pub hint: Option<String>,
    /// The profiles in scope.
    pub profiles: Vec<ProfileStep>,
    /// The policy's trace, as an index into the row's.
    pub trace: Option<usize>,
}

/// How one profile comes out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProfileStep {
    /// Its index in the policy.
    pub profile: usize,
    /// Whether it matches as a whole.
    pub matches: bool,
    /// The rules that do not hold.
    pub failed: Vec<&'static str>,
}

/// What surrounds a decision, and was found before it.
#[derive(Clone, Copy)]
pub(super) struct Found<'f> {
    pub(super) case: Option<&'f CaseView>,
    pub(super) error: Option<&'f ClientRefusal>,
}

impl Cell {
    /// The sign-in as a ceremony has it: there is none without an allowed registration.
    #[must_use]
    pub fn sign_in(&self) -> Option<&Step> {
        self.used.as_ref().filter(|_| self.registration.verdict == Verdict::Allowed)
    }

    /// The sign-in of a passkey that was registered before the policy refused it.
    #[must_use]
    pub fn earlier(&self) -> Option<&Step> {
        self.used.as_ref().filter(|_| self.registration.verdict != Verdict::Allowed)
    }
}

impl Step {
    pub(super) fn of(
        decision: &Decision<'_>,
        facts: &UserFacts,
        found: Found<'_>,
        traces: Option<&mut RowTraces>,
    ) -> Self {
        let theirs = found.case.and_then(|case| trace_view::deciding(&case.trace, decision.decided_by));
        let refusal = || found.error.map(|error| format!("{}: {}", error.name, error.message));
        let message = decision
            .message()
            .map(trace_view::capitalised)
            .or_else(|| theirs.map(|entry| entry.message.clone()))
            .or_else(refusal);
        let hint = decision.hint().or_else(|| theirs.and_then(|entry| entry.hint.as_deref()));
        let hint = hint.or_else(|| found.error.and_then(|error| error.hint.as_deref()));
        Self {
            verdict: decision.verdict,
            decided_by: decision.decided_by.map(|check| check.id),
            profile: profile(decision, facts),
            failed: failed(decision, found.case),
            message: message.unwrap_or_default(),
            hint: hint.filter(|_| decision.verdict != Verdict::Allowed).map(str::to_owned),
            profiles: profiles(decision, facts),
            trace: traces.map(|traces| traces.index(&decision.trace)),
        }
    }
}

/// The profile that matches, or the one whose rule decided: of those with the fewest failures, the first.
fn profile(decision: &Decision<'_>, facts: &UserFacts) -> Option<usize> {
    if let Some(matched) = decision.matched {
        return facts.profiles.get(matched).copied();
    }
    let decided_by = decision.decided_by?.id;
    let nearest = decision.profiles.iter().zip(&facts.profiles).min_by_key(|(profile, _)| profile.failed.len());
    let (_, index) = nearest.filter(|(profile, _)| {
        profile.failed.iter().chain(&profile.undecided).any(|rule| rule.check.id == decided_by)
    })?;
    Some(*index)
}

fn profiles(decision: &Decision<'_>, facts: &UserFacts) -> Vec<ProfileStep> {
    let step = |(profile, index): (&lab_entra::ProfileOutcome<'_>, &usize)| ProfileStep {
        profile: *index,
        matches: profile.matches,
        failed: profile.failed.iter().chain(&profile.undecided).map(|rule| rule.check.id).collect(),
    };
    decision.profiles.iter().zip(&facts.profiles).map(step).collect()
}

fn failed(decision: &Decision<'_>, case: Option<&CaseView>) -> Vec<&'static str> {
    let policy = decision.trace.failures().map(|entry| entry.check.id);
    let mut failed: Vec<&'static str> = Vec::new();
    for id in policy.chain(case.into_iter().flat_map(|case| case.failed.iter().copied())) {
        if !failed.contains(&id) {
            failed.push(id);
        }
    }
    failed
}
