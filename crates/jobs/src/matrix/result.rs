//! The contract's `result` of `matrix`.

use lab_entra::Tenant;
use lab_entra::graph::User;
use lab_entra::{Scope, policy};
use serde_json::{Map, Value, json};

use super::{Cell, Outcome, Row, Step};

impl Outcome<'_> {
    /// `{"scopes", "models", "cells"}`; with traces, also `"traces"` and in each step the index of its own.
    #[must_use]
    pub fn result(&self) -> Value {
        let mut result = Map::new();
        result.insert("scopes".into(), self.scopes.iter().map(|scope| scope_json(self.tenant, scope)).collect());
        result.insert("models".into(), self.rows.iter().map(model_json).collect());
        let mut table = Table { tenant: self.tenant, traces: self.traces.then(Vec::new) };
        result.insert("cells".into(), self.cells().map(|(row, scope, cell)| table.cell(row, scope, cell)).collect());
        if let Some(traces) = table.traces {
            result.insert("traces".into(), traces.into());
        }
        Value::Object(result)
    }

    /// The items of the result, one a line: `{"scope"}`, `{"model"}` and `{"cell"}`.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut table = Table { tenant: self.tenant, traces: None };
        let scopes = self.scopes.iter().map(|scope| json!({"scope": scope_json(self.tenant, scope)}));
        let models = self.rows.iter().map(|row| json!({"model": model_json(row)}));
        let cells = self.cells().map(|(row, scope, cell)| json!({"cell": table.cell(row, scope, cell)}));
        scopes.chain(models).chain(cells).map(|item| format!("{item}\n")).collect()
    }

    /// Every cell with its row and column, row by row.
    pub fn cells(&self) -> impl Iterator<Item = (&Row, &Scope, &Cell)> {
        self.rows.iter().flat_map(|row| self.scopes.iter().zip(&row.cells).map(move |(scope, cell)| (row, scope, cell)))
    }
}

/// The names of a scope's members.
pub(crate) fn members<'t>(tenant: &'t Tenant, scope: &'t Scope) -> impl Iterator<Item = &'t str> {
    scope.members.iter().filter_map(|index| tenant.users().get(*index)).map(User::label)
}

/// The name of a profile.
pub(crate) fn profile_name(tenant: &Tenant, index: usize) -> &str {
    tenant.policy().profiles.get(index).map_or("", |profile: &policy::Profile| profile.name.as_str())
}

fn scope_json(tenant: &Tenant, scope: &Scope) -> Value {
    json!({
        "id": scope.id, "label": scope.label,
        "members": members(tenant, scope).collect::<Vec<_>>(), "groups": scope.groups,
    })
}

fn model_json(row: &Row) -> Value {
    json!({
        "id": row.id, "name": row.name, "aaguid": row.aaguid, "generic": row.generic,
        "vendor": row.vendor, "flow": row.flow.name(), "platform": row.platform,
    })
}

/// Writes cells, and keeps the traces that they refer to.
struct Table<'t> {
    tenant: &'t Tenant,
    traces: Option<Vec<Value>>,
}

impl Table<'_> {
    fn cell(&mut self, row: &Row, scope: &Scope, cell: &Cell) -> Value {
        let mut members = Map::new();
        members.insert("model".into(), row.id.as_str().into());
        members.insert("scope".into(), scope.id.as_str().into());
        members.insert("registration".into(), self.step(row, &cell.registration));
        members.insert("sign_in".into(), cell.sign_in().map_or(Value::Null, |step| self.step(row, step)));
        if self.traces.is_some() {
            members.extend(cell.earlier().map(|step| ("earlier".to_owned(), self.step(row, step))));
        }
        Value::Object(members)
    }

    fn step(&mut self, row: &Row, step: &Step) -> Value {
        let mut members = step_json(self.tenant, step);
        if let (Some(traces), Some(index)) = (&mut self.traces, step.trace) {
            let entries = row.traces.get(index).map(|entries| serde_json::to_value(entries).unwrap_or(Value::Null));
            let entries = entries.unwrap_or(Value::Null);
            // Models share a trace only where its sentences name neither: looking back a row is enough.
            let recent = traces.len().saturating_sub(RECENT);
            let known = traces.iter().skip(recent).position(|known| *known == entries).map(|known| known + recent);
            let place = known.unwrap_or_else(|| {
                traces.push(entries);
                traces.len() - 1
            });
            members.insert("message".into(), step.message.as_str().into());
            members.extend(step.hint.as_ref().map(|hint| ("hint".to_owned(), hint.as_str().into())));
            members.insert("profiles".into(), profiles(self.tenant, step));
            members.insert("trace".into(), place.into());
        }
        Value::Object(members)
    }
}

/// How many of the last traces are compared with a further one.
const RECENT: usize = 128;

/// A step as the contract has it.
pub(crate) fn step_json(tenant: &Tenant, step: &Step) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("verdict".into(), step.verdict.name().into());
    members.insert("decided_by".into(), step.decided_by.into());
    if let Some(profile) = step.profile {
        members.insert("profile".into(), profile_name(tenant, profile).into());
    }
    members.insert("failed".into(), step.failed.clone().into());
    members
}

fn profiles(tenant: &Tenant, step: &Step) -> Value {
    let profile = |profile: &super::ProfileStep| {
        let policy = tenant.policy().profiles.get(profile.profile);
        json!({
            "id": policy.map_or("", |policy| policy.id.as_str()), "name": profile_name(tenant, profile.profile),
            "matches": profile.matches, "failed": profile.failed,
        })
    };
    step.profiles.iter().map(profile).collect()
}
