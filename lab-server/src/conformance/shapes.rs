//! The messages of the profile, where they differ from WebAuthn's own JSON.

use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::options::AuthenticatorSelection;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// The longest `username` and `displayName`.
pub const LONGEST_NAME: usize = 128;
/// The key types that are offered: all that the lab verifies and that registries do not advise against.
pub const ALGORITHMS: [Algorithm; 10] = [
    Algorithm::ES256,
    Algorithm::EDDSA,
    Algorithm::ES384,
    Algorithm::ES512,
    Algorithm::RS256,
    Algorithm(-258),
    Algorithm(-259),
    Algorithm::PS256,
    Algorithm(-38),
    Algorithm(-39),
];

/// `ServerPublicKeyCredentialCreationOptionsRequest`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationRequest {
    /// Whose credential it is to be.
    pub username: String,
    /// The name for people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// What the authenticator has to be able to do.
    #[serde(default)]
    pub authenticator_selection: Option<AuthenticatorSelection>,
    /// `none`, `indirect`, `direct` or `enterprise`.
    #[serde(default)]
    pub attestation: Option<String>,
    /// Client extension inputs, passed on.
    #[serde(default)]
    pub extensions: Map<String, Value>,
}

/// `ServerPublicKeyCredentialGetOptionsRequest`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertionRequest {
    /// Who signs in; without it, whoever holds a discoverable credential.
    #[serde(default)]
    pub username: Option<String>,
    /// `required`, `preferred` or `discouraged`.
    #[serde(default)]
    pub user_verification: Option<String>,
    /// Client extension inputs, passed on.
    #[serde(default)]
    pub extensions: Map<String, Value>,
}

/// A `ServerPublicKeyCredential` as WebAuthn's own JSON: it may leave out `rawId`, some clients call the extension
/// outputs by the name of the method that gives them, and some write what they leave out as null.
///
/// # Errors
/// 400 where it is no object.
pub fn response(body: Value) -> Result<Value, Problem> {
    let Value::Object(mut body) = body else {
        return Err(Problem::bad_request("Expected a ServerPublicKeyCredential, an object."));
    };
    body.retain(|_, member| !member.is_null());
    if let Some(Value::Object(response)) = body.get_mut("response") {
        response.retain(|_, member| !member.is_null());
    }
    if let (None, Some(id)) = (body.get("rawId"), body.get("id").cloned()) {
        body.insert("rawId".to_owned(), id);
    }
    if let Some(results) = body.shift_remove("getClientExtensionResults") {
        body.entry("clientExtensionResults").or_insert(results);
    }
    Ok(Value::Object(body))
}
