//! The credential record (`webauthn-3 §4`), and the question whether a credential id is taken.

use lab_protocol::Base64Url;
use lab_protocol::cose::{CredentialPublicKey, KeyError};
use serde::{Deserialize, Serialize};

/// What a relying party keeps of a registered credential. The key is kept parsed, so that a sign-in
/// does not read it again.
///
/// As JSON: `id`, `publicKey` (the COSE_Key) and `userHandle` as base64url, `signCount`,
/// `uvInitialized`, `transports`, `backupEligible`, `backupState`, `rpId`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct CredentialRecord {
    /// The credential id.
    pub id: Vec<u8>,
    /// The public key.
    pub public_key: CredentialPublicKey,
    /// The public key as it was attested, a COSE_Key.
    pub cose: Vec<u8>,
    /// The last signature counter.
    pub sign_count: u32,
    /// Whether UV has been seen.
    pub uv_initialized: bool,
    /// How the authenticator can be reached, as the client said at registration.
    pub transports: Vec<String>,
    /// BE; `None` in records from before Level 3.
    pub backup_eligible: Option<bool>,
    /// BS when last seen.
    pub backup_state: bool,
    /// The account; `None` where the caller keeps that elsewhere.
    pub user_handle: Option<Vec<u8>>,
    /// The RP ID that it was registered for, if kept.
    pub rp_id: Option<String>,
}

impl CredentialRecord {
    /// A record of which only id and key are known, as for a captured assertion.
    ///
    /// # Errors
    /// `cose` is not a COSE_Key.
    pub fn of_key(id: impl Into<Vec<u8>>, cose: impl Into<Vec<u8>>) -> Result<Self, KeyError> {
        let cose = cose.into();
        Ok(Self {
            id: id.into(),
            public_key: CredentialPublicKey::parse(&cose)?,
            cose,
            sign_count: 0,
            uv_initialized: false,
            transports: Vec::new(),
            backup_eligible: None,
            backup_state: false,
            user_handle: None,
            rp_id: None,
        })
    }
}

/// A record in its JSON form.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored {
    id: Base64Url,
    public_key: Base64Url,
    #[serde(default)]
    sign_count: u32,
    #[serde(default)]
    uv_initialized: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transports: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backup_eligible: Option<bool>,
    #[serde(default)]
    backup_state: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_handle: Option<Base64Url>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rp_id: Option<String>,
}

impl TryFrom<Stored> for CredentialRecord {
    type Error = KeyError;

    fn try_from(stored: Stored) -> Result<Self, KeyError> {
        Ok(Self {
            sign_count: stored.sign_count,
            uv_initialized: stored.uv_initialized,
            transports: stored.transports,
            backup_eligible: stored.backup_eligible,
            backup_state: stored.backup_state,
            user_handle: stored.user_handle.map(|handle| handle.0),
            rp_id: stored.rp_id,
            ..Self::of_key(stored.id.0, stored.public_key.0)?
        })
    }
}

impl From<CredentialRecord> for Stored {
    fn from(record: CredentialRecord) -> Self {
        Self {
            id: record.id.into(),
            public_key: record.cose.into(),
            sign_count: record.sign_count,
            uv_initialized: record.uv_initialized,
            transports: record.transports,
            backup_eligible: record.backup_eligible,
            backup_state: record.backup_state,
            user_handle: record.user_handle.map(Into::into),
            rp_id: record.rp_id,
        }
    }
}

/// Who holds a credential id already (`webauthn-3 §7.1` step 26).
pub trait KnownCredentials {
    /// The account that `credential_id` is registered to, named as an administrator knows it.
    fn owner(&self, credential_id: &[u8]) -> Option<String>;
}

/// A relying party without any credential.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingKnown;

impl KnownCredentials for NothingKnown {
    fn owner(&self, _: &[u8]) -> Option<String> {
        None
    }
}

impl KnownCredentials for [CredentialRecord] {
    fn owner(&self, credential_id: &[u8]) -> Option<String> {
        let record = self.iter().find(|record| record.id == credential_id)?;
        Some(match &record.user_handle {
            Some(handle) => format!("the account with the user handle {}", lab_protocol::base64url::encode(handle)),
            None => "another account".to_owned(),
        })
    }
}

impl KnownCredentials for Vec<CredentialRecord> {
    fn owner(&self, credential_id: &[u8]) -> Option<String> {
        self.as_slice().owner(credential_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_its_json_form() {
        let cose = crate::testing::Maker::default().cose();
        let record = CredentialRecord {
            sign_count: 7,
            backup_eligible: Some(true),
            user_handle: Some(vec![1, 2]),
            ..CredentialRecord::of_key([9; 16], cose).unwrap()
        };
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.contains(r#""signCount":7"#), "{json}");
        assert_eq!(serde_json::from_str::<CredentialRecord>(&json).unwrap(), record);
    }

    #[test]
    fn a_record_with_a_broken_key_is_refused_with_the_cause() {
        let error = serde_json::from_str::<CredentialRecord>(r#"{"id":"AA","publicKey":"oA"}"#).unwrap_err();
        assert!(error.to_string().contains("names no algorithm"), "{error}");
    }
}
