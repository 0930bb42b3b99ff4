//! Options of the shape that most relying parties send. [`entra`] has those of Entra ID.
//!
//! What these functions return are plain values: change single members before you send them.

pub mod entra;

use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::options::{
    AuthenticatorSelection, CredentialDescriptor, CredentialParameters, RpEntity, UserEntity,
};
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use serde_json::Map;

use crate::Challenge;

/// The key types that `webauthn-3 §5.4` asks a relying party to offer at least.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::EDDSA, Algorithm::ES256, Algorithm::RS256];
/// How long a client may take, in milliseconds: the five minutes that `webauthn-3 §15.1` recommends.
pub const TIMEOUT: u64 = 300_000;

/// What options for `create` are made of.
#[derive(Debug, Clone)]
pub struct Creation<'a> {
    /// The RP ID.
    pub rp_id: &'a str,
    /// The relying party's name for people.
    pub rp_name: &'a str,
    /// The account.
    pub user: UserEntity,
    /// The challenge.
    pub challenge: &'a Challenge,
    /// The account's credentials, which must not be made twice on one authenticator.
    pub exclude_credentials: Vec<CredentialDescriptor>,
}

/// What options for `get` are made of.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The RP ID.
    pub rp_id: &'a str,
    /// The challenge.
    pub challenge: &'a Challenge,
    /// The account's credentials; empty where the user is not known yet.
    pub allow_credentials: Vec<CredentialDescriptor>,
}

/// Options for `create`: a passkey, user verification preferred, no attestation.
#[must_use]
pub fn creation(creation: Creation<'_>) -> PublicKeyCredentialCreationOptions {
    PublicKeyCredentialCreationOptions {
        rp: RpEntity { id: Some(creation.rp_id.to_owned()), name: creation.rp_name.to_owned() },
        user: creation.user,
        challenge: creation.challenge.bytes().into(),
        pub_key_cred_params: ALGORITHMS.map(CredentialParameters::new).to_vec(),
        timeout: Some(TIMEOUT),
        exclude_credentials: creation.exclude_credentials,
        authenticator_selection: Some(AuthenticatorSelection {
            authenticator_attachment: None,
            resident_key: Some("preferred".to_owned()),
            require_resident_key: false,
            user_verification: "preferred".to_owned(),
        }),
        attestation: "none".to_owned(),
        extensions: Map::new(),
        unknown: Map::new(),
    }
}

/// Options for `get`: user verification preferred.
#[must_use]
pub fn request(request: Request<'_>) -> PublicKeyCredentialRequestOptions {
    PublicKeyCredentialRequestOptions {
        challenge: request.challenge.bytes().into(),
        timeout: Some(TIMEOUT),
        rp_id: Some(request.rp_id.to_owned()),
        allow_credentials: request.allow_credentials,
        user_verification: "preferred".to_owned(),
        extensions: Map::new(),
        unknown: Map::new(),
    }
}

#[cfg(test)]
mod tests;
