//! The changes as CSV and JUnit: one record, one failed test case, for each.

use super::{CellChange, Effect, Outcome, PasskeyChange};
use crate::matrix::Step;
use crate::report::csv::Csv;
use crate::report::junit::{self, Case, CaseResult, Suite};

const HEADERS: [&str; 15] = [
    "kind",
    "who",
    "users",
    "passkey",
    "model",
    "aaguid",
    "step",
    "effect",
    "before",
    "before_decided_by",
    "after",
    "after_decided_by",
    "message",
    "hint",
    "move",
];

/// One change of one step, flat.
struct Line {
    kind: &'static str,
    who: String,
    users: usize,
    passkey: String,
    model: String,
    aaguid: String,
    step: &'static str,
    effect: Effect,
    before: (&'static str, &'static str),
    after: (&'static str, &'static str),
    message: String,
    hint: String,
    of: String,
}

impl Outcome<'_> {
    /// One record for each change; registered passkeys first.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = Csv::new(&HEADERS);
        self.all().for_each(|line| out.record(line.record()));
        out.finish()
    }

    /// Each change is a failed test case; two tenants without a difference are one that passes.
    #[must_use]
    pub fn junit(&self) -> String {
        let mut cases: Vec<Case> = self.all().map(Line::case).collect();
        if cases.is_empty() {
            cases.push(Case {
                class: "everybody".to_owned(),
                name: "nothing changes".to_owned(),
                properties: Vec::new(),
                result: CaseResult::Passed,
                output: String::new(),
            });
        }
        junit::render("passkey-lab diff", &[Suite { name: "diff".to_owned(), properties: Vec::new(), cases }])
    }

    fn all(&self) -> impl Iterator<Item = Line> {
        let passkeys = self.passkeys.iter().map(|change| self.of_passkey(change));
        passkeys.chain(self.cells.iter().flat_map(|change| self.of_cell(change)))
    }

    fn of_passkey(&self, change: &PasskeyChange) -> Line {
        Line {
            kind: "passkey",
            who: change.user.clone(),
            users: 1,
            passkey: change.display_name.clone(),
            model: change.model.clone(),
            aaguid: change.aaguid.to_string(),
            step: "sign_in",
            effect: change.effect,
            before: (change.before.verdict.name(), change.before.decided_by.unwrap_or_default()),
            after: (change.after.verdict.name(), change.after.decided_by.unwrap_or_default()),
            message: change.after.message.clone(),
            hint: change.after.hint.clone().unwrap_or_default(),
            of: self.move_id(change.of).to_owned(),
        }
    }

    fn of_cell(&self, change: &CellChange) -> Vec<Line> {
        let [rb, ra, ub, ua] = self.steps(change.row, change.of).unwrap_or_default();
        let (Some(row), Some(moved)) = (self.after.rows.get(change.row), self.moves.get(change.of)) else {
            return Vec::new();
        };
        let steps = [("registration", change.registration, rb, ra), ("sign_in", change.sign_in, ub, ua)];
        let steps = steps.into_iter().filter(|(_, effect, ..)| *effect != Effect::Same);
        let line = |(step, effect, before, after): (&'static str, Effect, Option<&Step>, Option<&Step>)| Line {
            kind: "model",
            who: moved.label(&self.before.scopes, &self.after.scopes),
            users: moved.members.len(),
            passkey: String::new(),
            model: row.id.clone(),
            aaguid: row.aaguid.to_string(),
            step,
            effect,
            before: answer(before),
            after: answer(after),
            message: after.map(|step| step.message.clone()).unwrap_or_default(),
            hint: after.and_then(|step| step.hint.clone()).unwrap_or_default(),
            of: moved.id.clone(),
        };
        steps.map(line).collect()
    }
}

fn answer(step: Option<&Step>) -> (&'static str, &'static str) {
    step.map_or(("", ""), |step| (step.verdict.name(), step.decided_by.unwrap_or_default()))
}

impl Line {
    fn record(self) -> [String; 15] {
        [
            self.kind.to_owned(),
            self.who,
            self.users.to_string(),
            self.passkey,
            self.model,
            self.aaguid,
            self.step.to_owned(),
            self.effect.name().to_owned(),
            self.before.0.to_owned(),
            self.before.1.to_owned(),
            self.after.0.to_owned(),
            self.after.1.to_owned(),
            self.message,
            self.hint,
            self.of,
        ]
    }

    fn case(self) -> Case {
        let name = if self.passkey.is_empty() { self.model } else { format!("{} ({})", self.passkey, self.model) };
        let hint = if self.hint.is_empty() { String::new() } else { format!("\nhint: {}", self.hint) };
        Case {
            class: self.who,
            name: format!("{name}: {}", self.step),
            properties: vec![
                ("effect", self.effect.name().to_owned()),
                ("before", format!("{} {}", self.before.0, self.before.1).trim().to_owned()),
                ("after", format!("{} {}", self.after.0, self.after.1).trim().to_owned()),
                ("users", self.users.to_string()),
            ],
            result: CaseResult::Failed(format!("{}: {}", self.effect.name(), self.message)),
            output: format!("{}{hint}", self.message),
        }
    }
}
