//! What an authenticator is asked by a page, and what comes of it.

use lab_jobs::ceremony::ClientRefusal;
use lab_jobs::emulated::{self, Made};
use lab_protocol::webauthn::{
    AuthenticationResponse, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions, RegistrationResponse,
};
use serde::{Deserialize, Serialize};

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
