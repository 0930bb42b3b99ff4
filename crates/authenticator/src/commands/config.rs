//! authenticatorConfig (`ctap-2.2 §6.11`).

use jiff::Timestamp;
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::config::{Params, Request, SubCommand};
use lab_protocol::ctap2::{Permissions, StatusCode};

use super::{Next, Outcome};
use crate::authorize::{Claim, RpRule};
use crate::engine::Authenticator;

/// The longest PIN of a model that names no maximum (`ctap-2.2 §6.4`, maxPINLength).
const MAX_PIN_LENGTH: u8 = 63;

/// The lab's own vendor command: the authenticator takes another device identifier, and so another encIdentifier.
const VENDOR_RENEW_IDENTIFIER: i64 = 1;

pub(super) fn start(authenticator: &mut Authenticator, parameters: &[u8], now: Timestamp) -> Outcome {
    if !authenticator.has("authnrCfg") {
        return Err(StatusCode::INVALID_COMMAND);
    }
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    if !authenticator.configures(request.sub_command) {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    authorize(authenticator, &request, now)?;
    match request.sub_command {
        SubCommand::ENABLE_ENTERPRISE_ATTESTATION => {
            authenticator.state.change(|state| state.enterprise_attestation = true);
        }
        SubCommand::TOGGLE_ALWAYS_UV => authenticator.state.change(|state| state.always_uv = !state.always_uv),
        SubCommand::SET_MIN_PIN_LENGTH => {
            set_min_pin_length(authenticator, request.sub_command_params.as_deref().unwrap_or(&Params::default()))?;
        }
        SubCommand::ENABLE_LONG_TOUCH_FOR_RESET => {
            authenticator.state.change(|state| state.long_touch_for_reset = true);
        }
        _ => vendor_prototype(authenticator, request.sub_command_params.as_deref())?,
    }
    Ok(Next::Reply(Vec::new()))
}

impl Authenticator {
    /// Whether it has a subcommand. Models that list theirs have those.
    fn configures(&self, sub_command: SubCommand) -> bool {
        let info = self.model.get_info.as_ref();
        let listed = info.and_then(|info| info.authenticator_config_commands.as_ref());
        let named = listed.map(|listed| listed.iter().any(|command| i64::from(*command) == sub_command.0));
        let capable = match sub_command {
            SubCommand::ENABLE_ENTERPRISE_ATTESTATION => self.option("ep").is_some(),
            SubCommand::TOGGLE_ALWAYS_UV => self.option("alwaysUv").is_some(),
            SubCommand::SET_MIN_PIN_LENGTH => self.has("setMinPINLength"),
            SubCommand::ENABLE_LONG_TOUCH_FOR_RESET => named.is_some(),
            SubCommand::VENDOR_PROTOTYPE => info.is_some_and(|info| info.vendor_prototype_config_commands.is_some()),
            _ => false,
        };
        capable && (named.unwrap_or(true) || sub_command == SubCommand::VENDOR_PROTOTYPE)
    }
}

/// Without any user verification, and with alwaysUv off, anybody may. alwaysUv can also be turned off by anybody
/// while there is nothing that could verify.
fn authorize(authenticator: &mut Authenticator, request: &Request, now: Timestamp) -> Result<(), StatusCode> {
    let (protected, always_uv) = (authenticator.is_protected(), authenticator.has("alwaysUv"));
    let stuck = request.sub_command == SubCommand::TOGGLE_ALWAYS_UV && always_uv && !protected;
    if stuck || !(protected || always_uv) {
        return Ok(());
    }
    let sub_command = u8::try_from(request.sub_command.0).unwrap_or_default();
    let params = request.sub_command_params.as_ref().map_or(&[][..], |params| params.as_bytes());
    let claim = Claim {
        protocol: request.pin_uv_auth_protocol,
        param: request.pin_uv_auth_param.as_deref(),
        message: &[&[0xff; 32][..], &[0x0d, sub_command], params].concat(),
        permissions: Permissions::AUTHENTICATOR_CONFIG,
        rp: RpRule::Any,
    };
    authenticator.authorize(&claim, now)
}

/// `ctap-2.2 §6.11.4`
fn set_min_pin_length(authenticator: &mut Authenticator, params: &Params) -> Result<(), StatusCode> {
    let current = authenticator.state.min_pin_length;
    let length = new_minimum(authenticator, params.new_min_pin_length)?;
    if params.min_pin_length_rp_ids.is_some() && !authenticator.has_extension("minPinLength") {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    if params.pin_complexity_policy == Some(true) && !authenticator.demands_complex_pins() {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    if length < current {
        return Err(StatusCode::PIN_POLICY_VIOLATION);
    }
    let forced = params.force_change_pin == Some(true);
    if forced && authenticator.state.pin.is_none() {
        return Err(StatusCode::PIN_NOT_SET);
    }
    let rp_ids = params.min_pin_length_rp_ids.clone();
    if rp_ids.as_ref().is_some_and(|rp_ids| rp_ids.len() > most_rp_ids(authenticator)) {
        return Err(StatusCode::KEY_STORE_FULL);
    }
    authenticator.state.change(|state| {
        state.min_pin_length = length;
        state.force_pin_change |= forced || state.pin.is_some_and(|pin| pin.code_points < length);
        if let Some(rp_ids) = rp_ids {
            state.min_pin_length_rp_ids = rp_ids;
        }
    });
    Ok(())
}

/// No PIN can be as long as a minimum over the maximum.
fn new_minimum(authenticator: &Authenticator, asked: Option<i64>) -> Result<u8, StatusCode> {
    let Some(asked) = asked else { return Ok(authenticator.state.min_pin_length) };
    let info = authenticator.model.get_info.as_ref();
    let longest = info.and_then(|info| info.max_pin_length.as_ref()).map_or(MAX_PIN_LENGTH, |longest| longest.value);
    u8::try_from(asked).ok().filter(|asked| *asked <= longest).ok_or(StatusCode::PIN_POLICY_VIOLATION)
}

/// maxRPIDsForSetMinPINLength: none, where getInfo does not have it.
fn most_rp_ids(authenticator: &Authenticator) -> usize {
    authenticator.model.limit(|info| Some(info.max_rpids_for_set_min_pin_length.as_ref()?.value)).unwrap_or_default()
}

/// `ctap-2.2 §6.11.3`: parameter 0x01 is the vendor's command.
fn vendor_prototype(authenticator: &mut Authenticator, params: Option<&Params>) -> Result<(), StatusCode> {
    let command = params.and_then(|params| params.unknown.iter().find(|(key, _)| *key == Value::from(1)));
    let (_, command) = command.ok_or(StatusCode::MISSING_PARAMETER)?;
    let command = command.as_integer().and_then(|command| i64::try_from(command).ok());
    let info = authenticator.model.get_info.as_ref();
    let listed = info.and_then(|info| info.vendor_prototype_config_commands.as_ref());
    let has = |command: i64| listed.is_some_and(|listed| listed.iter().any(|it| i64::from(*it) == command));
    match command.ok_or(StatusCode::CBOR_UNEXPECTED_TYPE)? {
        VENDOR_RENEW_IDENTIFIER if has(VENDOR_RENEW_IDENTIFIER) => {
            let fresh = authenticator.env.random();
            authenticator.state.change(|state| state.device_identifier = Some(fresh));
            Ok(())
        }
        _ => Err(StatusCode::INVALID_PARAMETER),
    }
}
