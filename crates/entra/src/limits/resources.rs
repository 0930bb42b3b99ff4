//! Resources that are kept and not evaluated, and files that are not read.

use super::{Page, Report, Severity, TenantFinding};
use crate::graph::JsonPath;
use crate::source::{self, Evidence};
use crate::tenant::{Place, Resource};

pub(super) static PAGES: &[&Page] = &[&NOT_EVALUATED, &NOT_READ];

static NOT_EVALUATED: Page = Page {
    id: "tenant/not-evaluated",
    severity: Severity::Info,
    what: "A resource is kept as it came, and decides nothing in the lab's verdicts.",
    why: "A verdict says what the passkey policy allows. Authentication strengths and Conditional Access can still refuse \
          a sign-in that it allows.",
    hint: "Read verdicts as “the passkey policy allows it”.",
    evidence: Evidence::Documented,
    source: &source::LAB,
};

static NOT_READ: Page = Page {
    id: "tenant/not-read",
    severity: Severity::Info,
    what: "A file, or a key of a tenant of one file, is none of a tenant's.",
    why: "Nothing in it counts.",
    hint: "The names are fido2, temporaryAccessPass, authenticationMethodsPolicy, authenticationStrengths, \
           conditionalAccess, groups, users, passkeys and lab.",
    evidence: Evidence::Documented,
    source: &source::LAB,
};

pub(super) fn check(report: &mut Report<'_>) {
    let tenant = report.tenant;
    let kept = [
        (Resource::TemporaryAccessPass, tenant.temporary_access_pass.is_some()),
        (Resource::AuthenticationStrengths, tenant.authentication_strengths.is_some()),
        (Resource::ConditionalAccess, tenant.conditional_access.is_some()),
    ];
    for (resource, _) in kept.into_iter().filter(|(_, there)| *there) {
        let message = format!("{} is kept and not evaluated.", resource.key());
        report.at(&NOT_EVALUATED, resource, &JsonPath::default(), message);
    }
    for name in &tenant.ignored {
        let place = Place { file: name.clone(), path: JsonPath::default() };
        let message = format!("“{name}” is no part of a tenant that the lab knows.");
        report.add(TenantFinding { page: &NOT_READ, severity: NOT_READ.severity, place, message, hint: None });
    }
}
