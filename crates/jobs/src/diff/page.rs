//! The data of the HTML page: as a matrix has it, with four steps in a cell, and people first.

use serde_json::{Value, json};

use super::{Outcome, PasskeyChange};
use crate::matrix::About;
use crate::matrix::page::{Tables, about_json};
use crate::report::html;

/// How many names of a move's members the page has.
const NAMES: usize = 24;

impl Outcome<'_> {
    /// One self-contained page.
    #[must_use]
    pub fn html(&self, about: About) -> String {
        let mut tables = Tables::default();
        let rows: Vec<Value> = (0..self.after.rows.len()).filter_map(|row| self.page_row(&mut tables, row)).collect();
        let data = json!({
            "kind": "diff", "title": "Whose access changes", "about": about_json(about), "notes": self.notes,
            "columns": self.page_columns(), "people": self.passkeys.iter().map(person).collect::<Vec<_>>(),
            "rows": rows, "tables": tables.json(),
        });
        html::render("Passkey Lab: whose access changes", &data)
    }

    fn page_row(&self, tables: &mut Tables, index: usize) -> Option<Value> {
        let (before, after) = (self.before.rows.get(index)?, self.after.rows.get(index)?);
        let mut value = tables.head(after);
        let cells = (0..self.moves.len()).filter_map(|of| {
            let [rb, ra, ub, ua] = self.steps(index, of)?;
            let mut first =
                |step: Option<&crate::matrix::Step>| step.map(|step| tables.step(self.before.tenant, before, step));
            let (rb, ub) = (first(rb), first(ub));
            let mut second =
                |step: Option<&crate::matrix::Step>| step.map(|step| tables.step(self.after.tenant, after, step));
            Some(json!([rb, second(ra), ub, second(ua)]))
        });
        let cells: Vec<Value> = cells.collect();
        value.as_object_mut()?.insert("cells".to_owned(), cells.into());
        Some(value)
    }

    fn page_columns(&self) -> Vec<Value> {
        let column = |moved: &super::Move| {
            json!({
                "id": moved.id, "label": moved.label(&self.before.scopes, &self.after.scopes), "groups": [],
                "count": moved.members.len(), "members": self.members(moved).take(NAMES).collect::<Vec<_>>(),
            })
        };
        self.moves.iter().map(column).collect()
    }
}

fn person(change: &PasskeyChange) -> Value {
    json!({
        "user": change.user, "passkey": change.display_name, "effect": change.effect.name(),
        "model": if change.model.is_empty() { change.aaguid.to_string() } else { change.model.clone() },
        "message": change.after.message, "hint": change.after.hint,
        "rule": change.after.decided_by.or(change.before.decided_by),
    })
}
