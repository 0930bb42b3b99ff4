//! authenticatorClientPIN (`ctap-2.2 §6.5.5`): a function for each subcommand.

mod pin;
mod token;

use jiff::Timestamp;
use lab_protocol::ctap2::client_pin::{Request, Response, SubCommand};
use lab_protocol::ctap2::{KeyAgreement, StatusCode};

use super::{Next, Outcome};
use crate::engine::Authenticator;
use crate::pin::{Protocol, SharedSecret};

pub(crate) use token::VerifiedToken;

pub(super) fn start(authenticator: &mut Authenticator, parameters: &[u8], now: Timestamp) -> Outcome {
    if !authenticator.agrees_keys() {
        return Err(StatusCode::INVALID_COMMAND);
    }
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    if !has(authenticator, request.sub_command) {
        return Err(StatusCode::INVALID_SUBCOMMAND);
    }
    match request.sub_command {
        SubCommand::GET_PIN_RETRIES => pin_retries(authenticator),
        SubCommand::GET_KEY_AGREEMENT => key_agreement(authenticator, &request),
        SubCommand::SET_PIN => pin::set(authenticator, &request),
        SubCommand::CHANGE_PIN => pin::change(authenticator, &request),
        SubCommand::GET_PIN_TOKEN => token::by_pin(authenticator, &request, now),
        SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS => token::by_uv(authenticator, request, now),
        SubCommand::GET_UV_RETRIES => {
            Ok(reply(&Response { uv_retries: Some(authenticator.state.uv_retries.into()), ..Response::default() }))
        }
        SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS => {
            token::by_pin_with_permissions(authenticator, request, now)
        }
        _ => Err(StatusCode::INVALID_SUBCOMMAND),
    }
}

/// Whether the model has a subcommand.
fn has(authenticator: &Authenticator, sub_command: SubCommand) -> bool {
    let has = |name: &str| authenticator.option(name).is_some();
    let (pin, uv, tokens) = (has("clientPin"), has("uv"), authenticator.has("pinUvAuthToken"));
    match sub_command {
        SubCommand::GET_KEY_AGREEMENT => true,
        SubCommand::GET_PIN_RETRIES | SubCommand::SET_PIN | SubCommand::CHANGE_PIN | SubCommand::GET_PIN_TOKEN => pin,
        SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS => pin && tokens,
        SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS => uv && tokens,
        SubCommand::GET_UV_RETRIES => uv,
        _ => false,
    }
}

/// Without a PIN there is nothing to count, as keys of CTAP 2.1 and later say.
fn pin_retries(authenticator: &Authenticator) -> Outcome {
    if authenticator.state.pin.is_none() {
        return Err(StatusCode::PIN_NOT_SET);
    }
    Ok(reply(&Response {
        pin_retries: Some(authenticator.state.pin_retries.into()),
        power_cycle_state: Some(authenticator.volatile.session.is_blocked()),
        ..Response::default()
    }))
}

fn key_agreement(authenticator: &mut Authenticator, request: &Request) -> Outcome {
    let protocol = authenticator.protocol(request.pin_uv_auth_protocol)?;
    let Authenticator { volatile, env, .. } = authenticator;
    let (x, y) = volatile.session.public_key(protocol, &mut *env.rng).ok_or(StatusCode::OTHER)?;
    Ok(reply(&Response { key_agreement: Some(KeyAgreement::p256(x, y)), ..Response::default() }))
}

fn reply(response: &Response) -> Next {
    Next::Reply(response.encode())
}

/// A member that the subcommand demands.
fn need<T>(member: Option<T>) -> Result<T, StatusCode> {
    member.ok_or(StatusCode::MISSING_PARAMETER)
}

impl Authenticator {
    /// `decapsulate`, with the status of every command that agrees on a key.
    pub(crate) fn decapsulate(&mut self, protocol: Protocol, key: &KeyAgreement) -> Result<SharedSecret, StatusCode> {
        let shared = self.volatile.session.decapsulate(protocol, key, &mut *self.env.rng);
        shared.ok_or(StatusCode::INVALID_PARAMETER)
    }
}
