//! What both ceremonies need of the library, and how its refusals are kept.

use std::time::Duration;

use lab_protocol::base64url;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_proto::UserVerificationPolicy;

use super::case::Ceremony;

/// Only written into options, which nobody reads.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Why there is no acceptance.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The library's own answer.
    #[error("{0} ({0:?})")]
    Library(#[from] WebauthnError),
    /// It does not read the response's JSON.
    #[error("it does not read the JSON form of the response: {0}")]
    Json(String),
    /// It cannot be asked.
    #[error("it cannot be asked: {what}")]
    NotAsked {
        /// The id of the limit.
        limit: &'static str,
        /// What stands in the way.
        what: String,
    },
}

impl Refusal {
    /// The library's name for its reason: the variant of its error type; of a chain with what is
    /// wrong with it.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Library(error @ WebauthnError::AttestationChainNotTrusted(_)) => Some(format!("{error:?}")),
            Self::Library(error) => {
                Some(format!("{error:?}").chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
            }
            Self::Json(_) => Some("Json".to_owned()),
            Self::NotAsked { .. } => None,
        }
    }
}

/// The library as a relying party that expects `ceremony`.
pub(super) fn core(ceremony: &Ceremony<'_>) -> Result<WebauthnCore, Refusal> {
    let origin = Url::parse(ceremony.origin).map_err(|error| Refusal::NotAsked {
        limit: "webauthn-rs/origin-url",
        what: format!("the origin “{}” is no URL: {error}", ceremony.origin),
    })?;
    Ok(WebauthnCore::new_unsafe_experts_only("lab", ceremony.rp_id, vec![origin], TIMEOUT, None, None))
}

/// The policy that comes nearest to what is expected.
pub(super) fn policy(ceremony: &Ceremony<'_>) -> UserVerificationPolicy {
    match ceremony.require_user_verification {
        true => UserVerificationPolicy::Required,
        false => UserVerificationPolicy::Preferred,
    }
}

/// The state of a pending ceremony with the recorded challenge in place of the one it made.
pub(super) fn with_challenge<S: Serialize + DeserializeOwned>(state: &S, challenge: &str) -> Result<S, Refusal> {
    let refused = |what: String| Refusal::NotAsked { limit: "webauthn-rs/challenge-text", what };
    base64url::decode(challenge).map_err(|error| refused(format!("the challenge is {error}")))?;
    let mut state = serde_json::to_value(state).map_err(|error| refused(error.to_string()))?;
    match state.get_mut("challenge") {
        Some(place) => *place = Value::from(challenge),
        None => return Err(refused("its state holds no challenge".to_owned())),
    }
    serde_json::from_value(state).map_err(|error| refused(error.to_string()))
}

/// The library's form of a response.
pub(super) fn response<R: DeserializeOwned>(response: &impl Serialize) -> Result<R, Refusal> {
    let json = serde_json::to_string(response).map_err(|error| Refusal::Json(error.to_string()))?;
    serde_json::from_str(&json).map_err(|error| Refusal::Json(error.to_string()))
}
