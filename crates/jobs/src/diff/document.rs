//! What changes, for people: first those who lose the key in their hand, then models by group of users.

use lab_entra::Verdict;

use super::{CellChange, Effect, Outcome, PasskeyChange};
use crate::matrix::{Step, shortened};
use crate::report::{Cell, Document, Report, Tone};

/// How many models a line names.
const NAMES: usize = 6;

/// A verdict and the check that decided, where there is a step.
type Answer = Option<(Verdict, Option<&'static str>)>;

/// Cells of one group of users that change alike.
struct Group<'o> {
    steps: Vec<&'static str>,
    effect: Effect,
    before: Answer,
    after: Answer,
    /// The step after, of the first of the models.
    found: Option<&'o Step>,
    models: Vec<&'o str>,
}

impl Outcome<'_> {
    /// The report.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut document = Document::new();
        document.text(self.summary());
        self.registered(&mut document);
        for of in 0..self.moves.len() {
            self.of_move(&mut document, of);
        }
        Report { command: "diff", result: self.result(), notes: self.notes.clone(), document }
    }

    fn summary(&self) -> Cell {
        if !self.comparable() {
            return Cell::new("Nobody can be compared: the two tenants have no user in common.", Tone::Doubt);
        }
        if !self.differs() {
            return Cell::new("Nothing changes for anybody.", Tone::Good);
        }
        let lost: Vec<_> = self.passkeys.iter().filter(|change| change.effect == Effect::Lost).collect();
        let mut people: Vec<&str> = lost.iter().map(|change| change.user.as_str()).collect();
        people.dedup();
        let hands = match people.len() {
            0 => "nobody loses a registered passkey".to_owned(),
            1 => format!("1 person loses {}", counted(lost.len(), "registered passkey")),
            people => format!("{people} people lose {}", counted(lost.len(), "registered passkey")),
        };
        let groups = (0..self.moves.len()).filter(|of| self.cells.iter().any(|change| change.of == *of)).count();
        let mut models: Vec<usize> = self.cells.iter().map(|change| change.row).collect();
        models.dedup();
        let access =
            format!("access changes for {} and {}", counted(groups, "user group"), counted(models.len(), "model"));
        Cell::new(format!("{hands}; {access}"), if people.is_empty() { Tone::Doubt } else { Tone::Bad })
    }

    /// The registered passkeys, and under them each reason once.
    fn registered(&self, document: &mut Document) {
        if self.passkeys.is_empty() {
            return;
        }
        document.heading("Registered passkeys: the key in their hand");
        let headers = ["", "user", "passkey", "model", "decided by"];
        document.table(&headers, self.passkeys.iter().map(passkey_row).collect());
        let mut told: Vec<&str> = Vec::new();
        for change in &self.passkeys {
            let message = change.after.message.as_str();
            if !told.contains(&message) && told.len() < NAMES {
                told.push(message);
                document.text(message).hint(change.after.hint.as_ref());
            }
        }
    }

    fn of_move(&self, document: &mut Document, of: usize) {
        let groups = self.groups(of);
        let Some(moved) = self.moves.get(of).filter(|_| !groups.is_empty()) else { return };
        document.heading(moved.label(&self.before.scopes, &self.after.scopes));
        let names: Vec<&str> = self.members(moved).collect();
        if !names.is_empty() {
            let people = format!("{}: {}", counted(names.len(), "user"), shortened(&names, 3));
            document.text(Cell::new(people, Tone::Dim));
        }
        groups.iter().for_each(|group| group.show(document));
    }

    /// The changes of one group of users: steps and models that change alike, together.
    fn groups(&self, of: usize) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for change in self.cells.iter().filter(|change| change.of == of) {
            let Some(row) = self.after.rows.get(change.row) else { continue };
            for group in self.changed_steps(change) {
                let alike = |known: &&mut Group<'_>| {
                    (known.effect, known.before, known.after, &known.steps)
                        == (group.effect, group.before, group.after, &group.steps)
                };
                match groups.iter_mut().find(alike) {
                    Some(known) => known.models.push(&row.id),
                    None => groups.push(Group { models: vec![&row.id], ..group }),
                }
            }
        }
        groups.sort_by(|a, b| (a.effect, &a.steps).cmp(&(b.effect, &b.steps)));
        groups
    }

    /// The changes of one cell; one where both steps change alike.
    fn changed_steps(&self, change: &CellChange) -> Vec<Group<'_>> {
        let [rb, ra, ub, ua] = self.steps(change.row, change.of).unwrap_or_default();
        let answer = |step: Option<&Step>| step.map(|step| (step.verdict, step.decided_by));
        let mut groups: Vec<Group<'_>> = Vec::new();
        for (name, effect, before, found) in
            [("registration", change.registration, rb, ra), ("sign-in", change.sign_in, ub, ua)]
        {
            let (before, after) = (answer(before), answer(found));
            match groups.first_mut() {
                _ if effect == Effect::Same => {}
                Some(first) if (first.before, first.after) == (before, after) => first.steps.push(name),
                _ => groups.push(Group { steps: vec![name], effect, before, after, found, models: Vec::new() }),
            }
        }
        groups
    }
}

fn passkey_row(change: &PasskeyChange) -> Vec<Cell> {
    let decided = change.after.decided_by.or(change.before.decided_by).unwrap_or_default();
    let model = if change.model.is_empty() { change.aaguid.to_string() } else { change.model.clone() };
    vec![
        Cell::new(change.effect.name(), change.effect.tone()),
        change.user.as_str().into(),
        change.display_name.as_str().into(),
        model.into(),
        decided.into(),
    ]
}

impl Group<'_> {
    fn show(&self, document: &mut Document) {
        let models = shortened(&self.models, NAMES);
        let line = format!("{} {} {}: {models}", self.effect.sign(), self.steps.join(" and "), self.effect.name());
        document.text(Cell::new(line, self.effect.tone()));
        document.text(format!("{} → {}", answer(self.before), answer(self.after)));
        if let Some(step) = self.found.filter(|step| step.verdict != Verdict::Allowed) {
            document.text(step.message.as_str()).hint(step.hint.as_ref());
        }
    }
}

fn answer(answer: Answer) -> String {
    match answer {
        Some((verdict, Some(id))) => format!("{verdict} by {id}"),
        Some((verdict, None)) => verdict.to_string(),
        None => "no passkey".to_owned(),
    }
}

/// `1 user`, `2 users`.
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
