//! `RegistrationResponseJSON` and `AuthenticationResponseJSON` (`webauthn-3 §5.1.5`): what a client
//! sends back, as `PublicKeyCredential.toJSON()` writes it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Base64Url;

/// The result of `navigator.credentials.create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationResponse {
    /// The credential id as text.
    pub id: String,
    /// The credential id.
    pub raw_id: Base64Url,
    /// The authenticator's part.
    pub response: AttestationResponse,
    /// `platform`, `cross-platform`, or something that counts as unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator_attachment: Option<String>,
    /// Client extension outputs.
    #[serde(default)]
    pub client_extension_results: Map<String, Value>,
    /// `public-key`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// `AuthenticatorAttestationResponseJSON`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationResponse {
    /// The client data, as hashed.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64Url,
    /// The attestation object.
    pub attestation_object: Base64Url,
    /// A copy of the authenticator data, which nobody may trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator_data: Option<Base64Url>,
    /// How the authenticator can be reached.
    #[serde(default)]
    pub transports: Vec<String>,
    /// A copy of the key as SubjectPublicKeyInfo, which nobody may trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<Base64Url>,
    /// A copy of the key's algorithm, which nobody may trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key_algorithm: Option<i64>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// The result of `navigator.credentials.get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationResponse {
    /// The credential id as text.
    pub id: String,
    /// The credential id.
    pub raw_id: Base64Url,
    /// The authenticator's part.
    pub response: AssertionResponse,
    /// `platform`, `cross-platform`, or something that counts as unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator_attachment: Option<String>,
    /// Client extension outputs.
    #[serde(default)]
    pub client_extension_results: Map<String, Value>,
    /// `public-key`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// `AuthenticatorAssertionResponseJSON`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertionResponse {
    /// The client data, as hashed.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64Url,
    /// The authenticator data, as signed.
    pub authenticator_data: Base64Url,
    /// The signature over authenticator data and client data hash.
    pub signature: Base64Url,
    /// The account, where the credential is discoverable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_handle: Option<Base64Url>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}
