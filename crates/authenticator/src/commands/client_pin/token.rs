//! The three ways to a token (`ctap-2.2 §6.5.5.7`).

use jiff::Timestamp;
use lab_protocol::ctap2::client_pin::{Request, Response};
use lab_protocol::ctap2::{Permissions, StatusCode};

use super::super::Pending;
use super::{Next, Outcome, need, reply};
use crate::engine::Authenticator;
use crate::interaction::{Answer, Gestures, Need, UvError, Verification};
use crate::pin::{Protocol, SharedSecret, Token};

/// makeCredential and getAssertion.
const CEREMONIES: Permissions = Permissions(Permissions::MAKE_CREDENTIAL.0 | Permissions::GET_ASSERTION.0);
const READ_ONLY: Permissions = Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY;

/// getPinToken, superseded by permissions: the token is bound to the first relying party that it is used for.
pub(super) fn by_pin(authenticator: &mut Authenticator, request: &Request, now: Timestamp) -> Outcome {
    let platform = need(request.key_agreement.as_ref())?;
    let pin_hash_enc = need(request.pin_hash_enc.as_deref())?;
    let protocol = authenticator.protocol(request.pin_uv_auth_protocol)?;
    if request.permissions.is_some() || request.rp_id.is_some() {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    authenticator.may_try_pin()?;
    let shared = authenticator.decapsulate(protocol, platform)?;
    authenticator.compare_pin(protocol, &shared, pin_hash_enc)?;
    if authenticator.state.force_pin_change {
        return Err(StatusCode::PIN_INVALID);
    }
    let value = authenticator.env.random();
    let token = if authenticator.has("pinUvAuthToken") {
        let serves = authenticator.pin_serves_ceremonies();
        let permissions = if serves { CEREMONIES } else { Permissions::NONE };
        Token::begin(protocol, value, false, now).with(permissions, None)
    } else {
        Token::legacy(protocol, value, now)
    };
    authenticator.issue(&shared, value, token)
}

/// getPinUvAuthTokenUsingPinWithPermissions.
pub(super) fn by_pin_with_permissions(authenticator: &mut Authenticator, request: Request, now: Timestamp) -> Outcome {
    let platform = need(request.key_agreement.as_ref())?;
    let pin_hash_enc = need(request.pin_hash_enc.as_deref())?;
    let permissions = need(request.permissions)?;
    let protocol = authenticator.protocol(request.pin_uv_auth_protocol)?;
    permitted(authenticator, permissions, By::Pin)?;
    rp_id_given(permissions, request.rp_id.as_deref())?;
    authenticator.may_try_pin()?;
    let shared = authenticator.decapsulate(protocol, platform)?;
    authenticator.compare_pin(protocol, &shared, pin_hash_enc)?;
    if authenticator.state.force_pin_change {
        return Err(StatusCode::PIN_POLICY_VIOLATION);
    }
    if permissions.intersects(READ_ONLY) {
        return persistent(authenticator, &shared);
    }
    let value = authenticator.env.random();
    let token = Token::begin(protocol, value, false, now).with(permissions, request.rp_id);
    authenticator.issue(&shared, value, token)
}

/// persistentPinUvAuthToken: always the same, until the PIN is changed.
fn persistent(authenticator: &mut Authenticator, shared: &SharedSecret) -> Outcome {
    let fresh: ([u8; 32], [u8; 16], [u8; 16]) =
        (authenticator.env.random(), authenticator.env.random(), authenticator.env.random());
    let token = authenticator.state.change(|state| {
        state.device_identifier.get_or_insert(fresh.1);
        state.cred_store_state.get_or_insert(fresh.2);
        *state.persistent_token.get_or_insert(fresh.0)
    });
    authenticator.send(shared, &token)
}

/// What waits for the user's own verification before it becomes a token.
#[derive(Debug)]
pub(crate) struct VerifiedToken {
    protocol: Protocol,
    shared: SharedSecret,
    permissions: Permissions,
    rp_id: Option<String>,
}

/// getPinUvAuthTokenUsingUvWithPermissions.
pub(super) fn by_uv(authenticator: &mut Authenticator, request: Request, now: Timestamp) -> Outcome {
    let platform = need(request.key_agreement.as_ref())?;
    let permissions = need(request.permissions)?;
    let protocol = authenticator.protocol(request.pin_uv_auth_protocol)?;
    permitted(authenticator, permissions, By::Uv)?;
    rp_id_given(permissions, request.rp_id.as_deref())?;
    if !authenticator.has("uv") {
        return Err(StatusCode::NOT_ALLOWED);
    }
    let shared = authenticator.decapsulate(protocol, platform)?;
    let wanted = VerifiedToken { protocol, shared, permissions, rp_id: request.rp_id };
    match authenticator.verify_user().map_err(status)? {
        Verification::Ask => Ok(Next::Ask(Need::Verification, Pending::Token(Box::new(wanted)))),
        Verification::Done(gestures) => wanted.begin(authenticator, gestures, now),
    }
}

impl VerifiedToken {
    pub(in super::super) fn resume(self, authenticator: &mut Authenticator, answer: Answer, now: Timestamp) -> Outcome {
        let gestures = authenticator.user_verified(answer).map_err(status)?;
        self.begin(authenticator, gestures, now)
    }

    fn begin(self, authenticator: &mut Authenticator, gestures: Gestures, now: Timestamp) -> Outcome {
        let Self { protocol, shared, permissions, rp_id } = self;
        if permissions.intersects(READ_ONLY) {
            return persistent(authenticator, &shared);
        }
        let value = authenticator.env.random();
        let token = Token::begin(protocol, value, gestures.present, now).with(permissions, rp_id);
        authenticator.issue(&shared, value, token)
    }
}

fn status(error: UvError) -> StatusCode {
    match error {
        UvError::Refused => StatusCode::OPERATION_DENIED,
        UvError::TimedOut => StatusCode::USER_ACTION_TIMEOUT,
        UvError::Failed => StatusCode::UV_INVALID,
        UvError::Blocked => StatusCode::UV_BLOCKED,
    }
}

/// How the user is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Pin,
    Uv,
}

