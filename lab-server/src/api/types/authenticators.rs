//! Models, and the authenticators that are made from them.

use jiff::Timestamp;
use lab_jobs::emulated::{self, Held};
use lab_protocol::{Aaguid, Base64Url};
use serde::{Deserialize, Serialize};

use crate::api::kept::Authenticator;

/// A model in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// By which it is chosen.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What its responses carry.
    pub aaguid: Aaguid,
    /// `platform`, `roaming` or `provider`.
    pub kind: String,
    /// `device-bound` or `synced`.
    pub passkey_type: String,
    /// The format of its attestation statements.
    pub attestation: String,
    /// Whether it is made from a row of a list of AAGUIDs.
    pub generic: bool,
}

/// Every model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Models {
    /// Those with a file of their own by id, then the generic ones.
    pub models: Vec<Model>,
}

/// An authenticator that is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAuthenticator {
    /// The id of its model.
    pub model: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The id of the platform that it is used on; else the one that suits the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Who touches it.
    #[serde(default)]
    pub person: Person,
    /// What authenticator and client lie about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lies: Vec<String>,
    /// RP IDs that it answers beside those of laboratories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_rp_ids: Vec<String>,
}

/// Who touches an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Person {
    /// Touches and is verified whenever it is asked for.
    #[default]
    Auto,
    /// Declines everything.
    Deny,
}

impl From<Person> for emulated::Person {
    fn from(person: Person) -> Self {
        match person {
            Person::Auto => Self::Auto,
            Person::Deny => Self::Deny,
        }
    }
}

/// An authenticator that the lab keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorView {
    /// Its name in paths.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// What its responses carry, unless it lies.
    pub aaguid: Aaguid,
    /// How many credentials it holds.
    pub credentials: usize,
    /// What it was made from; the platform is named.
    #[serde(flatten)]
    pub made_from: NewAuthenticatorView,
}

/// What an authenticator was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the members of `NewAuthenticator`")]
pub struct NewAuthenticatorView {
    pub model: String,
    pub name: Option<String>,
    pub platform: String,
    pub person: Person,
    pub lies: Vec<String>,
    pub allow_rp_ids: Vec<String>,
}

impl AuthenticatorView {
    /// Of one that the lab keeps; waits for the ceremony that it is in.
    pub async fn of(kept: &Authenticator) -> Self {
        let emulated = kept.emulated.lock().await;
        let from = kept.made_from.clone();
        Self {
            id: kept.id.clone(),
            created: kept.created,
            aaguid: emulated.aaguid(),
            credentials: emulated.count(),
            made_from: NewAuthenticatorView {
                model: from.model,
                name: from.name,
                platform: emulated.platform().to_owned(),
                person: from.person,
                lies: from.lies,
                allow_rp_ids: from.allow_rp_ids,
            },
        }
    }
}

/// Every authenticator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticatorList {
    /// Oldest first.
    pub authenticators: Vec<AuthenticatorView>,
}

/// A credential that an authenticator holds, with the members of `WebDriver`'s (`webauthn-3 §11.4`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// The credential id.
    pub credential_id: Base64Url,
    /// The RP ID.
    pub rp_id: Option<String>,
    /// The user handle.
    pub user_handle: Base64Url,
    /// The user's name, where the authenticator kept one.
    pub user_name: Option<String>,
    /// Whether it can be found without its id.
    pub is_resident_credential: bool,
    /// BE.
    pub backup_eligibility: bool,
}

impl From<Held> for Credential {
    fn from(held: Held) -> Self {
        Self {
            credential_id: held.id,
            rp_id: held.rp_id,
            user_handle: held.user_handle,
            user_name: held.user_name,
            is_resident_credential: held.discoverable,
            backup_eligibility: held.backup_eligible,
        }
    }
}

/// What an authenticator holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Oldest first.
    pub credentials: Vec<Credential>,
}
