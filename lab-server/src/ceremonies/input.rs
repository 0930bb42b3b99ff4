//! What is kept of a ceremony, and how it is judged.
//!
//! Judging asks nothing but this and the tenant, so that it comes out the same whenever it is done.

use jiff::Timestamp;
use lab_directory::Door;
use lab_entra::{Circumstances, InAppAttestation, Passkey, Persona, Tenant, UserFacts, Verdict, scope};
use lab_jobs::ceremony::StepView;
use lab_jobs::live::{self, Asked, Decided, Grounds, Registered, Registering, SignedIn, SigningIn};
use lab_protocol::webauthn::{AuthenticationResponse, Ceremony, RegistrationResponse};
use lab_relying_party::{CredentialRecord, KnownCredentials, Policy};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Rules;
use crate::extract;
use crate::problem::Problem;

/// Everything that a ceremony was judged by, beside the tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Which ceremony.
    pub ceremony: Ceremony,
    /// Where it came in.
    pub door: Door,
    /// By whose rules.
    pub rules: Rules,
    /// What was asked for.
    pub asked: Asked,
    /// What came back, as it came; `None` where a browser gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
    /// Why a browser gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// When.
    pub at: Timestamp,
    /// The object id of the user that it was judged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What surrounded a registration.
    #[serde(default)]
    pub circumstances: Circumstances,
    /// What Microsoft's service was to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_app: Option<InAppAttestation>,
    /// Who held the credential id before a registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The record before a sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<CredentialRecord>,
    /// What was stored of the passkey beside its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<Passkey>,
}

/// How `navigator.credentials` failed in somebody's browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failure {
    /// The name of the `DOMException`.
    pub name: String,
    /// The browser's words.
    #[serde(default)]
    pub message: String,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub after_ms: u64,
}

/// A ceremony, judged.
pub enum Judged {
    /// A registration.
    Registration(Box<Registered>, Box<Decided>),
    /// A sign-in.
    SignIn(Box<SignedIn>, Box<StepView>),
}

impl Judged {
    /// The verdict, with everything behind it.
    #[must_use]
    pub fn step(&self) -> &StepView {
        match self {
            Self::Registration(_, decided) => &decided.step,
            Self::SignIn(_, step) => step,
        }
    }
}

impl KnownCredentials for Input {
    fn owner(&self, _: &[u8]) -> Option<String> {
        self.owner.clone()
    }
}

impl Input {
    /// Judges it.
    ///
    /// # Errors
    /// 400: the response is none.
    pub fn judge(&self, grounds: &Grounds, tenant: &Tenant) -> Result<Judged, Problem> {
        let response = self.response.as_ref().ok_or_else(|| Problem::bad_request("There is no response."))?;
        let facts = self.facts(tenant);
        Ok(match self.ceremony {
            Ceremony::Registration => {
                let registered = self.register(grounds, &registration(response)?, tenant);
                let decided = match self.rules {
                    Rules::Entra => registered.decide(tenant, &facts),
                    Rules::Webauthn => Decided {
                        step: StepView::of_webauthn(registered.case()),
                        passkey_type: registered.decide(tenant, &facts).passkey_type,
                        attestation_level: None,
                    },
                };
                Judged::Registration(Box::new(registered), Box::new(decided))
            }
            Ceremony::Authentication => {
                let signed_in = self.sign_in(grounds, &authentication(response)?, tenant);
                let step = match self.rules {
                    Rules::Entra => signed_in.decide(tenant, &facts),
                    Rules::Webauthn => StepView::of_webauthn(signed_in.case()),
                };
                Judged::SignIn(Box::new(signed_in), Box::new(step))
            }
        })
    }

    fn register(&self, grounds: &Grounds, response: &RegistrationResponse, tenant: &Tenant) -> Registered {
        grounds.register(&Registering {
            asked: &self.asked,
            response,
            known: self,
            circumstances: self.circumstances,
            in_app: self.in_app,
            policy: self.policy(tenant),
            at: self.at,
        })
    }

    fn sign_in(&self, grounds: &Grounds, response: &AuthenticationResponse, tenant: &Tenant) -> SignedIn {
        grounds.sign_in(&SigningIn {
            asked: &self.asked,
            response,
            record: self.record.as_ref(),
            passkey: self.passkey,
            policy: self.policy(tenant),
            at: self.at,
        })
    }

    /// What the specification leaves open. A chain that nobody knows is no fault of a response by WebAuthn's
    /// rules alone: the lab has no roots of real makers unless it was given metadata.
    fn policy(&self, tenant: &Tenant) -> Policy {
        match self.rules {
            Rules::Entra => live::policy(tenant),
            Rules::Webauthn => Policy { untrusted_attestation: lab_relying_party::Choice::Note, ..Policy::webauthn() },
        }
    }

    /// What decides about the user; somebody in no group where it is not known who it is.
    fn facts(&self, tenant: &Tenant) -> UserFacts {
        let user = self.user.as_deref().and_then(|user| tenant.find_user(user));
        scope::scope_of(tenant, &user.map_or(Persona::Groups(Vec::new()), Persona::User))
    }

    /// The verdict of a browser that gave no response.
    #[must_use]
    pub const fn verdict_of_failure() -> Verdict {
        Verdict::Refused
    }
}

/// A `RegistrationResponseJSON`.
///
/// # Errors
/// 400, with the place.
pub fn registration(response: &Value) -> Result<RegistrationResponse, Problem> {
    extract::from_value(response, "the response")
}

/// An `AuthenticationResponseJSON`.
///
/// # Errors
/// 400, with the place.
pub fn authentication(response: &Value) -> Result<AuthenticationResponse, Problem> {
    extract::from_value(response, "the response")
}

impl Judged {
    /// The verdict alone.
    #[must_use]
    pub fn into_step(self) -> StepView {
        match self {
            Self::Registration(_, decided) => decided.step,
            Self::SignIn(_, step) => *step,
        }
    }
}
