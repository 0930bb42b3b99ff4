//! Targets: whom they reach, and what they allow.

use super::{Page, Report, Severity, path};
use crate::graph::{JsonPath, TargetType};
use crate::policy::{ALL_USERS, same};
use crate::source::{self, Evidence};
use crate::tenant::Resource;

pub(super) static PAGES: &[&Page] =
    &[&NO_TARGET, &UNKNOWN_PROFILE, &NO_PROFILE, &UNKNOWN_GROUP, &UNKNOWN_USER, &USER_TARGET, &BOTH];

static NO_TARGET: Page = Page {
    id: "tenant/no-include-target",
    severity: Severity::Error,
    what: "The policy has no include target.",
    why: "Nobody is in scope.",
    hint: "Add a group, or all_users.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

static UNKNOWN_PROFILE: Page = Page {
    id: "tenant/target-unknown-profile",
    severity: Severity::Error,
    what: "A target allows a profile that the tenant does not have.",
    why: "It allows nothing by it; who relies on it is locked out.",
    hint: "Correct the id in allowedPasskeyProfiles.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

static NO_PROFILE: Page = Page {
    id: "tenant/target-without-profile",
    severity: Severity::Warning,
    what: "A target allows no profile although the tenant has profiles.",
    why: "The lab takes it that its users have nothing to register with.",
    hint: "Name a profile in allowedPasskeyProfiles.",
    evidence: Evidence::Assumed,
    source: &source::GRAPH_POLICY,
};

static UNKNOWN_GROUP: Page = Page {
    id: "tenant/target-unknown-group",
    severity: Severity::Warning,
    what: "A target names a group that groups.json does not have.",
    why: "The lab does not know who is in it, and takes it as empty.",
    hint: "Export the group with its members.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static UNKNOWN_USER: Page = Page {
    id: "tenant/target-unknown-user",
    severity: Severity::Warning,
    what: "A target names a user that users.json does not have.",
    why: "It reaches nobody in this tenant.",
    hint: "Export the user, or take the target out.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static USER_TARGET: Page = Page {
    id: "tenant/target-type-user",
    severity: Severity::Warning,
    what: "A target has the type “user”.",
    why: "Microsoft has advised against it since December 2022; the lab matches it by the user's id.",
    hint: "Move the user into a group and target that.",
    evidence: Evidence::Assumed,
    source: &source::GRAPH_POLICY,
};

static BOTH: Page = Page {
    id: "tenant/target-included-and-excluded",
    severity: Severity::Warning,
    what: "The same group, or everybody, is included and excluded.",
    why: "The exclusion wins: the inclusion reaches nobody.",
    hint: "Take it out of one of the two.",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
};

/// A target of either kind.
struct Seen<'t> {
    at: JsonPath,
    id: &'t str,
    user: bool,
    label: &'t str,
}

pub(super) fn check(report: &mut Report<'_>) {
    let tenant = report.tenant;
    if tenant.fido2.includes().is_empty() {
        let message = "The policy has no include target: nobody is in scope.".to_owned();
        report.policy(&NO_TARGET, &path("includeTargets"), message);
    }
    let targets =
        |property: &str, targets: Vec<(&'_ Option<String>, &'_ Option<TargetType>)>| -> Vec<(JsonPath, String, bool)> {
            let each = targets.into_iter().enumerate();
            let seen = |(index, (id, kind)): (usize, (&Option<String>, &Option<TargetType>))| {
                Some((path(property).then(index), id.clone()?, matches!(kind, Some(TargetType::User))))
            };
            each.filter_map(seen).collect()
        };
    let includes =
        targets("includeTargets", tenant.fido2.includes().iter().map(|it| (&it.id, &it.target_type)).collect());
    let excludes =
        targets("excludeTargets", tenant.fido2.excludes().iter().map(|it| (&it.id, &it.target_type)).collect());
    let labels = tenant.policy.includes.iter().chain(&tenant.policy.excludes).map(|target| target.label.as_str());
    for ((at, id, user), label) in includes.iter().chain(&excludes).zip(labels) {
        reach(report, &Seen { at: at.clone(), id, user: *user, label });
    }
    for (at, id, _) in includes.iter().filter(|(_, id, _)| excludes.iter().any(|(_, other, _)| same(id, other))) {
        report.policy(&BOTH, at, format!("{id} is included here and excluded too: the exclusion wins."));
    }
    profiles(report);
}

fn reach(report: &mut Report<'_>, target: &Seen<'_>) {
    let tenant = report.tenant;
    if target.id.eq_ignore_ascii_case(ALL_USERS) {
        return;
    }
    if target.user {
        let message = format!("The target {} has the type “user”.", target.id);
        report.policy(&USER_TARGET, &target.at.then("targetType"), message);
        if tenant.place(Resource::Users).is_some() && tenant.find_user(target.id).is_none() {
            let message = format!("No user of users.json has the id {}.", target.id);
            report.policy(&UNKNOWN_USER, &target.at.then("id"), message);
        }
    } else if tenant.index.group(target.id).is_none() {
        let message = format!("The group {} is not in groups.json: the lab takes it as empty.", target.label);
        let severity = if tenant.place(Resource::Groups).is_some() { Severity::Warning } else { Severity::Info };
        report.policy(&UNKNOWN_GROUP, &target.at.then("id"), message).severity = severity;
    }
}

fn profiles(report: &mut Report<'_>) {
    let (fido2, policy) = (&report.tenant.fido2, &report.tenant.policy);
    for (index, (target, resolved)) in fido2.includes().iter().zip(&policy.includes).enumerate() {
        let at = path("includeTargets").then(index).then("allowedPasskeyProfiles");
        let ids = target.allowed_passkey_profiles.as_deref().unwrap_or_default();
        if ids.is_empty() && !policy.implied {
            report.policy(&NO_PROFILE, &at, format!("The target “{}” allows no profile.", resolved.label));
        }
        let unknown = |id: &&String| !fido2.profiles().iter().filter_map(|it| it.id.as_ref()).any(|own| same(own, id));
        for (entry, id) in ids.iter().enumerate().filter(|(_, id)| unknown(id)) {
            let message = format!("The target “{}” allows {id}, and no profile has this id.", resolved.label);
            report.policy(&UNKNOWN_PROFILE, &at.then(entry), message);
        }
    }
}
