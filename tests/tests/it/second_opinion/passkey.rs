//! What the text says about a passkey: its type, its AAGUID, its attestation.

use lab_entra::{
    AttestationFacts, AttestationKind, Candidate, InAppAttestation, MetadataEntry, Passkey, RegistrationPath, Trust,
};
use serde_json::Value;

use super::logic::Truth::{self, Fails, Holds, Open};
use super::logic::says;
use super::people::{list, reads};

/// Section 7.
pub const AUTHENTICATOR: [&str; 2] = ["de1e552d-db1d-4423-a619-566b625cdc84", "90a3ccdf-635c-4729-a248-9b709135078f"];
pub const WINDOWS_HELLO: [&str; 3] = [
    "08987058-cadc-4b81-b6e1-30de50dcbe96",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2",
];
pub const SAMSUNG_PASS: &str = "53414d53-554e-4700-0000-000000000000";

pub fn is_windows_hello(passkey: &Passkey) -> bool {
    WINDOWS_HELLO.contains(&passkey.aaguid.to_string().as_str())
}

/// Section 9, step 6, and section 12 for Samsung Pass.
pub fn is_synced(tenant: &Value, passkey: &Passkey) -> bool {
    let samsung = reads(tenant, "samsungPass", "synced") && passkey.aaguid.to_string() == SAMSUNG_PASS;
    let by_state = reads(tenant, "syncedIs", "backupState");
    samsung || if by_state { passkey.backup_state } else { passkey.backup_eligible }
}

/// Section 1.4, step 5, first condition. Section 1.2: nobody knows what an unknown member stands for.
pub fn type_is_taken(tenant: &Value, profile: &Value, passkey: &Passkey) -> Truth {
    let rule = "entra/passkey-type";
    let own = if is_synced(tenant, passkey) { "synced" } else { "deviceBound" };
    let members: Vec<_> = profile["passkeyTypes"].as_str().unwrap_or_default().split(',').map(str::trim).collect();
    let known = members.iter().all(|member| ["deviceBound", "synced"].contains(member));
    if members.contains(&own) || known { says(rule, members.contains(&own)) } else { Open(rule) }
}

/// Section 1.4, the key restriction rule.
pub fn aaguid_passes(tenant: &Value, restrictions: &Value, passkey: &Passkey) -> Option<bool> {
    if restrictions["isEnforced"] != true {
        return Some(true);
    }
    let empty = list(&restrictions["aaGuids"]).is_empty();
    match restrictions["enforcementType"].as_str() {
        Some("allow") if empty && reads(tenant, "emptyAllowList", "allowsAll") => Some(true),
        Some("allow") => Some(lists(restrictions, passkey)),
        Some("block") => Some(!lists(restrictions, passkey)),
        _ => None,
    }
}

/// Section 1.2: AAGUIDs are the same in upper and lower case.
fn lists(restrictions: &Value, passkey: &Passkey) -> bool {
    let aaguid = passkey.aaguid.to_string();
    list(&restrictions["aaGuids"]).iter().filter_map(Value::as_str).any(|entry| entry.eq_ignore_ascii_case(&aaguid))
}

pub fn aaguid_is_taken(tenant: &Value, profile: &Value, passkey: &Passkey) -> Truth {
    let rule = "entra/key-restrictions";
    aaguid_passes(tenant, &profile["keyRestrictions"], passkey).map_or(Open(rule), |passes| says(rule, passes))
}

/// Sections 1.8 and 12: by the other reading, which is the preview's, Windows Hello needs an explicit
/// allow list that names it.
pub fn windows_hello_is_taken(tenant: &Value, profile: &Value, passkey: &Passkey) -> Truth {
    let restrictions = &profile["keyRestrictions"];
    let allow_list = restrictions["isEnforced"] == true && restrictions["enforcementType"] == "allow";
    let named = allow_list && lists(restrictions, passkey);
    let wanted = reads(tenant, "windowsHelloUnlisted", "refused") && is_windows_hello(passkey);
    says("entra/windows-hello", named || !wanted)
}

