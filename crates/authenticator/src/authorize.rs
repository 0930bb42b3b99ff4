//! Authorisation by pinUvAuthParam, the same for every command (`ctap-2.2 §6.5.5.7`).

use jiff::Timestamp;
use lab_protocol::ctap2::{Permissions, StatusCode};

use crate::engine::Authenticator;
use crate::pin::Protocol;

/// What a platform authorises a command with, and what the command demands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// pinUvAuthProtocol.
    pub protocol: Option<i64>,
    /// pinUvAuthParam.
    pub param: Option<&'a [u8]>,
    /// What the parameter authenticates.
    pub message: &'a [u8],
    /// One of these is needed. With `pcmr` among them the persistent token does too.
    pub permissions: Permissions,
    /// Which RP ID the token may be bound to.
    pub rp: RpRule<'a>,
}

/// The RP ID that a token may be bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RpRule<'a> {
    /// Any: the command has nothing to do with a relying party.
    Any,
    /// None: the command is about all relying parties.
    Unbound,
    /// None, or the one of this hash.
    UnboundOr(&'a [u8; 32]),
}

/// What makeCredential and getAssertion use a token for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use<'a> {
    pub protocol: Protocol,
    pub param: &'a [u8],
    pub client_data_hash: &'a [u8; 32],
    pub permission: Permissions,
    pub rp_id: &'a str,
}

impl Authenticator {
    /// Whether a command is authorised.
    ///
    /// # Errors
    /// No parameter: 0x36. No protocol: 0x14; an unknown one: 0x02. A wrong parameter, no permission or
    /// another RP ID: 0x33.
    pub(crate) fn authorize(&mut self, claim: &Claim<'_>, now: Timestamp) -> Result<(), StatusCode> {
        let param = claim.param.ok_or(StatusCode::PUAT_REQUIRED)?;
        let protocol = self.protocol(claim.protocol)?;
        if self.is_persistent(protocol, claim, param) {
            return Ok(());
        }
        let token = self.volatile.session.token(now).ok_or(StatusCode::PIN_AUTH_INVALID)?;
        let authorised = token.verify(protocol, claim.message, param) && token.permits(claim.permissions);
        let bound = match (claim.rp, token.rp_id()) {
            (RpRule::Any, _) | (_, None) => true,
            (RpRule::Unbound, Some(_)) => false,
            (RpRule::UnboundOr(hash), Some(rp_id)) => lab_attestation::sha256(rp_id.as_bytes()) == *hash,
        };
        if authorised && bound { Ok(()) } else { Err(StatusCode::PIN_AUTH_INVALID) }
    }

    fn is_persistent(&self, protocol: Protocol, claim: &Claim<'_>, param: &[u8]) -> bool {
        let read_only = Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY;
        let token = self.state.persistent_token.filter(|_| claim.permissions.intersects(read_only));
        token.is_some_and(|token| protocol.verify(&token, claim.message, param))
    }

    /// Steps 11.1 of makeCredential and 6.1 of getAssertion: the token verifies the user. Whether it shows
    /// presence too.
    pub(crate) fn use_token(&mut self, used: &Use<'_>, now: Timestamp) -> Result<bool, StatusCode> {
        let token = self.volatile.session.token(now).ok_or(StatusCode::PIN_AUTH_INVALID)?;
        let right = token.verify(used.protocol, used.client_data_hash, used.param)
            && token.permits(used.permission)
            && token.user_verified()
            && token.bind(used.rp_id);
        if right { Ok(token.user_present()) } else { Err(StatusCode::PIN_AUTH_INVALID) }
    }

    /// The protocol of a pinUvAuthProtocol.
    pub(crate) fn protocol(&self, number: Option<i64>) -> Result<Protocol, StatusCode> {
        let number = number.ok_or(StatusCode::MISSING_PARAMETER)?;
        let offered = self.pin_uv_auth_protocols().any(|offered| i64::from(offered) == number);
        Protocol::of(number).filter(|_| offered).ok_or(StatusCode::INVALID_PARAMETER)
    }
}
