//! `tenant check` and `tenant show`; `init`, `import` and `pseudonymise` in files of their own.

pub mod folder;
pub mod import;
pub mod init;
pub mod pseudonymise;
pub mod siblings;

use lab_entra::graph::User;
use lab_entra::limits::{self, Severity, TenantFinding};
use lab_entra::policy::{Profile, Restriction};
use lab_entra::{Aaguid, Scope, Tenant, scope};
use serde_json::{Value, json};

use crate::models::Catalogue;
use crate::report::{Cell, Document, Report, Tone};

/// What is unknown, ignored or wrong in a tenant; the gravest first.
#[must_use]
pub fn check(tenant: &Tenant, catalogue: &Catalogue) -> Report {
    let mut findings = limits::check(tenant);
    let known = |aaguid: Aaguid| aaguid.is_zero() || catalogue.of_aaguid(aaguid).is_some();
    findings.extend(limits::check_aaguids(tenant, known));
    findings.extend(siblings::check(tenant, catalogue));
    findings.sort_by_key(|finding| gravity(finding.severity));
    let mut document = Document::new();
    document.text(summary(&findings));
    findings.iter().for_each(|finding| show_finding(&mut document, finding));
    if !findings.is_empty() {
        document.aside("`passkey-lab explain ID` says why each of them matters, and where that is written");
    }
    let result = findings.iter().map(|finding| {
        json!({
            "id": finding.id(), "severity": finding.severity, "file": finding.place.file,
            "path": finding.place.path.to_string(), "message": finding.message, "hint": finding.advice(),
            "evidence": finding.evidence(), "source": finding.source(),
        })
    });
    Report { command: "tenant-check", result: result.collect(), notes: Vec::new(), document }
}

const fn gravity(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    }
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Doubt,
        Severity::Info => Tone::Plain,
    }
}

fn summary(findings: &[TenantFinding]) -> Cell {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
    if findings.is_empty() {
        return Cell::new("Nothing is unknown, ignored or wrong.", Tone::Good);
    }
    let worst = findings.first().map_or(Tone::Plain, |finding| tone(finding.severity));
    Cell::new(format!("errors: {errors}, warnings: {warnings}, infos: {infos}"), worst)
}

fn show_finding(document: &mut Document, finding: &TenantFinding) {
    let place = &finding.place;
    let path = place.path.to_string();
    let at = if path == "$" { place.file.clone() } else { format!("{} {path}", place.file) };
    document.heading(format!("{}: {}", finding.severity, finding.id()));
    document.text(Cell::new(&finding.message, tone(finding.severity)));
    document.hint(Some(finding.advice()));
    document.text(Cell::new(format!("in {at}"), Tone::Dim));
}

/// The policy as it is evaluated; the catalogue gives names to AAGUIDs.
#[must_use]
pub fn show(tenant: &Tenant, catalogue: &Catalogue) -> Report {
    let scopes = scope::scopes(tenant);
    let mut document = Document::new();
    document.fields(settings(tenant));
    document.heading("Profiles");
    let profiles = &tenant.policy().profiles;
    document
        .table(&["profile", "passkey types", "key restrictions", "attestation"], profiles.iter().map(row).collect());
    let listed = profiles.iter().flat_map(|profile| listed(profile, catalogue));
    let listed: Vec<Vec<Cell>> = listed.collect();
    if !listed.is_empty() {
        document.heading("Models that the profiles name");
        document.table(&["profile", "list", "AAGUID", "model"], listed);
    }
    document.heading("Scopes: who is treated alike");
    let rows = scopes.iter().map(|scope| scope_row(tenant, scope));
    document.table(&["scope", "who", "users", "profiles"], rows.collect());
    let scopes = scopes.iter().map(|scope| scope_json(tenant, scope));
    let result = json!({"tenant": tenant.to_json(), "scopes": scopes.collect::<Vec<_>>()});
    Report { command: "tenant-show", result, notes: Vec::new(), document }
}

fn settings(tenant: &Tenant) -> Vec<(&'static str, Cell)> {
    let (policy, lab) = (tenant.policy(), tenant.lab());
    let state = policy.state.as_ref().map_or_else(|| "not said".to_owned(), ToString::to_string);
    let kind = if policy.implied { "legacy settings, no passkey profiles" } else { "passkey profiles" };
    let excluded: Vec<&str> = policy.excludes.iter().map(|target| target.label.as_str()).collect();
    let mut fields = vec![
        ("passkeys", state.into()),
        ("policy", kind.into()),
        ("self-service", if policy.self_service { "on" } else { "off" }.into()),
        ("excluded", if excluded.is_empty() { "nobody".to_owned() } else { excluded.join(", ") }.into()),
        ("users, groups", format!("{}, {}", tenant.users().len(), tenant.groups().len()).into()),
        ("rpId", lab.rp_id.as_str().into()),
    ];
    fields.extend(
        lab.switches.departures().map(|switch| ("switch", format!("{}: {}", switch.name, switch.other).into())),
    );
    fields
}

fn row(profile: &Profile) -> Vec<Cell> {
    let demands = &profile.demands;
    let name = profile.name.as_str().into();
    vec![name, bare(&demands.types, profile), bare(&demands.keys, profile), bare(&demands.attestation, profile)]
}

/// A demand without the name of its profile in front, which has a column of its own.
fn bare(demand: &str, profile: &Profile) -> Cell {
    demand.strip_prefix(&profile.name).unwrap_or(demand).trim_start_matches([':', ' ']).into()
}

/// The AAGUIDs that a profile allows or blocks.
fn listed<'p>(profile: &'p Profile, catalogue: &'p Catalogue) -> impl Iterator<Item = Vec<Cell>> + 'p {
    let list = match &profile.keys.restriction {
        Restriction::Allow => Some(Cell::new("allow", Tone::Good)),
        Restriction::Block => Some(Cell::new("block", Tone::Bad)),
        Restriction::None | Restriction::Unknown(_) => None,
    };
    list.into_iter().flat_map(move |list| {
        profile.keys.aaguids.iter().map(move |aaguid| {
            let model = catalogue.of_aaguid(*aaguid).map_or("unknown to the lab", |model| model.name.as_str());
            vec![profile.name.as_str().into(), list.clone(), aaguid.into(), model.into()]
        })
    })
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
        "members": names.map(User::label).collect::<Vec<_>>(),
    })
}
