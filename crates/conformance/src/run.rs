//! Running cases.

use serde::Serialize;

use crate::bench::Bench;
use crate::case::{Case, Need};
use crate::cases;
use crate::outcome::{Outcome, Stop};
use crate::target::Target;

/// Which cases are run, and what they may do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Ids, or beginnings of ids that end in `*`; all where it is empty.
    pub only: Vec<String>,
    /// Whether a target that is no model may be reset and have its PIN set.
    pub destructive: bool,
}

/// What came of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The target.
    pub target: String,
    /// The cases, in the order of the catalogue.
    pub cases: Vec<Row>,
}

/// What came of one case.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The case.
    pub id: &'static str,
    /// `pass`, `observation`, `fail` or `not-applicable`.
    pub outcome: &'static str,
    /// What was sent.
    pub sends: &'static str,
    /// What must come of it.
    pub must: &'static str,
    /// What was seen, or why the case does not apply; empty for a pass.
    pub message: String,
}

impl Options {
    /// Whether a case is run.
    #[must_use]
    pub fn wants(&self, id: &str) -> bool {
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => id.starts_with(beginning),
            None => id == pattern,
        };
        self.only.is_empty() || self.only.iter().any(matches)
    }

    /// Whether any case is run.
    #[must_use]
    pub fn finds_any(&self) -> bool {
        cases::all().any(|case| self.wants(case.id))
    }
}

impl Report {
    /// How many cases came out like this.
    #[must_use]
    pub fn count(&self, outcome: &str) -> usize {
        self.cases.iter().filter(|row| row.outcome == outcome).count()
    }

    /// The cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Row> {
        self.cases.iter().filter(|row| row.outcome == "fail")
    }
}

/// Runs the wanted cases against a target.
///
/// A device that is no model takes a reset only in the first seconds after power-up: cases that need one come first.
pub fn run(target: &mut dyn Target, options: &Options) -> Report {
    let mut wanted: Vec<_> = cases::all().filter(|case| options.wants(case.id)).enumerate().collect();
    if !target.is_model() {
        wanted.sort_by_key(|(_, case)| !writes(case));
    }
    let mut rows: Vec<_> =
        wanted.into_iter().map(|(place, case)| (place, row(case, one(target, case, options)))).collect();
    rows.sort_by_key(|(place, _)| *place);
    Report { target: target.name(), cases: rows.into_iter().map(|(_, row)| row).collect() }
}

fn row(case: &'static Case, outcome: Outcome) -> Row {
    Row { id: case.id, outcome: outcome.name(), sends: case.sends, must: case.must, message: outcome.to_string() }
}

fn one(target: &mut dyn Target, case: &Case, options: &Options) -> Outcome {
    judged(target, case, options).unwrap_or_else(Into::into)
}

fn judged(target: &mut dyn Target, case: &Case, options: &Options) -> Result<Outcome, Stop> {
    if writes(case) && !target.is_model() && !options.destructive {
        let reason = "it sets a PIN, changes settings or resets the authenticator, which was not allowed";
        return Err(Stop::not_applicable(reason));
    }
    target.renew()?;
    let mut bench = Bench::new(target)?;
    if writes(case) {
        bench.start_over()?;
    }
    if bench.serves_nobody() && !case.needs.contains(&Need::IsNot("clientPin")) {
        if !bench.target.is_model() && !options.destructive {
            return Err(Stop::not_applicable("it serves only who is verified, and setting its PIN was not allowed"));
        }
        bench.set_pin()?;
    }
    case.needs.iter().try_for_each(|need| bench.need(*need))?;
    (case.run)(&mut bench)
}

/// Whether a case leaves more behind than a credential.
fn writes(case: &Case) -> bool {
    case.needs.iter().any(|need| matches!(need, Need::Pin | Need::Fresh))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_chosen_by_id_and_by_beginning() {
        let only = |ids: &[&str]| Options { only: ids.iter().map(|id| (*id).to_owned()).collect(), destructive: false };
        assert!(only(&[]).wants("au.mc.base"));
        assert!(only(&["au.mc.*", "au.ga.base"]).wants("au.mc.base"));
        assert!(only(&["au.mc.*", "au.ga.base"]).wants("au.ga.base"));
        assert!(!only(&["au.mc.*", "au.ga.base"]).wants("au.ga.none"));
    }
}
