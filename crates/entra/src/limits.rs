//! What is wrong, ignored or unknown in a tenant, before anybody registers anything.
//!
//! Each finding has a page of its own ([`Page`]), reachable by its id. To add one: a page and a check in
//! a file of `limits/`, and for a new file its two lines here.

use std::fmt;

use crate::graph::JsonPath;
use crate::source::{Evidence, Source};
use crate::tenant::{Place, Resource, Tenant};

mod aaguids;
mod attestation;
mod profiles;
mod properties;
mod resources;
mod settings;
mod size;
mod targets;
mod users;

pub use aaguids::check_aaguids;

static CHECKS: &[Checks] = &[
    (settings::PAGES, settings::check),
    (size::PAGES, size::check),
    (profiles::PAGES, profiles::check),
    (targets::PAGES, targets::check),
    (attestation::PAGES, attestation::check),
    (aaguids::PAGES, aaguids::check),
    (users::PAGES, users::check),
    (properties::PAGES, properties::check),
    (resources::PAGES, resources::check),
];

/// The pages of one file, and its check.
type Checks = (&'static [&'static Page], fn(&mut Report<'_>));

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not what was meant.
    Warning,
    /// Entra would refuse it, or it locks people out.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The manual page of a finding.
#[derive(Debug)]
pub struct Page {
    /// Its id: `tenant/...`.
    pub id: &'static str,
    /// How much it matters, unless the finding says otherwise.
    pub severity: Severity,
    /// What was found.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub hint: &'static str,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it comes from.
    pub source: &'static Source,
}

/// Something in a tenant that its administrator should know.
#[derive(Debug, Clone)]
pub struct TenantFinding {
    /// Its page.
    pub page: &'static Page,
    /// How much it matters here.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What, in a sentence.
    pub message: String,
    /// What to do, where there is more to say than the page does.
    pub hint: Option<String>,
}

impl TenantFinding {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.page.id
    }

    /// What to do: computed from the case, else that of its page.
    #[must_use]
    pub fn advice(&self) -> &str {
        self.hint.as_deref().unwrap_or(self.page.hint)
    }

    /// How well it is known.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.page.evidence
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> &'static Source {
        self.page.source
    }
}

/// Checks a tenant. The findings come by subject, in the order of the pages.
#[must_use]
pub fn check(tenant: &Tenant) -> Vec<TenantFinding> {
    let mut report = Report { tenant, findings: Vec::new() };
    CHECKS.iter().for_each(|(_, check)| check(&mut report));
    report.findings
}

/// Every page, in the order of the checks.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    CHECKS.iter().flat_map(|(pages, _)| pages.iter().copied())
}

/// The page with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Page> {
    pages().find(|page| page.id == id)
}

/// A check under way.
struct Report<'t> {
    tenant: &'t Tenant,
    findings: Vec<TenantFinding>,
}

impl Report<'_> {
    /// Adds a finding about a place in the passkey policy.
    fn policy(&mut self, page: &'static Page, path: &JsonPath, message: String) -> &mut TenantFinding {
        self.at(page, Resource::Fido2, path, message)
    }

    /// Adds a finding about a place in a resource.
    fn at(&mut self, page: &'static Page, resource: Resource, path: &JsonPath, message: String) -> &mut TenantFinding {
        let base = self.tenant.place(resource);
        let place = Place {
            file: base.map_or_else(|| format!("{}.json", resource.key()), |place| place.file.clone()),
            path: base.map_or_else(|| path.clone(), |place| place.path.join(path)),
        };
        self.add(TenantFinding { page, severity: page.severity, place, message, hint: None })
    }

    fn add(&mut self, finding: TenantFinding) -> &mut TenantFinding {
        let index = self.findings.len();
        self.findings.push(finding);
        // The finding that has just been pushed.
        &mut self.findings[index]
    }
}

/// The path of a property of the passkey policy.
fn path(property: &str) -> JsonPath {
    JsonPath::default().then(property)
}

/// Few of many names, for a sentence.
fn some<T: fmt::Display>(names: &[T]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("“{name}”")).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests;
