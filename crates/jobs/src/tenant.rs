//! `tenant check` and `tenant show`.

use lab_entra::limits::{self, Severity, TenantFinding};
use lab_entra::policy::Profile;
use lab_entra::{Scope, Tenant, scope};
use serde_json::{Value, json};

use crate::report::{Cell, Document, Report, Tone};

/// What is unknown, ignored or wrong in a tenant.
#[must_use]
pub fn check(tenant: &Tenant) -> Report {
    let findings = limits::check(tenant);
    let mut document = Document::new();
    if findings.is_empty() {
        document.text(Cell::new("Nothing is unknown, ignored or wrong.", Tone::Good));
    }
    findings.iter().for_each(|finding| show_finding(&mut document, finding));
    let result = findings.iter().map(|finding| {
        json!({
            "id": finding.id(), "severity": finding.severity, "file": finding.place.file,
            "path": finding.place.path.to_string(), "message": finding.message, "hint": finding.advice(),
            "evidence": finding.evidence(), "source": finding.source(),
        })
    });
    Report { command: "tenant-check", result: result.collect(), notes: Vec::new(), document }
}

fn show_finding(document: &mut Document, finding: &TenantFinding) {
    let tone = match finding.severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Doubt,
        Severity::Info => Tone::Plain,
    };
    document.heading(format!("{}: {}", finding.severity, finding.id()));
    document.text(Cell::new(&finding.message, tone));
    document.fields(vec![("at", format!("{} {}", finding.place.file, finding.place.path).into())]);
    document.hint(Some(finding.advice()));
}

/// The policy as it is evaluated.
#[must_use]
pub fn show(tenant: &Tenant) -> Report {
    let policy = tenant.policy();
    let scopes = scope::scopes(tenant);
    let mut document = Document::new();
    document.heading("Profiles");
    let profiles = policy.profiles.iter().map(|profile| {
        let demands = &profile.demands;
        vec![
            profile.name.as_str().into(),
            bare(&demands.types, profile),
            bare(&demands.keys, profile),
            bare(&demands.attestation, profile),
        ]
    });
    document.table(&["profile", "passkey types", "key restrictions", "attestation"], profiles.collect());
    document.heading("Scopes: who is treated alike");
    let rows = scopes.iter().map(|scope| scope_row(tenant, scope));
    document.table(&["scope", "who", "users", "profiles"], rows.collect());
    let scopes = scopes.iter().map(|scope| scope_json(tenant, scope));
    let result = json!({"tenant": tenant.to_json(), "scopes": scopes.collect::<Vec<_>>()});
    Report { command: "tenant-show", result, notes: Vec::new(), document }
}

/// A demand without the name of its profile in front, which has a column of its own.
fn bare(demand: &str, profile: &Profile) -> Cell {
    demand.strip_prefix(&profile.name).unwrap_or(demand).trim_start_matches([':', ' ']).into()
}

fn scope_row(tenant: &Tenant, scope: &Scope) -> Vec<Cell> {
    let names = scope.facts.profiles.iter().filter_map(|index| tenant.policy().profiles.get(*index));
    let names: Vec<&str> = names.map(|profile| profile.name.as_str()).collect();
    let profiles = if names.is_empty() { Cell::new("none", Tone::Bad) } else { names.join(", ").into() };
    vec![scope.id.as_str().into(), scope.label.as_str().into(), scope.members.len().into(), profiles]
}

fn scope_json(tenant: &Tenant, scope: &Scope) -> Value {
    let names = scope.members.iter().filter_map(|index| tenant.users().get(*index));
    json!({
        "id": scope.id, "label": scope.label, "groups": scope.groups,
        "members": names.map(lab_entra::graph::User::label).collect::<Vec<_>>(),
    })
}
