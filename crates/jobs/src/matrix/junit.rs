//! The matrix for CI servers: one suite for each scope, or one of expectations.

use lab_entra::{Scope, Verdict};

use super::{Access, Cell, Expectation, Expectations, Outcome, Row, Step};
use crate::report::junit::{self, Case, CaseResult, Suite};

impl Outcome<'_> {
    /// With expectations, each is a test case that fails where the matrix says otherwise. Without, every
    /// cell is a case that passes and carries its verdict as properties, so that two builds can be
    /// compared; what the lab cannot tell is skipped.
    #[must_use]
    pub fn junit(&self, expectations: Option<&Expectations>) -> String {
        let suites = match expectations {
            Some(Expectations(all)) => vec![Suite {
                name: "expectations".to_owned(),
                properties: Vec::new(),
                cases: all.iter().map(|expectation| self.expected(expectation)).collect(),
            }],
            None => self.scopes.iter().enumerate().map(|(column, scope)| self.suite(column, scope)).collect(),
        };
        junit::render("passkey-lab matrix", &suites)
    }

    /// The expectations that do not hold, as sentences.
    #[must_use]
    pub fn mismatches(&self, expectations: &Expectations) -> Vec<String> {
        let sentence = |expectation: &Expectation| {
            let found = match expectation.cell(self) {
                Ok((_, cell)) => expectation.mismatches(cell).join("; "),
                Err(message) => message,
            };
            (!found.is_empty()).then(|| format!("{} for {}: {found}", expectation.model, expectation.whom()))
        };
        expectations.0.iter().filter_map(sentence).collect()
    }

    fn expected(&self, expectation: &Expectation) -> Case {
        let (result, properties, output) = match expectation.cell(self) {
            Err(message) => (CaseResult::Error(message), Vec::new(), String::new()),
            Ok((_, cell)) => {
                let wrong = expectation.mismatches(cell);
                let result = if wrong.is_empty() { CaseResult::Passed } else { CaseResult::Failed(wrong.join("; ")) };
                (result, properties(cell), advice(cell))
            }
        };
        Case { class: expectation.whom().to_owned(), name: expectation.model.clone(), properties, result, output }
    }

    fn suite(&self, column: usize, scope: &Scope) -> Suite {
        let rows = self.rows.iter().filter_map(|row| Some((row, row.cells.get(column)?)));
        Suite {
            name: scope.label.clone(),
            properties: vec![("scope", scope.id.clone()), ("members", scope.members.len().to_string())],
            cases: rows.map(|(row, cell)| case(row, scope, cell)).collect(),
        }
    }
}

fn case(row: &Row, scope: &Scope, cell: &Cell) -> Case {
    let steps = [Some(&cell.registration), cell.sign_in()];
    let unknown = steps.into_iter().flatten().find(|step| step.verdict == Verdict::Unknown);
    Case {
        class: scope.label.clone(),
        name: row.id.clone(),
        properties: properties(cell),
        result: unknown.map_or(CaseResult::Passed, |step| CaseResult::Skipped(step.message.clone())),
        output: advice(cell),
    }
}

fn properties(cell: &Cell) -> Vec<(&'static str, String)> {
    let mut properties = vec![("access", Access::of(cell).name().to_owned())];
    let mut put = |name: &'static str, rule: &'static str, step: &Step| {
        properties.push((name, step.verdict.name().to_owned()));
        properties.extend(step.decided_by.map(|id| (rule, id.to_owned())));
    };
    put("registration", "registration.decided_by", &cell.registration);
    if let Some(step) = cell.sign_in() {
        put("sign_in", "sign_in.decided_by", step);
    }
    properties
}

/// The sentence of what is not allowed, and what to change.
fn advice(cell: &Cell) -> String {
    let steps = [Some(&cell.registration), cell.sign_in()].into_iter().flatten();
    let Some(step) = steps.into_iter().find(|step| step.verdict != Verdict::Allowed) else { return String::new() };
    let hint = step.hint.as_ref().map(|hint| format!("\nhint: {hint}"));
    format!("{}{}", step.message, hint.unwrap_or_default())
}
