//! Getting a pinUvAuthToken (`ctap-2.2 §6.5.5.7`, the platform's side).

use lab_protocol::ctap2::client_pin::{Request, Response, SubCommand};
use lab_protocol::ctap2::{Command, KeyAgreement, Permissions, StatusCode};

use crate::error::{Cause, ReplyError};
use crate::key::{self, Key, Way};
use crate::machine::{PinPrompt, PinReason};
use crate::pin::Pin;
use crate::pin_uv::{KeyAgreementError, Protocol, SharedSecret, Token};
use crate::script::Io;

/// Attempts with the authenticator's own verification where getInfo names no preferred number.
const UV_ATTEMPTS: i64 = 3;

/// Private keys that are drawn before giving up: one in 2^32 draws is none.
const DRAWS: usize = 8;

/// What a token is to be used for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose<'a> {
    pub(crate) permissions: Permissions,
    /// The permissions RP ID, which `mc` and `ga` need.
    pub(crate) rp_id: Option<&'a str>,
}

/// A key agreement: the platform's public key and the shared secret.
pub(crate) struct Agreed {
    pub(crate) platform: KeyAgreement,
    pub(crate) secret: SharedSecret,
}

/// A token for `purpose`, by the authenticator's own verification or by its PIN.
///
/// # Errors
/// It cannot give one, the person gives no PIN, or too many attempts failed.
pub(crate) async fn token(io: &Io, key: &Key, purpose: Purpose<'_>) -> Result<Token, Cause> {
    match key.way(purpose.permissions)? {
        Way::BuiltIn => match by_built_in_verification(io, key, purpose).await? {
            Some(token) => Ok(token),
            None => by_pin(io, key, purpose).await,
        },
        Way::Pin => by_pin(io, key, purpose).await,
    }
}

/// A token by the PIN: a wrong one is asked for again (0x31), until the authenticator wants to be plugged in again
/// (0x34) or is blocked (0x32).
///
/// # Errors
/// As [`token`].
pub(crate) async fn by_pin(io: &Io, key: &Key, purpose: Purpose<'_>) -> Result<Token, Cause> {
    if key.info().force_pin_change == Some(true) {
        return Err(Cause::PinMustChange);
    }
    let protocol = key.protocol()?;
    let mut reason = PinReason::Needed;
    loop {
        let retries = open_retries(io, protocol).await?;
        let pin = io.pin(PinPrompt { reason, retries }).await?.ok_or(Cause::PinRequired { status: None })?;
        if let Some(token) = attempt(io, key, purpose, &pin).await? {
            return Ok(token);
        }
        reason = PinReason::Wrong;
    }
}

/// getPINRetries; an authenticator that takes no attempt now is not asked for one.
async fn open_retries(io: &Io, protocol: Protocol) -> Result<Option<i64>, Cause> {
    let request = Request {
        pin_uv_auth_protocol: Some(protocol.number()),
        sub_command: SubCommand::GET_PIN_RETRIES,
        ..Default::default()
    };
    let state = client_pin(io, &request).await?;
    match (state.pin_retries, state.power_cycle_state) {
        (Some(0), _) => Err(key::refused(Command::CLIENT_PIN, StatusCode::PIN_BLOCKED)),
        (_, Some(true)) => Err(key::refused(Command::CLIENT_PIN, StatusCode::PIN_AUTH_BLOCKED)),
        (retries, _) => Ok(retries),
    }
}

/// One attempt with a PIN; `None` where it is wrong and may be tried again.
async fn attempt(io: &Io, key: &Key, purpose: Purpose<'_>, pin: &Pin) -> Result<Option<Token>, Cause> {
    let agreed = agree(io, key.protocol()?).await?;
    let hash = agreed.secret.encrypt(&*pin.hash(), io.random().await?);
    let mut request = agreed.request(SubCommand::GET_PIN_TOKEN);
    if key.gives_permissions() {
        request = agreed.request(SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS);
        request.permissions = Some(purpose.permissions);
        request.rp_id = purpose.rp_id.map(str::to_owned);
    }
    request.pin_hash_enc = Some(hash);
    match io.call(Command::CLIENT_PIN, &request.encode()).await? {
        (StatusCode::OK, body) => agreed.token(&body).map(Some),
        (StatusCode::PIN_INVALID, _) => Ok(None),
        (StatusCode::PIN_POLICY_VIOLATION, _) => Err(Cause::PinMustChange),
        (status, _) => Err(key::refused(Command::CLIENT_PIN, status)),
    }
}

