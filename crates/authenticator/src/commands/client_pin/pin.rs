//! setPIN and changePIN (`ctap-2.2 §6.5.5.5, §6.5.5.6`), and the comparison that every use of the PIN is.

use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::client_pin::Request;

use super::{Next, Outcome, need};
use crate::engine::Authenticator;
use crate::pin::{NewPin, PinError, PinPolicy, Protocol, SharedSecret};
use crate::state::{Durable, Pin};

pub(super) fn set(authenticator: &mut Authenticator, request: &Request) -> Outcome {
    let platform = need(request.key_agreement.as_ref())?;
    let new_pin_enc = need(request.new_pin_enc.as_deref())?;
    let param = need(request.pin_uv_auth_param.as_deref())?;
    let protocol = authenticator.protocol(request.pin_uv_auth_protocol)?;
    if authenticator.state.pin.is_some() {
        return Err(StatusCode::PIN_AUTH_INVALID);
    }
    let shared = authenticator.decapsulate(protocol, platform)?;
    if !shared.verify(new_pin_enc, param) {
        return Err(StatusCode::PIN_AUTH_INVALID);
    }
    let new = new_pin(authenticator, &shared, new_pin_enc)?;
    authenticator.store_pin(new);
    Ok(Next::Reply(Vec::new()))
}

pub(super) fn change(authenticator: &mut Authenticator, request: &Request) -> Outcome {
    let platform = need(request.key_agreement.as_ref())?;
    let pin_hash_enc = need(request.pin_hash_enc.as_deref())?;
    let new_pin_enc = need(request.new_pin_enc.as_deref())?;
    let param = need(request.pin_uv_auth_param.as_deref())?;
    let protocol = authenticator.protocol(request.pin_uv_auth_protocol)?;
    authenticator.may_try_pin()?;
    let shared = authenticator.decapsulate(protocol, platform)?;
    if !shared.verify(&[new_pin_enc, pin_hash_enc].concat(), param) {
        return Err(StatusCode::PIN_AUTH_INVALID);
    }
    authenticator.compare_pin(protocol, &shared, pin_hash_enc)?;
    let new = new_pin(authenticator, &shared, new_pin_enc)?;
    let same = authenticator.state.pin.is_some_and(|pin| pin.hash == new.hash);
    if authenticator.state.force_pin_change && same {
        return Err(StatusCode::PIN_POLICY_VIOLATION);
    }
    authenticator.store_pin(new);
    authenticator.volatile.session.end();
    authenticator.state.change(|state| state.persistent_token = None);
    Ok(Next::Reply(Vec::new()))
}

fn new_pin(authenticator: &Authenticator, shared: &SharedSecret, new_pin_enc: &[u8]) -> Result<NewPin, StatusCode> {
    let padded = shared.decrypt(new_pin_enc).ok_or(StatusCode::PIN_AUTH_INVALID)?;
    NewPin::padded(&padded, &authenticator.pin_policy()).map_err(|error| match error {
        PinError::Padding => StatusCode::INVALID_PARAMETER,
        PinError::Policy => StatusCode::PIN_POLICY_VIOLATION,
    })
}

impl Authenticator {
    pub(crate) fn pin_policy(&self) -> PinPolicy {
        let max_length = self.model.limit(|info| info.max_pin_length.as_ref().map(|limit| limit.value.into()));
        PinPolicy {
            min_length: self.state.min_pin_length,
            max_length: max_length.unwrap_or(usize::MAX),
            complex: self.demands_complex_pins(),
        }
    }

    pub(crate) fn store_pin(&mut self, NewPin { hash, code_points }: NewPin) {
        let factory = Durable::of(&self.model);
        self.state.change(|state| {
            state.pin = Some(Pin { hash, code_points });
            state.pin_retries = factory.pin_retries;
            state.force_pin_change = false;
        });
    }

    /// Whether a PIN can be compared at all.
    pub(super) fn may_try_pin(&self) -> Result<(), StatusCode> {
        if self.state.pin.is_none() {
            Err(StatusCode::PIN_NOT_SET)
        } else if self.state.pin_retries == 0 {
            Err(StatusCode::PIN_BLOCKED)
        } else if self.volatile.session.is_blocked() {
            Err(StatusCode::PIN_AUTH_BLOCKED)
        } else {
            Ok(())
        }
    }

    /// One attempt at the PIN, which counts before it is compared: losing power in between gains nothing.
    pub(super) fn compare_pin(
        &mut self,
        protocol: Protocol,
        shared: &SharedSecret,
        pin_hash_enc: &[u8],
    ) -> Result<(), StatusCode> {
        self.state.change(|state| state.pin_retries = state.pin_retries.saturating_sub(1));
        let hash = shared.decrypt(pin_hash_enc);
        let right = self.state.pin.is_some_and(|pin| hash.is_some_and(|hash| hash == pin.hash));
        self.volatile.session.compared(right);
        if right {
            let factory = Durable::of(&self.model);
            self.state.change(|state| {
                state.pin_retries = factory.pin_retries;
                state.uv_retries = factory.uv_retries;
            });
            return Ok(());
        }
        self.volatile.session.regenerate(protocol);
        Err(match (self.state.pin_retries, self.volatile.session.is_blocked()) {
            (0, _) => StatusCode::PIN_BLOCKED,
            (_, true) => StatusCode::PIN_AUTH_BLOCKED,
            (_, false) => StatusCode::PIN_INVALID,
        })
    }
}
