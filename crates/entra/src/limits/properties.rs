//! Properties and enum members that the lab does not know.

use std::collections::BTreeMap;

use super::{Page, Report, Severity, path};
use crate::graph::{Fido2KeyRestrictions, GraphObject, JsonPath};
use crate::source::{self, Evidence};
use crate::tenant::Resource;
use lab_protocol::nearest::nearest;

pub(super) static PAGES: &[&Page] = &[&UNKNOWN_PROPERTY, &UNKNOWN_VALUE];

static UNKNOWN_PROPERTY: Page = Page {
    id: "tenant/unknown-property",
    severity: Severity::Warning,
    what: "A property that the lab does not know. It is kept and decides nothing.",
    why: "It may be newer than the lab and change Entra's answer, or be mistyped.",
    hint: "Compare it with Graph's reference pages.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static UNKNOWN_VALUE: Page = Page {
    id: "tenant/unknown-value",
    severity: Severity::Warning,
    what: "A member of an enum that the lab does not know. It is kept; verdicts that rest on it are unknown.",
    why: "It may be newer than the lab, or be mistyped.",
    hint: "Compare it with Graph's reference pages.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

/// What Graph returns of groups and users by default and the lab has no use for.
const BY_DEFAULT: &[&str] = &[
    "businessPhones",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "accountEnabled",
    "creationType",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "createdDateTime",
    "deletedDateTime",
    "classification",
    "creationOptions",
    "description",
    "expirationDateTime",
    "groupTypes",
    "isAssignableToRole",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesDomainName",
    "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "onPremisesProvisioningErrors",
    "preferredDataLocation",
    "proxyAddresses",
    "renewedDateTime",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "securityEnabled",
    "securityIdentifier",
    "serviceProvisioningErrors",
    "theme",
    "uniqueName",
    "visibility",
    "comment",
];

pub(super) fn check(report: &mut Report<'_>) {
    let fido2 = &report.tenant.fido2;
    object(report, &JsonPath::default(), fido2);
    if let Some(state) = &fido2.state {
        value(report, &path("state"), state.unknown());
    }
    fido2.key_restrictions.iter().for_each(|list| restrictions(report, &path("keyRestrictions"), list));
    for (index, profile) in fido2.profiles().iter().enumerate() {
        let at = path("passkeyProfiles").then(index);
        object(report, &at, profile);
        let types = profile.passkey_types.iter().flat_map(|types| types.unknown());
        types.for_each(|member| value(report, &at.then("passkeyTypes"), Some(member)));
        if let Some(enforcement) = &profile.attestation_enforcement {
            value(report, &at.then("attestationEnforcement"), enforcement.unknown());
        }
        profile.key_restrictions.iter().for_each(|list| restrictions(report, &at.then("keyRestrictions"), list));
    }
    for (index, target) in fido2.includes().iter().enumerate() {
        let at = path("includeTargets").then(index);
        object(report, &at, target);
        value(report, &at.then("targetType"), target.target_type.as_ref().and_then(|kind| kind.unknown()));
    }
    for (index, target) in fido2.excludes().iter().enumerate() {
        let at = path("excludeTargets").then(index);
        object(report, &at, target);
        value(report, &at.then("targetType"), target.target_type.as_ref().and_then(|kind| kind.unknown()));
    }
    directory(report);
}

fn restrictions(report: &mut Report<'_>, at: &JsonPath, list: &Fido2KeyRestrictions) {
    object(report, at, list);
    value(report, &at.then("enforcementType"), list.enforcement_type.as_ref().and_then(|kind| kind.unknown()));
}

fn object<T: GraphObject>(report: &mut Report<'_>, at: &JsonPath, object: &T) {
    for name in object.unknown() {
        let message = format!("{} has the property “{name}”, which the lab does not know.", T::NAME);
        let finding = report.policy(&UNKNOWN_PROPERTY, &at.then(name), message);
        finding.hint = nearest(name, T::PROPERTIES.iter().copied()).map(|near| format!("Perhaps “{near}” was meant."));
    }
}

fn value(report: &mut Report<'_>, at: &JsonPath, unknown: Option<&str>) {
    if let Some(text) = unknown {
        let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
        report.policy(&UNKNOWN_VALUE, at, format!("“{shown}” is no member that the lab knows."));
    }
}

/// Groups, users and passkeys: one finding for each name, with its number.
fn directory(report: &mut Report<'_>) {
    let tenant = report.tenant;
    let passkeys =
        tenant.passkeys.iter().flat_map(|passkeys| &passkeys.by_user).flat_map(|(_, methods)| &methods.value);
    count(report, Resource::Groups, tenant.groups().iter());
    count(report, Resource::Users, tenant.users().iter());
    count(report, Resource::Passkeys, passkeys);
}

fn count<'t, T: GraphObject + 't>(report: &mut Report<'_>, resource: Resource, objects: impl Iterator<Item = &'t T>) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    objects.flat_map(GraphObject::unknown).for_each(|name| *names.entry(name).or_default() += 1);
    for (name, count) in names.into_iter().filter(|(name, _)| !BY_DEFAULT.contains(name)) {
        let message = format!("{count} × {} with the property “{name}”, which the lab does not know.", T::NAME);
        report.at(&UNKNOWN_PROPERTY, resource, &JsonPath::default(), message).severity = Severity::Info;
    }
}
