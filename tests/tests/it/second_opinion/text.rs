//! The two questions, answered sentence by sentence in the order of the replay (section 9).
//!
//! Sections are those of the lab's Entra fact sheet, as in `fixtures/decisions/README.md`.

use jiff::SignedDuration;
use lab_entra::{Caller, Candidate, Circumstances, Mfa, Passkey, RegistrationPath};
use serde_json::Value;

use super::logic::Truth::{self, Fails, Holds, Open};
use super::logic::{Opinion, every, says, some};
use super::passkey;
use super::people::{Person, is_legacy, reads};

/// What came of the WebAuthn ceremony, with the name of the check that decided.
#[derive(Debug, Clone, Copy)]
pub enum Found {
    Valid,
    Invalid(&'static str),
    Undecided(&'static str),
    NoResponse,
}

impl Found {
    fn sentence(self) -> Truth {
        match self {
            Self::Valid => Holds,
            Self::Invalid(check) => Fails(check),
            Self::Undecided(check) => Open(check),
            Self::NoResponse => Fails(""),
        }
    }
}

/// May this person register this passkey? `candidate` is missing where there is no response to read.
pub fn register(
    tenant: &Value,
    person: &Person<'_>,
    circumstances: &Circumstances,
    (found, candidate): (Found, Option<&Candidate<'_>>),
) -> Opinion {
    let mut profiles = Vec::new();
    let mut sentences = vec![
        method_is_on(tenant),
        says("entra/not-excluded", !person.excluded),
        says("entra/in-scope", !person.profiles.is_empty()),
        self_service_is_on(tenant, circumstances.path),
        caller_may(circumstances.path),
        mfa_is_fresh(tenant, circumstances),
        pass_is_fresh(circumstances),
        says("entra/not-guest", !person.guest),
        found.sentence(),
    ];
    if let Some(candidate) = candidate {
        let path = circumstances.path;
        profiles.extend(person.profiles.iter().map(|profile| at_registration(tenant, profile, candidate, path)));
        sentences.extend(new_passkey_is_taken(tenant, circumstances, candidate));
        sentences.push(some(&profiles));
    }
    Opinion::of(&sentences, &profiles)
}

/// May this person sign in with this passkey, which is registered? The ceremony comes last.
pub fn sign_in(tenant: &Value, person: &Person<'_>, (found, passkey): (Found, Option<&Passkey>)) -> Opinion {
    let mut profiles = Vec::new();
    let left = !person.targeted && reads(tenant, "signInOutsideTargets", "allowed");
    let self_service = tenant["fido2"]["isSelfServiceRegistrationAllowed"] != false;
    let mut sentences = vec![
        method_is_on(tenant),
        says("entra/not-excluded", !person.excluded),
        says("entra/in-scope", left || !person.profiles.is_empty()),
        says("entra/self-service", self_service || !reads(tenant, "selfServiceOffSignIn", "refused")),
    ];
    if let Some(passkey) = passkey {
        profiles.extend(person.profiles.iter().map(|profile| at_sign_in(tenant, profile, passkey)));
        sentences.push(legacy_list_takes(tenant, passkey));
        sentences.push(if left { Holds } else { some(&profiles) });
    }
    sentences.push(found.sentence());
    Opinion::of(&sentences, &profiles)
}

/// Section 1.4, step 1.
fn method_is_on(tenant: &Value) -> Truth {
    let rule = "entra/method-enabled";
    match tenant["fido2"]["state"].as_str() {
        Some("enabled") => Holds,
        Some("disabled") | None => Fails(rule),
        Some(_) => Open(rule),
    }
}

/// Sections 1.2 and 12: switched off, it stops all three ways to register.
fn self_service_is_on(tenant: &Value, path: RegistrationPath) -> Truth {
    let on = tenant["fido2"]["isSelfServiceRegistrationAllowed"] != false;
    let spared = match path {
        RegistrationPath::SecurityInfo => false,
        RegistrationPath::InApp => reads(tenant, "selfServiceOffInApp", "allowed"),
        RegistrationPath::Graph(_) => reads(tenant, "selfServiceOffGraph", "allowed"),
    };
    says("entra/self-service", on || spared)
}

/// Section 9, step 2: over Graph an administrator, and not for oneself.
fn caller_may(path: RegistrationPath) -> Truth {
    says("entra/graph-caller", !matches!(path, RegistrationPath::Graph(Caller::Themself | Caller::Other)))
}

/// Section 9, step 3: five minutes on the web, ten over Graph for oneself; an administrator's own
/// sign-in is not the user's. The app is read like the web (section 12 leaves it open).
fn mfa_is_fresh(tenant: &Value, circumstances: &Circumstances) -> Truth {
    let limit = match circumstances.path {
        RegistrationPath::Graph(Caller::Themself) => 10,
        RegistrationPath::Graph(_) => return Holds,
        RegistrationPath::InApp if reads(tenant, "freshMfaInApp", "notDemanded") => return Holds,
        RegistrationPath::InApp | RegistrationPath::SecurityInfo => 5,
    };
    let fresh = match circumstances.mfa {
        Mfa::NotStated | Mfa::OneTimePass(_) => true,
        Mfa::Missing => false,
        Mfa::Age(age) => age <= SignedDuration::from_mins(limit),
    };
    says("entra/fresh-mfa", fresh)
}

/// Section 9, step 3: with a one-time pass, the registration ends within ten minutes.
fn pass_is_fresh(circumstances: &Circumstances) -> Truth {
    let Mfa::OneTimePass(age) = circumstances.mfa else { return Holds };
    let by_another = matches!(circumstances.path, RegistrationPath::Graph(Caller::Administrator | Caller::Other));
    says("entra/one-time-pass", by_another || age <= SignedDuration::from_mins(10))
}

/// Section 9, steps 5 to 7, as far as they are about the passkey and no profile.
fn new_passkey_is_taken(tenant: &Value, circumstances: &Circumstances, candidate: &Candidate<'_>) -> [Truth; 4] {
    let container = circumstances.windows_hello;
    let occupied = container.for_business && container.platform_credentials <= 50;
    let by_graph = matches!(circumstances.path, RegistrationPath::Graph(_));
    [
        // Section 0, step 3.
        says("entra/algorithm", [-7, -257].contains(&candidate.algorithm)),
        // Section 2.3.
        says("entra/graph-format", !by_graph || ["packed", "none"].contains(&candidate.attestation.format)),
        // Section 1.8.
        says("entra/windows-hello-container", !occupied || !passkey::is_windows_hello(&candidate.passkey)),
        legacy_settings_take(tenant, candidate, circumstances.path),
    ]
}

/// Section 1.4, step 5, at registration.
fn at_registration(tenant: &Value, profile: &Value, candidate: &Candidate<'_>, path: RegistrationPath) -> Vec<Truth> {
    let passkey = &candidate.passkey;
    let mut sentences = vec![
        passkey::type_is_taken(tenant, profile, passkey),
        passkey::aaguid_is_taken(tenant, profile, passkey),
        passkey::windows_hello_is_taken(tenant, profile, passkey),
    ];
    sentences.extend(passkey::statement_is_taken(tenant, profile, candidate, path));
    sentences
}

/// Section 1.4, step 5, at sign-in: without attestation.
fn at_sign_in(tenant: &Value, profile: &Value, passkey: &Passkey) -> Vec<Truth> {
    let legacy = is_legacy(tenant);
    let switch = if legacy { "syncedAfterLegacyAttestation" } else { "syncedAfterAttestation" };
    vec![
        // Section 12: attestation has no say at sign-in, so neither has what it implies about types.
        if legacy { Holds } else { passkey::type_is_taken(tenant, profile, passkey) },
        passkey::aaguid_is_taken(tenant, profile, passkey),
        passkey::windows_hello_is_taken(tenant, profile, passkey),
        passkey::survives_attestation(tenant, profile, passkey, switch),
    ]
}

/// Sections 1.3 and 12: beside profiles the legacy settings are ignored; by the other reading they are
/// demanded, too.
fn legacy_counts(tenant: &Value) -> bool {
    !is_legacy(tenant) && reads(tenant, "legacySettings", "alsoDemanded")
}

fn legacy_list_takes(tenant: &Value, passkey: &Passkey) -> Truth {
    let rule = "entra/legacy-settings";
    if !legacy_counts(tenant) {
        return Holds;
    }
    let passes = passkey::aaguid_passes(tenant, &tenant["fido2"]["keyRestrictions"], passkey);
    passes.map_or(Open(rule), |passes| says(rule, passes))
}

fn legacy_settings_take(tenant: &Value, candidate: &Candidate<'_>, path: RegistrationPath) -> Truth {
    let rule = "entra/legacy-settings";
    if !legacy_counts(tenant) || tenant["fido2"]["isAttestationEnforced"] != true {
        return legacy_list_takes(tenant, &candidate.passkey);
    }
    let attested = passkey::is_attested(tenant, candidate, path).map_or(Open(rule), |attested| says(rule, attested));
    every(&[legacy_list_takes(tenant, &candidate.passkey), attested])
}
