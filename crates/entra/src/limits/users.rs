//! Users and groups against the policy.

use std::collections::HashSet;

use super::{Page, Report, Severity, path, some};
use crate::graph::JsonPath;
use crate::scope::{self, Standing};
use crate::source::{self, Evidence};
use crate::tenant::Resource;

pub(super) static PAGES: &[&Page] = &[&GUESTS, &EXCLUDED, &OUT_OF_SCOPE, &UNKNOWN_MEMBER, &B2B_MEMBERS, &UNKNOWN_OWNER];

static GUESTS: Page = Page {
    id: "tenant/guests-in-scope",
    severity: Severity::Info,
    what: "Guests are in scope of a profile.",
    why: "Guests cannot register passkeys in the tenant that they visit; a rollout that counts them never gets to 100 %.",
    hint: "Leave guests out of the groups, or out of the count.",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
};

static EXCLUDED: Page = Page {
    id: "tenant/users-included-and-excluded",
    severity: Severity::Warning,
    what: "Users are in an include target and in an exclude target.",
    why: "The exclusion wins: they can neither register nor sign in with a passkey.",
    hint: "Take them out of the excluded group, unless it is meant so.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

static OUT_OF_SCOPE: Page = Page {
    id: "tenant/users-out-of-scope",
    severity: Severity::Info,
    what: "Users are in no target that allows a profile.",
    why: "They can neither register nor sign in with a passkey.",
    hint: "Add them to a targeted group when their turn comes.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

static UNKNOWN_MEMBER: Page = Page {
    id: "tenant/unknown-member",
    severity: Severity::Warning,
    what: "Members of a targeted group are in neither users.json nor groups.json.",
    why: "The lab cannot say what they may do.",
    hint: "Export all users and all groups.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static B2B_MEMBERS: Page = Page {
    id: "tenant/b2b-members",
    severity: Severity::Info,
    what: "B2B users have the userType Member.",
    why: "Microsoft says that B2B users cannot register passkeys, and names guests; the lab takes these as members.",
    hint: "Try it with one of them. b2bMembers in lab.json has the other reading.",
    evidence: Evidence::Assumed,
    source: &source::PASSKEYS,
};

static UNKNOWN_OWNER: Page = Page {
    id: "tenant/passkeys-unknown-user",
    severity: Severity::Warning,
    what: "passkeys.json names a user that users.json does not have.",
    why: "The lab cannot say whether these passkeys still work.",
    hint: "Use object ids or user principal names of users.json.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_METHODS,
};

pub(super) fn check(report: &mut Report<'_>) {
    let tenant = report.tenant;
    let scopes = scope::scopes(tenant);
    let of = |wanted: &dyn Fn(&scope::Scope) -> bool| -> Vec<&str> {
        let members = scopes.iter().filter(|scope| wanted(scope)).flat_map(|scope| &scope.members);
        members.filter_map(|index| tenant.users().get(*index)).map(crate::graph::User::label).collect()
    };
    let included = |scope: &scope::Scope| !scope.facts.profiles.is_empty();
    let guests = of(&|scope| included(scope) && scope.facts.standing != Standing::Member);
    let excluded = of(&|scope| included(scope) && !scope.facts.excluded_by.is_empty());
    let outside = of(&|scope| !included(scope));
    let b2b: Vec<_> = tenant
        .users()
        .iter()
        .filter(|user| scope::is_b2b(user) && is_member(user))
        .map(crate::graph::User::label)
        .collect();
    let found = [
        (&GUESTS, guests, "guests in scope who cannot register"),
        (&EXCLUDED, excluded, "users included and excluded"),
        (&OUT_OF_SCOPE, outside, "users in no target that allows a profile"),
        (&B2B_MEMBERS, b2b, "B2B users of type Member"),
    ];
    for (page, names, what) in found.into_iter().filter(|(_, names, _)| !names.is_empty()) {
        report.at(page, Resource::Users, &JsonPath::default(), format!("{} {what}: {}.", names.len(), some(&names)));
    }
    members(report);
    owners(report);
}

fn is_member(user: &crate::graph::User) -> bool {
    user.user_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("member"))
}

/// Members of targeted groups whom nobody knows.
fn members(report: &mut Report<'_>) {
    let tenant = report.tenant;
    if tenant.users.is_none() {
        return;
    }
    for (index, group) in tenant.groups().iter().enumerate() {
        let id = group.id.as_deref().unwrap_or_default();
        if tenant.index.targeted(id).is_none() {
            continue;
        }
        let known = |name: &str| tenant.index.user(name).is_some() || tenant.index.group(name).is_some();
        let unknown: Vec<_> =
            group.members.iter().flatten().map(crate::graph::Member::name).filter(|name| !known(name)).collect();
        if !unknown.is_empty() {
            let at = tenant.groups.as_ref().map(|groups| groups.path(index)).unwrap_or_default();
            let message = format!("{} members of “{}” are unknown: {}.", unknown.len(), group.label(), some(&unknown));
            report.at(&UNKNOWN_MEMBER, Resource::Groups, &at.then("members"), message);
        }
    }
}

fn owners(report: &mut Report<'_>) {
    let tenant = report.tenant;
    let Some(passkeys) = tenant.passkeys.as_ref().filter(|_| tenant.users.is_some()) else { return };
    let mut seen = HashSet::new();
    for (owner, _) in &passkeys.by_user {
        if tenant.find_user(owner).is_none() && seen.insert(owner) {
            let message = format!("No user of users.json is called “{owner}”.");
            report.at(&UNKNOWN_OWNER, Resource::Passkeys, &path(owner), message);
        }
    }
}