/// A token by the authenticator's own verification; `None` where that is blocked and a PIN can help.
async fn by_built_in_verification(io: &Io, key: &Key, purpose: Purpose<'_>) -> Result<Option<Token>, Cause> {
    let attempts = key.info().preferred_platform_uv_attempts.unwrap_or(UV_ATTEMPTS).clamp(1, UV_ATTEMPTS);
    let mut last = StatusCode::UV_INVALID;
    for _ in 0..attempts {
        let agreed = agree(io, key.protocol()?).await?;
        let mut request = agreed.request(SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS);
        request.permissions = Some(purpose.permissions);
        request.rp_id = purpose.rp_id.map(str::to_owned);
        match io.call(Command::CLIENT_PIN, &request.encode()).await? {
            (StatusCode::OK, body) => return agreed.token(&body).map(Some),
            (status @ (StatusCode::UV_INVALID | StatusCode::UV_BLOCKED), _) => last = status,
            (status, _) => return Err(key::refused(Command::CLIENT_PIN, status)),
        }
        if last == StatusCode::UV_BLOCKED {
            break;
        }
    }
    if key.takes_pin(purpose.permissions) { Ok(None) } else { Err(key::refused(Command::CLIENT_PIN, last)) }
}

/// getKeyAgreement, and the secret that follows from it.
///
/// # Errors
/// The authenticator refuses, or its key is none.
pub(crate) async fn agree(io: &Io, protocol: Protocol) -> Result<Agreed, Cause> {
    let request = Request {
        pin_uv_auth_protocol: Some(protocol.number()),
        sub_command: SubCommand::GET_KEY_AGREEMENT,
        ..Default::default()
    };
    let peer = client_pin(io, &request).await?.key_agreement.ok_or_else(|| missing("keyAgreement"))?;
    for _ in 0..DRAWS {
        match protocol.encapsulate(&peer, &io.random().await?) {
            Ok((platform, secret)) => return Ok(Agreed { platform, secret }),
            Err(KeyAgreementError::Private) => {}
            Err(error) => return Err(reply(ReplyError::KeyAgreement(error))),
        }
    }
    Err(reply(ReplyError::KeyAgreement(KeyAgreementError::Private)))
}

/// A subcommand of authenticatorClientPIN that succeeds.
///
/// # Errors
/// The authenticator refuses, or its reply cannot be read.
pub(crate) async fn client_pin(io: &Io, request: &Request) -> Result<Response, Cause> {
    parse(&io.body(Command::CLIENT_PIN, &request.encode()).await?)
}

impl Agreed {
    /// A request that carries the platform's key.
    pub(crate) fn request(&self, sub_command: SubCommand) -> Request {
        Request {
            pin_uv_auth_protocol: Some(self.secret.protocol().number()),
            sub_command,
            key_agreement: Some(self.platform.clone()),
            ..Default::default()
        }
    }

    fn token(&self, body: &[u8]) -> Result<Token, Cause> {
        let encrypted = parse(body)?.pin_uv_auth_token.ok_or_else(|| missing("pinUvAuthToken"))?;
        let unreadable = || reply(ReplyError::Token { found: encrypted.len() });
        Token::decrypt(&self.secret, &encrypted).ok_or_else(unreadable)
    }
}

fn parse(body: &[u8]) -> Result<Response, Cause> {
    Response::parse(body).map_err(|error| key::unreadable(Command::CLIENT_PIN, error))
}

fn missing(member: &'static str) -> Cause {
    reply(ReplyError::Missing(member))
}

const fn reply(error: ReplyError) -> Cause {
    Cause::Reply { command: Command::CLIENT_PIN, error }
}
