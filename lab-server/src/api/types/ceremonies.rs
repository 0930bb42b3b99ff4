//! Ceremonies at the lab itself.

use lab_entra::InAppAttestation;
use lab_protocol::webauthn::{AuthenticationResponse, RegistrationResponse};
use serde::{Deserialize, Serialize};

use super::calls::{Flow, Refusal};
use crate::ceremonies::Told;
use crate::ceremonies::ask::MfaStandIn;

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
