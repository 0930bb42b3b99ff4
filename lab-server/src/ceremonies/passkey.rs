//! A registered passkey, as the directory keeps it and Graph lists it.

use aws_lc_rs::digest;
use jiff::Timestamp;
use lab_directory::RegisteredPasskey;
use lab_directory::passkey::method_id;
use lab_entra::graph::Fido2AuthenticationMethod;
use lab_jobs::live::{Decided, Registered};
use lab_relying_party::CredentialRecord;
use lab_relying_party::registration::Registration;

/// The longest name of a passkey (`DSInternals.Passkeys` @2d23b603 sends 1 to 30 characters).
pub const LONGEST_NAME: usize = 30;

/// Whether a text can be the name of a passkey; that it is not empty is up to the caller.
#[must_use]
pub fn fits_as_name(text: &str) -> bool {
    text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// Whose passkey it becomes.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'o> {
    /// The object id.
    pub user: &'o str,
    /// The user handle that the options carried.
    pub handle: Option<&'o [u8]>,
    /// The name that the passkey was given.
    pub display_name: Option<&'o str>,
    /// When.
    pub at: Timestamp,
}

/// The passkey of a registration; `None` where the response is not valid.
#[must_use]
pub fn passkey(registered: &Registered, decided: &Decided, owner: Owner<'_>) -> Option<RegisteredPasskey> {
    let registration = registered.registration()?;
    let id = method_id(registration.credential_id());
    let profile = decided.step.profiles.iter().find(|profile| profile.matches);
    let record = CredentialRecord { user_handle: owner.handle.map(<[u8]>::to_vec), ..registration.record() };
    Some(RegisteredPasskey {
        user: owner.user.to_owned(),
        method: method(&id, registration, registered, decided, owner),
        record: Some(record),
        flags: Some(registration.flags().0),
        format: Some(registration.format().to_owned()),
        profile: profile.map(|profile| profile.name.clone()),
        id,
    })
}

fn method(
    id: &str,
    registration: &Registration,
    registered: &Registered,
    decided: &Decided,
    owner: Owner<'_>,
) -> Fido2AuthenticationMethod {
    let path = registration.attested().trust_path.iter();
    Fido2AuthenticationMethod {
        id: Some(id.to_owned()),
        display_name: owner.display_name.map(str::to_owned),
        created_date_time: Some(owner.at.to_string()),
        aa_guid: Some(registration.aaguid().to_string()),
        model: registered.case().and_then(|case| case.model.clone()),
        attestation_certificates: Some(path.map(|certificate| thumbprint(certificate)).collect()),
        attestation_level: decided.attestation_level.clone(),
        passkey_type: decided.passkey_type.clone(),
        ..Fido2AuthenticationMethod::default()
    }
}

/// The SHA-1 thumbprint by which Graph names a certificate.
fn thumbprint(certificate: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
