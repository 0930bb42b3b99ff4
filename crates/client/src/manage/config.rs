//! Settings of the authenticator (`ctap-2.2 §6.11`).

use lab_protocol::ctap2::config::{Params, Request, SubCommand};
use lab_protocol::ctap2::{Command, Encoded, Permissions};

use super::authorized;
use crate::error::Cause;
use crate::script::Script;

/// enableEnterpriseAttestation: until the next reset.
#[must_use]
pub fn enable_enterprise_attestation() -> Script<()> {
    run(SubCommand::ENABLE_ENTERPRISE_ATTESTATION, None)
}

/// toggleAlwaysUv.
#[must_use]
pub fn toggle_always_uv() -> Script<()> {
    run(SubCommand::TOGGLE_ALWAYS_UV, None)
}

/// setMinPINLength, with the RP IDs that may ask for it and the demand that the PIN be changed.
#[must_use]
pub fn set_min_pin_length(params: Params) -> Script<()> {
    run(SubCommand::SET_MIN_PIN_LENGTH, Some(params))
}

/// enableLongTouchForReset (`ctap-2.3`).
#[must_use]
pub fn enable_long_touch_for_reset() -> Script<()> {
    run(SubCommand::ENABLE_LONG_TOUCH_FOR_RESET, None)
}

/// What a pinUvAuthParam of authenticatorConfig covers.
#[must_use]
pub fn authenticated(sub_command: SubCommand, params: Option<&Encoded<Params>>) -> Vec<u8> {
    let number = u8::try_from(sub_command.0).unwrap_or(u8::MAX);
    [&[0xff; 32][..], &[Command::CONFIG.0, number], params.map_or(&[], Encoded::as_bytes)].concat()
}

/// An authenticator without any user verification is configured by whoever holds it.
fn run(sub_command: SubCommand, params: Option<Params>) -> Script<()> {
    Script::new(move |io| async move {
        let key = io.key().await?;
        if !key.has("authnrCfg") {
            return Err(Cause::NoCommand { command: Command::CONFIG, option: "authnrCfg" });
        }
        let params = params.map(Encoded::from);
        let mut request = Request { sub_command, sub_command_params: params, ..Default::default() };
        if key.is_protected() {
            let token = authorized(&io, &key, Permissions::AUTHENTICATOR_CONFIG).await?;
            let message = authenticated(sub_command, request.sub_command_params.as_ref());
            request.pin_uv_auth_param = Some(token.authenticate(&message));
            request.pin_uv_auth_protocol = Some(token.protocol().number());
        }
        io.body(Command::CONFIG, &request.encode()).await.map(|_| ())
    })
}