/// Whether every permission can be had this way; bits without a name are ignored.
fn permitted(authenticator: &Authenticator, permissions: Permissions, by: By) -> Result<(), StatusCode> {
    if permissions == Permissions::NONE {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    let has = |names: &[&str]| names.iter().any(|name| authenticator.has(name));
    let knows = |names: &[&str]| names.iter().any(|name| authenticator.option(name).is_some());
    let pin = by == By::Pin;
    let named = 0x7f & permissions.0;
    let rules = [
        (CEREMONIES, !pin || authenticator.pin_serves_ceremonies()),
        (Permissions::CREDENTIAL_MANAGEMENT, has(&["credMgmt", "credentialMgmtPreview"])),
        (
            Permissions::BIO_ENROLLMENT,
            knows(&["bioEnroll", "userVerificationMgmtPreview"]) && (pin || has(&["uvBioEnroll"])),
        ),
        (Permissions::LARGE_BLOB_WRITE, has(&["largeBlobs"])),
        (Permissions::AUTHENTICATOR_CONFIG, has(&["authnrCfg"]) && (pin || has(&["uvAcfg"]))),
        (READ_ONLY, has(&["perCredMgmtRO"]) && named == READ_ONLY.0),
    ];
    let refused = rules.iter().any(|(permission, allowed)| permissions.intersects(*permission) && !allowed);
    if refused { Err(StatusCode::UNAUTHORIZED_PERMISSION) } else { Ok(()) }
}

/// makeCredential and getAssertion are permitted for one relying party.
fn rp_id_given(permissions: Permissions, rp_id: Option<&str>) -> Result<(), StatusCode> {
    let needed = permissions.intersects(CEREMONIES);
    if needed && rp_id.is_none() { Err(StatusCode::MISSING_PARAMETER) } else { Ok(()) }
}

impl Authenticator {
    fn issue(&mut self, shared: &SharedSecret, value: [u8; 32], token: Token) -> Outcome {
        self.volatile.session.begin(token);
        self.send(shared, &value)
    }

    fn send(&mut self, shared: &SharedSecret, value: &[u8; 32]) -> Outcome {
        let encrypted = shared.encrypt(value, &mut *self.env.rng).ok_or(StatusCode::OTHER)?;
        Ok(reply(&Response { pin_uv_auth_token: Some(encrypted), ..Response::default() }))
    }
}
