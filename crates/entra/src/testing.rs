//! What the tests of this crate share: tenants from small JSON, and passkeys by name.

use serde_json::{Value, json};

use crate::aaguids;
use crate::{
    Aaguid, AttestationFacts, AttestationKind, Candidate, Ceremony, Circumstances, Decision, InAppAttestation, Passkey,
    Persona, RegistrationPath, Tenant, TenantFile, Trust, UserFacts, scope,
};

pub(crate) const YUBIKEY: Aaguid = Aaguid(0xa253_42c0_3cdc_4414_8e46_f480_7fca_511c_u128.to_be_bytes());
pub(crate) const ICLOUD: Aaguid = Aaguid(0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd_u128.to_be_bytes());

/// The tenant with these keys.
pub(crate) fn tenant(whole: &Value) -> Tenant {
    Tenant::from_files(&[TenantFile { name: "tenant.json", text: &whole.to_string() }]).unwrap()
}

/// The error of a file that cannot be read, as its sentence.
pub(crate) fn refusal(name: &str, text: &str) -> String {
    Tenant::from_files(&[TenantFile { name, text }]).unwrap_err().to_string()
}

/// A profile; `list` is what the restriction allows, `None` for any.
pub(crate) fn profile(number: u8, types: &str, attested: bool, list: Option<&[Aaguid]>) -> Value {
    let entries: Vec<_> = list.unwrap_or_default().iter().map(ToString::to_string).collect();
    json!({
        "id": id(number), "name": format!("P{number}"), "passkeyTypes": types,
        "attestationEnforcement": if attested { "registrationOnly" } else { "disabled" },
        "keyRestrictions": {"isEnforced": list.is_some(), "enforcementType": "allow", "aaGuids": entries},
    })
}

pub(crate) fn id(number: u8) -> String {
    format!("00000000-0000-0000-0000-{number:012}")
}

/// A policy in which everybody may use each of these profiles.
pub(crate) fn fido2(profiles: &[Value]) -> Value {
    let ids: Vec<_> = profiles.iter().map(|profile| profile["id"].clone()).collect();
    json!({
        "id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
        "isAttestationEnforced": false, "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []},
        "defaultPasskeyProfile": ids.first(), "passkeyProfiles": profiles, "excludeTargets": [],
        "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": false, "allowedPasskeyProfiles": ids}],
    })
}

/// A tenant of [`fido2`], with switches in their other reading.
pub(crate) fn with_switches(fido2: &Value, switches: &Value) -> Tenant {
    tenant(&json!({"fido2": fido2, "lab": {"switches": switches}}))
}

pub(crate) fn anybody(tenant: &Tenant) -> UserFacts {
    scope::scope_of(tenant, &Persona::Groups(Vec::new()))
}

/// A device-bound security key with a batch certificate that chains to a stand-in root.
pub(crate) fn yubikey() -> Candidate<'static> {
    Candidate {
        passkey: Passkey { aaguid: YUBIKEY, backup_eligible: false, backup_state: false },
        attestation: AttestationFacts {
            format: "packed",
            kind: AttestationKind::Basic,
            trust: Trust::TrustedStandIn,
            metadata: None,
            in_app: None,
        },
        algorithm: -7,
    }
}

/// A synced passkey without attestation.
pub(crate) fn icloud() -> Candidate<'static> {
    let passkey = Passkey { aaguid: ICLOUD, backup_eligible: true, backup_state: true };
    Candidate { passkey, attestation: AttestationFacts::NONE, algorithm: -7 }
}

/// Microsoft Authenticator on iOS.
pub(crate) fn authenticator(in_app: Option<InAppAttestation>) -> Candidate<'static> {
    let passkey = Passkey { aaguid: aaguids::AUTHENTICATOR_IOS, backup_eligible: false, backup_state: false };
    Candidate { passkey, attestation: AttestationFacts { in_app, ..AttestationFacts::NONE }, algorithm: -7 }
}

/// Windows Hello with its TPM.
pub(crate) fn windows_hello() -> Candidate<'static> {
    let passkey = Passkey { aaguid: aaguids::WINDOWS_HELLO_HARDWARE, backup_eligible: false, backup_state: false };
    let facts = AttestationFacts { format: "tpm", kind: AttestationKind::Unknown, ..AttestationFacts::NONE };
    Candidate { passkey, attestation: facts, algorithm: -257 }
}

pub(crate) fn path(path: RegistrationPath) -> Circumstances {
    Circumstances { path, ..Circumstances::default() }
}

/// What a decision says in short: verdict, what decided, and what failed for each profile.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) verdict: &'static str,
    pub(crate) by: Option<&'static str>,
    pub(crate) message: String,
    pub(crate) hint: String,
    pub(crate) failed: Vec<Vec<&'static str>>,
    /// Id, outcome and sentence of each entry.
    pub(crate) trace: Vec<(&'static str, &'static str, String)>,
}

impl Said {
    pub(crate) fn of(decision: &Decision<'_>) -> Self {
        let failed = |profile: &crate::ProfileOutcome<'_>| profile.failed.iter().map(|rule| rule.check.id).collect();
        let entries = decision.trace.entries().iter();
        Self {
            verdict: decision.verdict.name(),
            by: decision.decided_by.map(|check| check.id),
            message: decision.message().unwrap_or_default(),
            hint: decision.hint().unwrap_or_default().to_owned(),
            failed: decision.profiles.iter().map(failed).collect(),
            trace: entries.map(|entry| (entry.check.id, entry.finding.outcome.name(), entry.message())).collect(),
        }
    }

    /// The verdict and what decided.
    pub(crate) fn short(&self) -> (&str, Option<&str>) {
        (self.verdict, self.by)
    }

    /// The outcomes of the entries with this id.
    pub(crate) fn outcomes(&self, id: &str) -> Vec<&str> {
        self.trace.iter().filter(|(other, ..)| *other == id).map(|(_, outcome, _)| *outcome).collect()
    }
}

pub(crate) fn register(tenant: &Tenant, candidate: &Candidate<'_>) -> Said {
    register_by(tenant, &anybody(tenant), &Circumstances::default(), candidate)
}

pub(crate) fn register_by(
    tenant: &Tenant,
    facts: &UserFacts,
    circumstances: &Circumstances,
    candidate: &Candidate<'_>,
) -> Said {
    Said::of(&crate::register(tenant, facts, circumstances, Ceremony::valid(candidate)))
}

pub(crate) fn sign_in(tenant: &Tenant, passkey: &Passkey) -> Said {
    sign_in_by(tenant, &anybody(tenant), passkey)
}

pub(crate) fn sign_in_by(tenant: &Tenant, facts: &UserFacts, passkey: &Passkey) -> Said {
    Said::of(&crate::sign_in(tenant, facts, Ceremony::valid(passkey)))
}
