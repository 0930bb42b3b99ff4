//! What is asked for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};

/// One request; which members it needs depends on `op`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The operation.
    pub op: String,
    /// The key's node.
    #[serde(default)]
    pub path: Option<String>,
    /// Its PIN.
    #[serde(default)]
    pub pin: Option<String>,
    /// The PIN that it is to have.
    #[serde(default)]
    pub new_pin: Option<String>,
    /// The RP ID.
    #[serde(default)]
    pub rp_id: Option<String>,
    /// The client data; the crate hashes it.
    #[serde(default)]
    pub client_data: Option<Bytes>,
    /// The user handle.
    #[serde(default)]
    pub user_id: Option<Bytes>,
    /// The user's name.
    #[serde(default)]
    pub user_name: Option<String>,
    /// The user's name for people.
    #[serde(default)]
    pub user_display_name: Option<String>,
    /// The credentials that may sign.
    #[serde(default)]
    pub allow_credentials: Vec<Bytes>,
    /// The credential that is to go.
    #[serde(default)]
    pub credential_id: Option<Bytes>,
}

/// Bytes as base64url.
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Bytes as base64url.
pub fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A member that this operation needs.
pub fn need<'r, T>(member: &'r Option<T>, name: &str) -> Result<&'r T, String> {
    member.as_ref().ok_or_else(|| format!("the request lacks “{name}”"))
}
