//! Which key, app and environment the authenticator data names.

use lab_protocol::Aaguid;
use lab_protocol::trace::{Finding, Reason};
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;

use crate::policy::Policy;
use crate::signature::PublicKey;
use crate::x509::Certificate;

/// The AAGUID of apps from Apple's store.
const PRODUCTION: Aaguid = Aaguid(*b"appattest\0\0\0\0\0\0\0");
/// The AAGUID of apps under development.
const DEVELOPMENT: Aaguid = Aaguid(*b"appattestdevelop");

/// The credential id is no name of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyIdError {
    /// Another hash.
    #[error("the credential id is not SHA-256 of the certificate's public key")]
    Mismatch,
    /// A key of another kind, which App Attest does not make.
    #[error("the certificate carries {found}, expected a P-256 key")]
    Key {
        /// What kind of key it carries.
        found: &'static str,
    },
    /// No credential.
    #[error("the authenticator data carries no attested credential data, so no credential id")]
    NoCredentialData,
}

impl Reason for KeyIdError {}

/// The key has signed before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature counter is {found}, expected 0")]
pub struct CounterError {
    /// The counter.
    pub found: u32,
}

impl Reason for CounterError {}

/// The AAGUID names no App Attest of the right environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppAaguidError {
    /// The development environment.
    #[error("the app runs in the development environment (AAGUID “appattestdevelop”)")]
    Development,
    /// Neither.
    #[error("the AAGUID {found} is neither “appattest” nor “appattestdevelop”")]
    Other {
        /// The AAGUID.
        found: Aaguid,
    },
    /// No credential.
    #[error("the authenticator data carries no attested credential data, so no AAGUID")]
    NoCredentialData,
}

impl Reason for AppAaguidError {}

pub(super) fn key_id<'a>(leaf: &Certificate<'_>, data: &AuthenticatorData<'a>) -> Finding<'a> {
    let Some(attested) = &data.attested else { return KeyIdError::NoCredentialData.into() };
    let key = leaf.public_key();
    let PublicKey::Ec2 { x, y, .. } = key else { return KeyIdError::Key { found: key.kind() }.into() };
    let expected = crate::sha256(&[&[0x04], x, y].concat());
    match attested.credential_id == expected {
        true => Finding::pass(),
        false => Finding::refuse(KeyIdError::Mismatch).values(expected.to_vec(), attested.credential_id),
    }
}

pub(super) fn counter<'a>(data: &AuthenticatorData<'_>) -> Finding<'a> {
    match data.sign_count {
        0 => Finding::pass_with(0_u32),
        found => Finding::refuse(CounterError { found }).values(0_u32, found),
    }
}

pub(super) fn aaguid<'a>(data: &AuthenticatorData<'_>, policy: &Policy) -> Finding<'a> {
    let Some(attested) = &data.attested else { return AppAaguidError::NoCredentialData.into() };
    match attested.aaguid {
        PRODUCTION => Finding::pass_with(PRODUCTION),
        DEVELOPMENT => policy.app_attest_development.finding(AppAaguidError::Development),
        found => Finding::refuse(AppAaguidError::Other { found }).values(PRODUCTION, found),
    }
}
