//! The messages of the API: what handlers read and write, and what [`super::client::Client`] sends and gets.

use jiff::Timestamp;
use lab_directory::Door;
use lab_entra::{InAppAttestation, Verdict};
use lab_jobs::ceremony::ClientRefusal;
use lab_jobs::emulated::{self, Held, Made};
use lab_protocol::webauthn::{
    AuthenticationResponse, Ceremony, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions,
    RegistrationResponse,
};
use lab_protocol::{Aaguid, Base64Url};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::kept::Authenticator;
use crate::ceremonies::ask::MfaStandIn;
use crate::ceremonies::input::Failure;
use crate::ceremonies::{Rules, Told};

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

/// How a person meets an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// Inside the authenticator's own app.
    InApp,
    /// Where the browser runs.
    SameDevice,
    /// By QR code.
    CrossDevice,
}

impl From<Flow> for lab_jobs::ceremony::Flow {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::InApp => Self::InApp,
            Flow::SameDevice => Self::SameDevice,
            Flow::CrossDevice => Self::CrossDevice,
        }
    }
}

/// `navigator.credentials.create` or `get`, as a page at `origin` calls it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call<O> {
    /// The page's origin.
    pub origin: String,
    /// The options.
    pub options: O,
    /// How the person meets the authenticator; else as the model is usually met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
}

/// A call of `create`.
pub type CreateCall = Call<PublicKeyCredentialCreationOptions>;
/// A call of `get`.
pub type GetCall = Call<PublicKeyCredentialRequestOptions>;

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer<R> {
    /// A response.
    Made {
        /// As the platform passes it on.
        response: R,
        /// What the platform took out, a sentence each.
        notes: Vec<String>,
    },
    /// None: client or authenticator refused.
    Refused {
        /// Why.
        error: Refusal,
    },
}

/// What came of a call of `create`.
pub type CreateAnswer = Answer<RegistrationResponse>;
/// What came of a call of `get`.
pub type GetAnswer = Answer<AuthenticationResponse>;

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The DOM exception that a page would see.
    pub name: String,
    /// The CTAP status, where the authenticator refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctap: Option<String>,
    /// The cause.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl From<ClientRefusal> for Refusal {
    fn from(refusal: ClientRefusal) -> Self {
        let ClientRefusal { name, ctap, message, hint } = refusal;
        Self { name: name.to_owned(), ctap, message: crate::problem::sentence(&message), hint }
    }
}

impl<R> From<emulated::Answered<R>> for Answer<R> {
    fn from(answered: emulated::Answered<R>) -> Self {
        match answered {
            Ok(Made { response, notes }) => Self::Made { response, notes },
            Err(refusal) => Self::Refused { error: refusal.into() },
        }
    }
}

/// A registration that is to begin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginRegistration {
    /// The user: object id or user principal name.
    pub user: String,
    /// How the user authenticated before.
    #[serde(default)]
    pub mfa: MfaStandIn,
}

/// A registration that has come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndRegistration {
    /// The response.
    pub credential: RegistrationResponse,
    /// The passkey's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A sign-in that is to begin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginSignIn {
    /// The user; without one, whoever holds a discoverable passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// A sign-in that has come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndSignIn {
    /// The response.
    pub credential: AuthenticationResponse,
}

/// A registration at the lab by one of its authenticators.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Register {
    /// The user: object id or user principal name.
    pub user: String,
    /// How the user authenticated before.
    #[serde(default)]
    pub mfa: MfaStandIn,
    /// The passkey's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the user meets the authenticator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
    /// What Microsoft's service says of a registration inside the app; else as the tenant's `lab.json` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_app_attestation: Option<InAppAttestation>,
}

/// A sign-in at the lab by one of its authenticators.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The user; without one, the authenticator's newest passkey of the lab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How the user meets the authenticator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
}

/// What came of a ceremony by one of the lab's authenticators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    /// The verdict, and where it is recorded.
    #[serde(flatten)]
    pub told: Told,
    /// What the platform took out of the response, a sentence each.
    pub notes: Vec<String>,
    /// Why there is no response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Refusal>,
}

/// A recorded ceremony in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CeremonySummary {
    /// Its number in the log.
    pub number: u64,
    /// When it ended.
    pub at: Timestamp,
    /// Which of the two.
    pub ceremony: Ceremony,
    /// Where it came in.
    pub door: Door,
    /// The verdict.
    pub verdict: Verdict,
    /// The check or rule that decided.
    pub decided_by: Option<String>,
    /// The sentence, where it was not allowed.
    pub message: Option<String>,
    /// The user's object id, where one was found.
    pub user: Option<String>,
    /// The id of the passkey, where one was registered or used.
    pub passkey: Option<String>,
}

/// Recorded ceremonies, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeremonyList {
    /// The ceremonies.
    pub ceremonies: Vec<CeremonySummary>,
    /// What `before` has to be for the next page; null on the last.
    pub next: Option<u64>,
}

/// A recorded ceremony with everything behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CeremonyDetail {
    /// As lists have it.
    #[serde(flatten)]
    pub summary: CeremonySummary,
    /// By whose rules it was judged; null where retention has dropped its bytes.
    pub rules: Option<Rules>,
    /// The contract's STEP, judged again by the tenant of that time; null without a response.
    pub step: Option<Value>,
    /// The bytes of the response, taken apart.
    pub anatomy: Value,
    /// The response as a recorded case.
    pub case: Option<Value>,
    /// How the client failed, where there is no response.
    pub failure: Option<Failure>,
}

/// Which ceremonies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeremonyQuery {
    /// How many, 1 to 100; 20 unless somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// With a lower number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// Of this user: object id or user principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// Something that happened, as streams tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Its number in the log.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What: `registered`, `signedIn`, `refused`, `policyChanged`, …
    pub event: String,
    /// Where it came in.
    pub door: Door,
    /// The object id of the user whom it is about.
    pub user: Option<String>,
    /// The ceremony, where it was one.
    pub ceremony: Option<CeremonySummary>,
}

/// What a job came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobResult {
    /// As the command line's `result`.
    pub result: Value,
    /// Sentences that belong to no part of it.
    pub notes: Vec<String>,
}

/// How cases are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyQuery {
    /// Whether to take the responses apart byte by byte.
    #[serde(default)]
    pub anatomy: bool,
}

/// What a matrix is made of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRequest {
    /// Ids of models, or `all`.
    pub models: Vec<String>,
    /// Whose scopes are the columns; without it, every scope of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<String>>,
    /// The flows that make rows.
    #[serde(default)]
    pub flows: MatrixFlows,
    /// Whether every cell has its trace.
    #[serde(default)]
    pub traces: bool,
    /// A tenant with the members of a tenant's folder; without it, the lab's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Map<String, Value>>,
}

/// The flows that make rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatrixFlows {
    /// For each model the usual one.
    #[default]
    Usual,
    /// Each that the model can do.
    All,
}

/// A user of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The object id.
    pub id: String,
    /// The user principal name, or what stands for it.
    pub user_principal_name: String,
    /// The name for people.
    pub display_name: String,
    /// Whether it is a guest.
    pub guest: bool,
    /// How many passkeys are registered.
    pub passkeys: usize,
}

/// Users of the tenant, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// The users.
    pub users: Vec<User>,
    /// What `skip` has to be for the next page; null on the last.
    pub next: Option<usize>,
}

/// Which users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserQuery {
    /// How many, 1 to 500; 100 unless somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// How many of them to leave out first.
    #[serde(default)]
    pub skip: usize,
}
