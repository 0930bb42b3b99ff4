//! `result` of `diff`.
//!
//! `{"passkeys": [{"user", "passkey": {"id", "displayName", "model", "aaGuid"}, "move", "effect", "before": ANSWER,
//! "after": ANSWER}], "moves": [{"id", "label", "before", "after", "members"}], "models": [..], "cells": [{"model",
//! "move", "registration"?: CHANGE, "sign_in"?: CHANGE}]}` with ANSWER `{"verdict", "decided_by", "message"?, "hint"?}`
//! and CHANGE `{"effect", "before": ANSWER or null, "after": ANSWER or null}`. `moves` has everybody, `models` and
//! `cells` what changes.

use lab_entra::graph::User;
use serde_json::{Map, Value, json};

use super::{CellChange, Change, Effect, Move, Outcome, PasskeyChange};
use crate::matrix::Step;

impl Outcome<'_> {
    /// What changes, for programs.
    #[must_use]
    pub fn result(&self) -> Value {
        json!({
            "passkeys": self.passkeys.iter().map(|change| self.passkey(change)).collect::<Vec<_>>(),
            "moves": self.moves.iter().map(|moved| self.moved(moved)).collect::<Vec<_>>(),
            "models": self.changed_models(),
            "cells": self.cells.iter().map(|change| self.cell(change)).collect::<Vec<_>>(),
        })
    }

    /// The changes, one a line: `{"passkey"}` and `{"cell"}`, after the `{"move"}`s that they name.
    #[must_use]
    pub fn lines(&self) -> String {
        let moves = self.moves.iter().map(|moved| json!({"move": self.moved(moved)}));
        let passkeys = self.passkeys.iter().map(|change| json!({"passkey": self.passkey(change)}));
        let cells = self.cells.iter().map(|change| json!({"cell": self.cell(change)}));
        moves.chain(passkeys).chain(cells).map(|item| format!("{item}\n")).collect()
    }

    pub(super) fn move_id(&self, of: usize) -> &str {
        self.moves.get(of).map_or("", |moved| moved.id.as_str())
    }

    /// The names of a move's members.
    pub(super) fn members<'o>(&'o self, moved: &'o Move) -> impl Iterator<Item = &'o str> {
        moved.members.iter().filter_map(|(user, _)| self.before.tenant.users().get(*user)).map(User::label)
    }

    fn passkey(&self, change: &PasskeyChange) -> Value {
        json!({
            "user": change.user,
            "passkey": {
                "id": change.id, "displayName": change.display_name, "model": change.model, "aaGuid": change.aaguid,
            },
            "move": self.move_id(change.of), "effect": change.effect.name(),
            "before": answer(&change.before), "after": answer(&change.after),
        })
    }

    fn moved(&self, moved: &Move) -> Value {
        let scope = |scopes: &[lab_entra::Scope], index: usize| {
            scopes.get(index).map(|scope| json!({"id": scope.id, "label": scope.label, "groups": scope.groups}))
        };
        json!({
            "id": moved.id, "label": moved.label(&self.before.scopes, &self.after.scopes),
            "before": scope(&self.before.scopes, moved.before), "after": scope(&self.after.scopes, moved.after),
            "members": self.members(moved).collect::<Vec<_>>(),
        })
    }

    fn changed_models(&self) -> Vec<Value> {
        let mut rows: Vec<usize> = self.cells.iter().map(|change| change.row).collect();
        rows.dedup();
        let rows = rows.into_iter().filter_map(|row| self.after.rows.get(row));
        rows.map(|row| json!({"id": row.id, "name": row.name, "aaguid": row.aaguid, "generic": row.generic})).collect()
    }

    fn cell(&self, change: &CellChange) -> Value {
        let mut members = Map::new();
        members.insert("model".into(), self.after.rows.get(change.row).map(|row| row.id.as_str()).into());
        members.insert("move".into(), self.move_id(change.of).into());
        let [rb, ra, ub, ua] = self.steps(change.row, change.of).unwrap_or_default();
        for (name, effect, before, after) in
            [("registration", change.registration, rb, ra), ("sign_in", change.sign_in, ub, ua)]
        {
            if effect != Effect::Same {
                let answers = [before, after].map(|step| step.map(Change::of).as_ref().map(answer));
                members
                    .insert(name.into(), json!({"effect": effect.name(), "before": answers[0], "after": answers[1]}));
            }
        }
        Value::Object(members)
    }
}

impl Change {
    /// What a step says.
    pub(super) fn of(step: &Step) -> Self {
        Self {
            verdict: step.verdict,
            decided_by: step.decided_by,
            message: step.message.clone(),
            hint: step.hint.clone(),
        }
    }
}

fn answer(change: &Change) -> Value {
    let mut members = Map::new();
    members.insert("verdict".into(), change.verdict.name().into());
    members.insert("decided_by".into(), change.decided_by.into());
    members.insert("message".into(), change.message.as_str().into());
    members.extend(change.hint.as_ref().map(|hint| ("hint".to_owned(), hint.as_str().into())));
    Value::Object(members)
}
