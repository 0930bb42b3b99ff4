//! Setting and changing the PIN (`ctap-2.2 §6.5.5.5, §6.5.5.6`).

use lab_protocol::ctap2::client_pin::{Request, SubCommand};

use crate::authorize::{agree, client_pin};
use crate::error::Cause;
use crate::key::Key;
use crate::pin::{MIN_CODE_POINTS, Pin};
use crate::script::{Io, Script};

/// What an authenticator tells of its PIN and of its own verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinState {
    /// Whether one is set; `None` where the authenticator has no PIN at all.
    pub is_set: Option<bool>,
    /// Attempts until the PIN is blocked for good.
    pub retries: Option<i64>,
    /// Whether the authenticator must be unplugged before another attempt.
    pub must_replug: bool,
    /// Whether the PIN must be changed before it is of use.
    pub must_change: bool,
    /// The fewest code points of a new PIN.
    pub min_length: usize,
    /// Attempts until the authenticator's own verification is blocked.
    pub uv_retries: Option<i64>,
}

/// Reads the state of the PIN; uses up no attempt.
#[must_use]
pub fn state() -> Script<PinState> {
    Script::new(|io| async move {
        let key = io.key().await?;
        let ask = async |sub_command| {
            let protocol = Some(key.protocol()?.number());
            client_pin(&io, &Request { pin_uv_auth_protocol: protocol, sub_command, ..Default::default() }).await
        };
        let is_set = key.info().option("clientPin");
        // Some keys answer that they have none to the question how many attempts are left.
        let pin = if is_set == Some(true) { ask(SubCommand::GET_PIN_RETRIES).await? } else { Default::default() };
        let verifies = key.has("uv") && key.gives_permissions();
        let uv = if verifies { ask(SubCommand::GET_UV_RETRIES).await? } else { Default::default() };
        Ok(PinState {
            is_set,
            retries: pin.pin_retries,
            must_replug: pin.power_cycle_state == Some(true),
            must_change: key.info().force_pin_change == Some(true),
            min_length: min_length(&key),
            uv_retries: uv.uv_retries,
        })
    })
}

/// Gives an authenticator its first PIN.
#[must_use]
pub fn set(new: Pin) -> Script<()> {
    Script::new(|io| async move {
        let key = io.key().await?;
        new.check_length(min_length(&key))?;
        let agreed = agree(&io, key.protocol()?).await?;
        let new_pin_enc = agreed.secret.encrypt(&*new.padded(), io.random().await?);
        let request = Request {
            pin_uv_auth_param: Some(agreed.secret.authenticate(&new_pin_enc)),
            new_pin_enc: Some(new_pin_enc),
            ..agreed.request(SubCommand::SET_PIN)
        };
        client_pin(&io, &request).await.map(|_| ())
    })
}

/// Replaces the PIN. A wrong current PIN uses up an attempt.
#[must_use]
pub fn change(current: Pin, new: Pin) -> Script<()> {
    Script::new(|io| async move {
        let key = io.key().await?;
        new.check_length(min_length(&key))?;
        change_with(&io, &key, &current, &new).await
    })
}

async fn change_with(io: &Io, key: &Key, current: &Pin, new: &Pin) -> Result<(), Cause> {
    let agreed = agree(io, key.protocol()?).await?;
    let new_pin_enc = agreed.secret.encrypt(&*new.padded(), io.random().await?);
    let pin_hash_enc = agreed.secret.encrypt(&*current.hash(), io.random().await?);
    let request = Request {
        pin_uv_auth_param: Some(agreed.secret.authenticate(&[&new_pin_enc[..], &pin_hash_enc].concat())),
        new_pin_enc: Some(new_pin_enc),
        pin_hash_enc: Some(pin_hash_enc),
        ..agreed.request(SubCommand::CHANGE_PIN)
    };
    client_pin(io, &request).await.map(|_| ())
}

fn min_length(key: &Key) -> usize {
    let found = key.info().min_pin_length.and_then(|length| usize::try_from(length).ok());
    found.unwrap_or(MIN_CODE_POINTS)
}
