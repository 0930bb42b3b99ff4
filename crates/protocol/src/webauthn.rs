//! The structures of Web Authentication Level 3, as bytes, as JSON, and as types.

pub mod attestation_object;
pub mod authenticator_data;
pub mod client_data;
pub mod options;
pub mod responses;

pub use attestation_object::AttestationObject;
pub use authenticator_data::{AttestedCredentialData, AuthenticatorData, Flags};
pub use client_data::CollectedClientData;
pub use options::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
pub use responses::{AuthenticationResponse, RegistrationResponse};

/// Which ceremony something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ceremony {
    /// `navigator.credentials.create`, `webauthn-3 §7.1`.
    Registration,
    /// `navigator.credentials.get`, `webauthn-3 §7.2`.
    Authentication,
}

impl Ceremony {
    /// The `type` member of the client data (`webauthn-3 §5.8.1`).
    #[must_use]
    pub const fn client_data_type(self) -> &'static str {
        match self {
            Self::Registration => "webauthn.create",
            Self::Authentication => "webauthn.get",
        }
    }
}
