//! The options that Entra ID sends.
//!
//! Registration: Microsoft Graph's `webauthnCredentialCreationOptions` as captured in June 2024
//! (MichaelGrafnetter/webauthn-interop @2d23b603), with the SDK's statements that the resident key and user
//! verification are always required and that the relying party is always called Microsoft. Sign-in: what
//! browsers reported in 2025 (IsmaelMartinez/teams-for-linux, issues 802 and 2719). All read 2026-11-20.

use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::options::{AuthenticatorSelection, CredentialParameters};
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use serde_json::{Map, Value, json};

use super::{Creation, Request};

/// The RP ID of Entra's global service.
pub const RP_ID: &str = "login.microsoft.com";
/// The name that Entra's options give the relying party.
pub const RP_NAME: &str = "Microsoft";
/// The origin of Entra's global service.
pub const ORIGIN: &str = "https://login.microsoft.com";
/// The related origins that it publishes.
pub const RELATED_ORIGINS: [&str; 2] = ["https://login.microsoftonline.com", "https://login.live.com"];
/// The key types that it offers.
pub const ALGORITHMS: [Algorithm; 2] = [Algorithm::ES256, Algorithm::RS256];
/// How long a client may take to register, in milliseconds.
pub const CREATION_TIMEOUT: u64 = 60_000;
/// How long a client may take to sign in, in milliseconds.
pub const REQUEST_TIMEOUT: u64 = 600_000;

/// Where a passkey is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Path {
    /// Microsoft Graph, for the user: cross-platform authenticators only.
    Graph,
    /// A page of Entra's, by the user: any authenticator.
    Web,
}

/// Options for `create`. The relying party's name is Entra's, whatever `creation` says.
#[must_use]
pub fn creation(creation: Creation<'_>, path: Path) -> PublicKeyCredentialCreationOptions {
    let selection = AuthenticatorSelection {
        authenticator_attachment: (path == Path::Graph).then(|| "cross-platform".to_owned()),
        resident_key: None,
        require_resident_key: true,
        user_verification: "required".to_owned(),
    };
    PublicKeyCredentialCreationOptions {
        pub_key_cred_params: ALGORITHMS.map(CredentialParameters::new).to_vec(),
        timeout: Some(CREATION_TIMEOUT),
        authenticator_selection: Some(selection),
        attestation: "direct".to_owned(),
        extensions: extensions(),
        ..super::creation(Creation { rp_name: RP_NAME, ..creation })
    }
}

/// Options for `get`: no credentials where no user name was typed, else the user's.
#[must_use]
pub fn request(request: Request<'_>) -> PublicKeyCredentialRequestOptions {
    PublicKeyCredentialRequestOptions {
        timeout: Some(REQUEST_TIMEOUT),
        user_verification: "required".to_owned(),
        ..super::request(request)
    }
}

fn extensions() -> Map<String, Value> {
    let members = [
        ("hmacCreateSecret", json!(true)),
        ("enforceCredentialProtectionPolicy", json!(true)),
        ("credentialProtectionPolicy", json!("userVerificationOptional")),
    ];
    members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}
