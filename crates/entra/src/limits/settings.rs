//! Settings of the whole policy: state, self-service, defaults, legacy settings, and the lab's own.

use super::{Page, Report, Severity, path, some};
use crate::graph::{Fido2KeyRestrictions, JsonPath, PasskeyProfile};
use crate::policy::same;
use crate::source::{self, Evidence};
use crate::tenant::Resource;

pub(super) static PAGES: &[&Page] = &[&METHOD_OFF, &SELF_SERVICE_OFF, &MISSING_PROPERTY, &LEGACY_IGNORED, &SWITCHED];

static METHOD_OFF: Page = Page {
    id: "tenant/method-off",
    severity: Severity::Error,
    what: "Passkeys are not switched on.",
    why: "Nobody can register or use a passkey, whatever the profiles say.",
    hint: "Set state to “enabled”.",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
};

static SELF_SERVICE_OFF: Page = Page {
    id: "tenant/self-service-off",
    severity: Severity::Warning,
    what: "isSelfServiceRegistrationAllowed is false.",
    why: "Nobody can register a passkey in Security info; Graph's known issues say that provisioning fails too.",
    hint: "Set isSelfServiceRegistrationAllowed to true before a rollout.",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
};

static MISSING_PROPERTY: Page = Page {
    id: "tenant/missing-property",
    severity: Severity::Warning,
    what: "A property that the policy needs is missing or null.",
    why: "The lab reads it as Graph's factory default, or cannot tell; the export is probably not complete.",
    hint: "Export the policy again, with every property.",
    evidence: Evidence::Documented,
    source: &source::GRAPH_POLICY,
};

static LEGACY_IGNORED: Page = Page {
    id: "tenant/legacy-contradicts",
    severity: Severity::Info,
    what: "The deprecated settings say something else than the default profile.",
    why: "Once a tenant has profiles they alone decide; who reads the old settings is misled. They go in October 2027.",
    hint: "Read the profiles. Bring the deprecated settings in line, or leave them.",
    evidence: Evidence::Assumed,
    source: &source::GRAPH_POLICY,
};

static SWITCHED: Page = Page {
    id: "tenant/assumption-changed",
    severity: Severity::Info,
    what: "lab.json reads something that Microsoft leaves open in the other way than the lab does.",
    why: "Verdicts of this tenant differ from those of the same policy without it.",
    hint: "Keep it if you have seen Entra do so, and tell others.",
    evidence: Evidence::Assumed,
    source: &source::LAB,
};

pub(super) fn check(report: &mut Report<'_>) {
    let (fido2, policy) = (&report.tenant.fido2, &report.tenant.policy);
    match &fido2.state {
        Some(state) if state.as_str() == "enabled" || state.unknown().is_some() => {}
        Some(state) => {
            report.policy(&METHOD_OFF, &path("state"), format!("state is “{state}”: nobody can use a passkey."));
        }
        None => {
            let message = "state is missing, which is read as “disabled”: nobody can use a passkey.".to_owned();
            report.policy(&METHOD_OFF, &path("state"), message);
        }
    }
    if !policy.self_service {
        let message = "Self-service is off: nobody can register a passkey.".to_owned();
        report.policy(&SELF_SERVICE_OFF, &path("isSelfServiceRegistrationAllowed"), message);
    }
    missing(report);
    legacy(report);
    for switch in policy.switches.departures() {
        let message = format!("{} is “{}”; the lab's own reading is “{}”.", switch.name, switch.other, switch.default);
        report.at(&SWITCHED, Resource::Lab, &path("switches").then(switch.name), message);
    }
}

fn missing(report: &mut Report<'_>) {
    let fido2 = &report.tenant.fido2;
    let implied = report.tenant.policy.implied;
    let mut absent = vec![
        (path("includeTargets"), fido2.include_targets.is_none(), "read as none: nobody is in scope"),
        (
            path("isSelfServiceRegistrationAllowed"),
            fido2.is_self_service_registration_allowed.is_none(),
            "read as true",
        ),
        (path("isAttestationEnforced"), implied && fido2.is_attestation_enforced.is_none(), "read as true"),
        (path("keyRestrictions"), implied && fido2.key_restrictions.is_none(), "read as not enforced"),
    ];
    absent.extend(fido2.key_restrictions.iter().flat_map(|list| type_missing(&path("keyRestrictions"), list)));
    for (index, profile) in fido2.profiles().iter().enumerate() {
        profile_missing(&path("passkeyProfiles").then(index), profile, &mut absent);
    }
    for (place, _, reading) in absent.into_iter().filter(|(_, absent, _)| *absent) {
        report.policy(&MISSING_PROPERTY, &place, format!("{place} is missing or null; {reading}."));
    }
}

fn profile_missing(at: &JsonPath, profile: &PasskeyProfile, absent: &mut Vec<(JsonPath, bool, &'static str)>) {
    const UNKNOWN: &str = "verdicts that rest on it are unknown";
    absent.push((at.then("id"), profile.id.is_none(), "no target can name this profile"));
    absent.push((at.then("passkeyTypes"), profile.passkey_types.is_none(), UNKNOWN));
    absent.push((at.then("attestationEnforcement"), profile.attestation_enforcement.is_none(), "read as disabled"));
    absent.push((at.then("keyRestrictions"), profile.key_restrictions.is_none(), "read as not enforced"));
    absent.extend(profile.key_restrictions.iter().flat_map(|list| type_missing(&at.then("keyRestrictions"), list)));
}

fn type_missing(at: &JsonPath, list: &Fido2KeyRestrictions) -> Option<(JsonPath, bool, &'static str)> {
    let absent = list.is_enforced == Some(true) && list.enforcement_type.is_none();
    Some((at.then("enforcementType"), absent, "verdicts that rest on it are unknown"))
}

fn legacy(report: &mut Report<'_>) {
    let policy = &report.tenant.policy;
    let Some(legacy) = &policy.legacy else { return };
    let Some(default) = report.tenant.fido2.default_passkey_profile.as_deref() else { return };
    let Some(profile) = policy.profiles.iter().find(|profile| same(&profile.id, default)) else { return };
    let given = &report.tenant.fido2;
    let attestation = given.is_attestation_enforced.is_some() && legacy.attestation != profile.attestation;
    let keys = given.key_restrictions.is_some() && legacy.keys != profile.keys;
    let differ: Vec<_> = [(attestation, "isAttestationEnforced"), (keys, "keyRestrictions")]
        .into_iter()
        .filter_map(|(differs, name)| differs.then_some(name))
        .collect();
    if differ.is_empty() {
        return;
    }
    let message = format!("{} contradict the default profile “{}” and are ignored.", some(&differ), profile.name);
    report.policy(&LEGACY_IGNORED, &JsonPath::default(), message);
}
