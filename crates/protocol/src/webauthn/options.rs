//! `PublicKeyCredentialCreationOptionsJSON` and `PublicKeyCredentialRequestOptionsJSON`
//! (`webauthn-3 §5.1.9, §5.1.10`): what a relying party sends to the client.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Base64Url;
use crate::cose::Algorithm;

/// Options for `navigator.credentials.create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicKeyCredentialCreationOptions {
    /// The relying party.
    pub rp: RpEntity,
    /// The account.
    pub user: UserEntity,
    /// The challenge.
    pub challenge: Base64Url,
    /// The key types that are accepted, in order of preference.
    pub pub_key_cred_params: Vec<CredentialParameters>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Credentials that must not be made again on the same authenticator.
    #[serde(default)]
    pub exclude_credentials: Vec<CredentialDescriptor>,
    /// What the authenticator has to be able to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticator_selection: Option<AuthenticatorSelection>,
    /// `none`, `indirect`, `direct` or `enterprise`; anything else counts as `none`.
    #[serde(default = "none")]
    pub attestation: String,
    /// Client extension inputs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extensions: Map<String, Value>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// Options for `navigator.credentials.get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicKeyCredentialRequestOptions {
    /// The challenge.
    pub challenge: Base64Url,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// The RP ID; absent: the caller's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rp_id: Option<String>,
    /// The credentials that may answer; empty: any discoverable one.
    #[serde(default)]
    pub allow_credentials: Vec<CredentialDescriptor>,
    /// `required`, `preferred` or `discouraged`.
    #[serde(default = "preferred")]
    pub user_verification: String,
    /// Client extension inputs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extensions: Map<String, Value>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// The relying party (`PublicKeyCredentialRpEntity`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpEntity {
    /// The RP ID; absent: the caller's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name for people.
    pub name: String,
}

/// The account (`PublicKeyCredentialUserEntityJSON`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserEntity {
    /// The user handle, 1 to 64 bytes.
    pub id: Base64Url,
    /// Such as the user principal name.
    pub name: String,
    /// The name for people.
    pub display_name: String,
}

/// One accepted key type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialParameters {
    /// `public-key`.
    #[serde(rename = "type")]
    pub ty: String,
    /// The COSE algorithm.
    pub alg: Algorithm,
}

/// Names one credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialDescriptor {
    /// `public-key`.
    #[serde(rename = "type")]
    pub ty: String,
    /// The credential id.
    pub id: Base64Url,
    /// How its authenticator can be reached, if known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<String>,
}

/// What the authenticator has to be able to do (`AuthenticatorSelectionCriteria`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorSelection {
    /// `platform` or `cross-platform`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticator_attachment: Option<String>,
    /// `required`, `preferred` or `discouraged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident_key: Option<String>,
    /// The older form of `residentKey`.
    #[serde(default)]
    pub require_resident_key: bool,
    /// `required`, `preferred` or `discouraged`.
    #[serde(default = "preferred")]
    pub user_verification: String,
}

impl AuthenticatorSelection {
    /// Whether a discoverable credential is required (`webauthn-3 §5.4.4`).
    #[must_use]
    pub fn requires_resident_key(&self) -> bool {
        self.resident_key.as_deref().map_or(self.require_resident_key, |value| value == "required")
    }
}

impl CredentialParameters {
    /// A public-key parameter.
    #[must_use]
    pub fn new(alg: Algorithm) -> Self {
        Self { ty: "public-key".to_owned(), alg }
    }
}

impl CredentialDescriptor {
    /// A public-key descriptor without transports.
    #[must_use]
    pub fn new(id: impl Into<Base64Url>) -> Self {
        Self { ty: "public-key".to_owned(), id: id.into(), transports: Vec::new() }
    }
}

fn none() -> String {
    "none".to_owned()
}

fn preferred() -> String {
    "preferred".to_owned()
}
