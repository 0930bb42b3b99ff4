//! A sign-in before the library.

use lab_protocol::webauthn::Flags;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{COSEKey, Credential, CredentialV3};
use webauthn_rs_proto::PublicKeyCredential;

use super::case::Authentication;
use super::relying_party::{self, Refusal};

/// A sentence on what was accepted, or why nothing was.
pub(super) fn judge(case: &Authentication<'_>) -> Result<String, Refusal> {
    let core = relying_party::core(&case.ceremony)?;
    let challenge =
        core.new_challenge_authenticate_builder(vec![credential(case)?], Some(relying_party::policy(&case.ceremony)))?;
    let (_, state) = core.generate_challenge_authenticate(challenge)?;
    let state = relying_party::with_challenge(&state, case.ceremony.challenge)?;
    let response: PublicKeyCredential = relying_party::response(case.response)?;
    let result = core.authenticate_credential(&response, &state)?;
    Ok(format!("it accepts the sign-in: signature counter {}, UV {}", result.counter(), result.user_verified()))
}

/// The stored credential in the library's form; it reads the COSE_Key itself.
fn credential(case: &Authentication<'_>) -> Result<Credential, Refusal> {
    let stored = &case.credential;
    let key: serde_cbor_2::Value = serde_cbor_2::from_slice(stored.public_key).map_err(WebauthnError::from)?;
    let mut credential = Credential::from(CredentialV3 {
        cred_id: stored.id.to_vec(),
        cred: COSEKey::try_from(&key)?,
        counter: stored.sign_count,
        verified: case.ceremony.require_user_verification,
        registration_policy: relying_party::policy(&case.ceremony),
    });
    credential.backup_eligible = stored.backup_eligible.unwrap_or_else(|| flag(case, Flags::BE));
    credential.backup_state = stored.backup_state.unwrap_or_else(|| flag(case, Flags::BS));
    Ok(credential)
}

fn flag(case: &Authentication<'_>, wanted: Flags) -> bool {
    case.response.response.authenticator_data.get(32).is_some_and(|byte| Flags(*byte).has(wanted))
}