/// Whether a registration is attested, or nobody can say (section 9, step 7; sections 1.6, 2.8, 2.9).
pub fn is_attested(tenant: &Value, candidate: &Candidate<'_>, path: RegistrationPath) -> Option<bool> {
    let facts = &candidate.attestation;
    let aaguid = candidate.passkey.aaguid.to_string();
    if is_synced(tenant, &candidate.passkey) {
        return Some(false);
    }
    if AUTHENTICATOR.contains(&aaguid.as_str()) {
        // Inside the app there is a verdict; where the case does not say which, nobody can say.
        let unsaid = path == RegistrationPath::InApp && facts.in_app.is_none();
        return if unsaid { None } else { Some(facts.in_app == Some(InAppAttestation::Passed)) };
    }
    let chained = matches!(facts.kind, AttestationKind::Basic | AttestationKind::AttCa | AttestationKind::AnonCa);
    if facts.format != "packed" || !chained || is_windows_hello(&candidate.passkey) {
        return Some(false);
    }
    if facts.metadata.is_some_and(|said| said.entry == MetadataEntry::Missing) {
        return Some(false);
    }
    match facts.trust {
        Trust::Untrusted | Trust::NoPath => Some(false),
        Trust::NotChecked => None,
        Trust::Trusted | Trust::TrustedStandIn => is_certified(tenant, facts),
    }
}

/// Section 2.8, the column for enforced attestation.
fn is_certified(tenant: &Value, facts: &AttestationFacts<'_>) -> Option<bool> {
    match facts.metadata {
        Some(said) => {
            let known = said.entry == MetadataEntry::Listed || reads(tenant, "newInMetadata", "atOnce");
            let clean = said.adverse.is_none() || reads(tenant, "adverseStatus", "ignored");
            let features = said.fido2 && said.has_uv && said.has_rk && said.has_hmac_secret;
            Some(known && clean && said.certified && features)
        }
        None if reads(tenant, "certificationUnchecked", "undecided") => None,
        None => Some(true),
    }
}

/// Section 1.4, step 5, last condition; where attestation is not enforced, section 2.8's other column.
pub fn statement_is_taken(
    tenant: &Value,
    profile: &Value,
    candidate: &Candidate<'_>,
    path: RegistrationPath,
) -> Vec<Truth> {
    let rule = "entra/attestation";
    match profile["attestationEnforcement"].as_str() {
        Some("registrationOnly") => {
            vec![is_attested(tenant, candidate, path).map_or(Open(rule), |attested| says(rule, attested))]
        }
        Some("disabled") => unenforced(tenant, &candidate.attestation),
        _ => vec![Open(rule)],
    }
}

/// Section 2.8: `none`, `tpm`, `packed`, or a name of at most 32 characters. Section 2.4: no self
/// attestation. Section 12: an ordinary batch certificate, too.
fn unenforced(tenant: &Value, facts: &AttestationFacts<'_>) -> Vec<Truth> {
    let packed = facts.format == "packed";
    let by_itself = packed && facts.kind == AttestationKind::SelfAttested;
    let by_batch = packed && facts.kind == AttestationKind::Basic;
    vec![
        says("entra/statement-format", facts.format.chars().count() <= 32),
        says("entra/self-attestation", !by_itself || reads(tenant, "selfAttestationUnenforced", "accepted")),
        says("entra/batch-attestation", !by_batch || !reads(tenant, "batchAttestationUnenforced", "refused")),
    ]
}

/// Sections 1.5, 1.6 and 12: attestation is judged when a passkey is registered, so that one that is
/// registered keeps working; by the other reading, a synced one stops.
pub fn survives_attestation(tenant: &Value, profile: &Value, passkey: &Passkey, switch: &str) -> Truth {
    let enforced = profile["attestationEnforcement"] == "registrationOnly";
    let stops = enforced && is_synced(tenant, passkey) && reads(tenant, switch, "stopWorking");
    if stops { Fails("entra/synced-after-attestation") } else { Holds }
}
