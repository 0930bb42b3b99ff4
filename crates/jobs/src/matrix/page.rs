//! The data of the HTML page: a grid of cells, and tables that they point into.
//!
//! Sentences name a model's AAGUID and name. In the page's tables these stand as two private
//! characters that the page fills in, so that models which come out alike share entries and traces.

use std::collections::HashMap;
use std::hash::Hash;

use lab_entra::{Scope, Tenant, rules};
use serde_json::{Value, json};

use super::result::{members, profile_name};
use super::{About, Outcome, Row, Step};
use crate::report::html;
use crate::trace_view::TraceEntry;

/// How many names of a scope's members the page has; their number it has in any case.
const NAMES: usize = 24;
/// What stands for the AAGUID of a row in the page's tables.
const AAGUID: &str = "\u{e000}";
/// What stands for its name.
const NAME: &str = "\u{e001}";

impl Outcome<'_> {
    /// One self-contained page. The cells have their traces if the matrix was decided with traces.
    #[must_use]
    pub fn html(&self, about: About) -> String {
        let mut tables = Tables::default();
        let rows: Vec<Value> = self.rows.iter().map(|row| tables.row(self.tenant, row)).collect();
        let columns: Vec<Value> = self.scopes.iter().map(|scope| column(self.tenant, scope)).collect();
        let data = json!({
            "kind": "matrix", "title": "Every model against every scope", "about": about_json(about),
            "notes": self.notes, "columns": columns, "rows": rows, "tables": tables.json(),
        });
        html::render("Passkey Lab: every model against every scope", &data)
    }
}

/// What the page says of the run.
pub(crate) fn about_json(about: About) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"), "seed": about.seed,
        "at": about.at.map(|at| at.to_string()),
    })
}

/// A column of the grid.
pub(crate) fn column(tenant: &Tenant, scope: &Scope) -> Value {
    json!({
        "id": scope.id, "label": scope.label, "groups": scope.groups, "count": scope.members.len(),
        "members": members(tenant, scope).take(NAMES).collect::<Vec<_>>(),
    })
}

/// Values that are stored once and referred to by their place.
#[derive(Debug)]
struct Interned<T>(HashMap<T, usize>);

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Interned<T> {
    fn place(&mut self, value: T) -> usize {
        let next = self.0.len();
        *self.0.entry(value).or_insert(next)
    }

    /// The values in the order of their places.
    fn values(self) -> impl Iterator<Item = T> {
        let mut values: Vec<(T, usize)> = self.0.into_iter().collect();
        values.sort_by_key(|(_, place)| *place);
        values.into_iter().map(|(value, _)| value)
    }
}

/// A check, an outcome, a sentence and a hint, by their places.
type EntryKey = (usize, &'static str, usize, Option<usize>);
/// A profile's name, whether it matches, and the checks that fail.
type ProfileKey = (usize, bool, Vec<usize>);

/// A step, everything by place.
#[derive(Debug, PartialEq, Eq, Hash)]
struct StepKey {
    verdict: &'static str,
    check: Option<usize>,
    text: usize,
    hint: Option<usize>,
    profiles: Vec<ProfileKey>,
    trace: Option<usize>,
}

/// The tables of a page.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    texts: Interned<String>,
    checks: Interned<&'static str>,
    /// Where the checks come from, by their place.
    places: HashMap<usize, String>,
    entries: Interned<EntryKey>,
    traces: Interned<Vec<usize>>,
    steps: Interned<StepKey>,
}

impl Tables {
    /// A row of a matrix: what it is, and two steps for each cell.
    fn row(&mut self, tenant: &Tenant, row: &Row) -> Value {
        let cells = row.cells.iter().map(|cell| {
            let registration = self.step(tenant, row, &cell.registration);
            let used = cell.used.as_ref().map(|step| self.step(tenant, row, step));
            json!([registration, used])
        });
        let cells: Vec<Value> = cells.collect();
        let mut value = self.head(row);
        if let Some(members) = value.as_object_mut() {
            members.insert("cells".to_owned(), cells.into());
        }
        value
    }

    /// What a row is, and what the relying party found.
    pub(crate) fn head(&mut self, row: &Row) -> Value {
        let case = [&row.registration, &row.sign_in].map(|entries| self.trace(row, entries));
        json!({
            "id": row.id, "name": row.name, "aaguid": row.aaguid, "vendor": row.vendor, "generic": row.generic,
            "flow": row.flow.name(), "platform": row.platform, "webauthn": case,
        })
    }

    /// Where a step of a row is.
    pub(crate) fn step(&mut self, tenant: &Tenant, row: &Row, step: &Step) -> usize {
        let profiles = step.profiles.iter().map(|profile| {
            let name = self.texts.place(profile_name(tenant, profile.profile).to_owned());
            (name, profile.matches, profile.failed.iter().map(|id| self.check(id)).collect())
        });
        let key = StepKey {
            profiles: profiles.collect(),
            verdict: step.verdict.name(),
            check: step.decided_by.map(|id| self.check(id)),
            text: self.text(row, &step.message),
            hint: step.hint.as_ref().map(|hint| self.text(row, hint)),
            trace: step.trace.and_then(|index| row.traces.get(index)).and_then(|entries| self.trace(row, entries)),
        };
        self.steps.place(key)
    }

    fn trace(&mut self, row: &Row, entries: &[TraceEntry]) -> Option<usize> {
        if entries.is_empty() {
            return None;
        }
        let places = entries.iter().map(|entry| {
            let check = self.check(entry.id);
            self.places.entry(check).or_insert_with(|| place(entry));
            let hint = entry.hint.as_ref().map(|hint| self.text(row, hint));
            let key = (check, entry.outcome, self.text(row, &entry.message), hint);
            self.entries.place(key)
        });
        let places = places.collect();
        Some(self.traces.place(places))
    }

    fn check(&mut self, id: &'static str) -> usize {
        self.checks.place(id)
    }

    fn text(&mut self, row: &Row, text: &str) -> usize {
        let aaguid = row.aaguid.to_string();
        self.texts.place(text.replace(&aaguid, AAGUID).replace(&row.name, NAME))
    }

    /// Everything, each value once.
    pub(crate) fn json(self) -> Value {
        let places = self.places;
        let checks = self.checks.values().enumerate().map(|(index, id)| {
            let rule = rules::find(id);
            let source = rule.map(|rule| format!("{}, read {}", rule.source.title, rule.source.date_read));
            json!([id, source.or_else(|| places.get(&index).cloned()), rule.map(|rule| rule.evidence.name())])
        });
        let steps = self
            .steps
            .values()
            .map(|step| json!([step.verdict, step.check, step.text, step.hint, step.profiles, step.trace]));
        json!({
            "checks": checks.collect::<Vec<_>>(), "texts": self.texts.values().collect::<Vec<_>>(),
            "entries": self.entries.values().collect::<Vec<_>>(),
            "traces": self.traces.values().collect::<Vec<_>>(), "steps": steps.collect::<Vec<_>>(),
        })
    }
}

/// A check's place in its document: `webauthn-3 §7.1 step 14`.
fn place(entry: &TraceEntry) -> String {
    let step = entry.spec.step.map(|step| format!(" step {step}")).unwrap_or_default();
    format!("{} §{}{step}", entry.spec.document, entry.spec.section)
}
