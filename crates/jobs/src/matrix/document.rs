//! The matrix for people: the grid, its legend, who the scopes are, and why something is refused.

use lab_entra::{Scope, Verdict};
use serde_json::Value;

use super::{Access, Cell as MatrixCell, Outcome, Row, Step, shortened};
use crate::report::{Cell, Document, Report, Tone};

/// How many names of models or users a cell of a table shows.
const NAMES: usize = 3;
/// How many models each have a line of their own, unless more is asked for.
const SINGLE: usize = 40;

impl Outcome<'_> {
    /// The report. `whole` says whether the result is wanted too, which is costly for many users; `all`
    /// gives every model with a file of its own a line of its own, however many there are.
    #[must_use]
    pub fn report(&self, whole: bool, all: bool) -> Report {
        let mut document = Document::new();
        self.headline(&mut document);
        self.grid(&mut document, all);
        self.legend(&mut document);
        self.who(&mut document);
        self.reasons(&mut document);
        let result = if whole { self.result() } else { Value::Null };
        Report { command: "matrix", result, notes: self.notes.clone(), document }
    }

    fn headline(&self, document: &mut Document) {
        let count = |access| self.cells().filter(|(.., cell)| Access::of(cell) == access).count();
        let counts = Access::ALL.map(|access| (access, count(access)));
        let counts = counts.iter().filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts.map(|(access, count)| format!("{count} {}", access.name())).collect();
        let size = format!("{} models × {} scopes", self.rows.len(), self.scopes.len());
        document.text(Cell::new(format!("{size}: {}", counts.join(", ")), Tone::Strong));
    }

    fn grid(&self, document: &mut Document, all: bool) {
        let numbers: Vec<String> = self.scopes.iter().map(|scope| number(scope).to_owned()).collect();
        let headers: Vec<&str> = std::iter::once("model").chain(numbers.iter().map(String::as_str)).collect();
        let lines = self.lines_of_models(all || self.rows.len() <= SINGLE);
        let row = |(name, row): &(String, &Row)| {
            let signs = row.cells.iter().map(Access::of).map(|access| Cell::new(access.sign(), access.tone()));
            std::iter::once(name.as_str().into()).chain(signs).collect()
        };
        document.table(&headers, lines.iter().map(row).collect());
        if lines.len() < self.rows.len() {
            document.aside(
                "models that come out alike share a line; -v gives each named model its own, --format html finds any",
            );
        }
    }

    /// The rows to show: `single` ones for models with a file of their own, and together whatever comes
    /// out alike.
    fn lines_of_models(&self, single: bool) -> Vec<(String, &Row)> {
        let (own, together): (Vec<&Row>, Vec<&Row>) = self.rows.iter().partition(|row| single && !row.generic);
        let mut groups: Vec<(Vec<Access>, Vec<&Row>)> = Vec::new();
        for row in together {
            let pattern: Vec<Access> = row.cells.iter().map(Access::of).collect();
            match groups.iter_mut().find(|(known, _)| *known == pattern) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((pattern, vec![row])),
            }
        }
        let groups = groups.into_iter().filter_map(|(_, rows)| {
            let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
            Some((shortened(&ids, NAMES), *rows.first()?))
        });
        own.into_iter().map(|row| (row.id.clone(), row)).chain(groups).collect()
    }

    fn legend(&self, document: &mut Document) {
        let present = |access: &Access| self.cells().any(|(.., cell)| Access::of(cell) == *access);
        let legend = Access::ALL.into_iter().filter(present);
        let fields: Vec<_> = legend.map(|access| (access.sign(), Cell::new(access.meaning(), access.tone()))).collect();
        if !fields.is_empty() {
            document.fields(fields);
        }
    }

    fn who(&self, document: &mut Document) {
        document.heading("Scopes: who is treated alike");
        let row = |scope: &Scope| {
            let names: Vec<&str> = super::result::members(self.tenant, scope).take(NAMES).collect();
            let more = scope.members.len().saturating_sub(names.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            vec![number(scope).into(), scope.label.as_str().into(), format!("{}{more}", names.join(", ")).into()]
        };
        document.table(&["", "scope", "users"], self.scopes.iter().map(row).collect());
    }

    /// One line for each check that decided something: how often, and a case of it.
    fn reasons(&self, document: &mut Document) {
        let mut reasons: Vec<Reason<'_>> = Vec::new();
        for (row, scope, cell) in self.cells() {
            for (when, step) in steps(cell).filter(|(_, step)| step.verdict != Verdict::Allowed) {
                let key = (when, step.decided_by);
                match reasons.iter_mut().find(|reason| reason.key == key) {
                    Some(reason) => reason.cells += 1,
                    None => reasons.push(Reason { key, cells: 1, row, scope, step }),
                }
            }
        }
        if reasons.is_empty() {
            return;
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.cells));
        document.heading("Why");
        reasons.iter().for_each(|reason| reason.show(document));
    }
}

/// A scope's number: `1` of `scope-1`.
fn number(scope: &Scope) -> &str {
    scope.id.strip_prefix("scope-").unwrap_or(&scope.id)
}

/// The steps that a cell shows, by what they are called.
fn steps(cell: &MatrixCell) -> impl Iterator<Item = (&'static str, &Step)> {
    let registration = Some(("at registration", &cell.registration));
    registration.into_iter().chain(cell.sign_in().map(|step| ("at sign-in", step)))
}

/// Why some cells are not allowed, and the first of them.
struct Reason<'o> {
    key: (&'static str, Option<&'static str>),
    cells: usize,
    row: &'o Row,
    scope: &'o Scope,
    step: &'o Step,
}

impl Reason<'_> {
    fn show(&self, document: &mut Document) {
        let (when, id) = self.key;
        let id = id.unwrap_or("no response");
        let cells = if self.cells == 1 { "1 cell".to_owned() } else { format!("{} cells", self.cells) };
        let tone = if self.step.verdict == Verdict::Unknown { Tone::Doubt } else { Tone::Bad };
        document.text(Cell::new(format!("{id} {when}: {cells}"), tone));
        let place = format!("{}, scope {}", self.row.id, number(self.scope));
        document.text(Cell::new(format!("  {place}: {}", self.step.message), Tone::Plain));
        document.hint(self.step.hint.as_ref());
    }
}
