//! authenticatorGetInfo (`ctap-2.2 §6.4`): the model, as far as this engine can play it.

use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::get_info::Response;

use super::{Next, Outcome};
use crate::engine::Authenticator;
use crate::model::{GetInfo, Model, Named, Sourced};
use crate::store::Store;

pub(super) fn start(authenticator: &mut Authenticator) -> Outcome {
    let mut info = response(authenticator);
    authenticator.env.tamper.get_info(&mut info);
    Ok(Next::Reply(info.encode()))
}

fn response(authenticator: &mut Authenticator) -> Response {
    let (enc_identifier, enc_cred_store_state) = authenticator.sealed();
    let authenticator = &*authenticator;
    let (model, built) = (&authenticator.model, &authenticator.built);
    let number = |fact: fn(&GetInfo) -> &Option<Sourced<u32>>| {
        let fact = model.get_info.as_ref().map(fact).and_then(Option::as_ref);
        fact.map(|fact| i64::from(fact.value))
    };
    Response {
        versions: authenticator.versions(),
        extensions: built.extensions.clone(),
        aaguid: model.aaguid(),
        options: authenticator.options(),
        max_msg_size: number(|info| &info.max_msg_size),
        pin_uv_auth_protocols: authenticator.pin_uv_auth_protocols().map(i64::from).collect(),
        max_credential_count_in_list: number(|info| &info.max_credential_count_in_list),
        max_credential_id_length: number(|info| &info.max_credential_id_length),
        transports: model.transports().map(str::to_owned).collect(),
        algorithms: built.algorithms.clone(),
        firmware_version: number(|info| &info.firmware_version),
        uv_modality: number(|info| &info.uv_modality),
        preferred_platform_uv_attempts: number(|info| &info.preferred_platform_uv_attempts),
        certifications: certifications(model),
        remaining_discoverable_credentials: remaining(authenticator),
        attestation_formats: attestation_formats(authenticator),
        enc_identifier,
        enc_cred_store_state,
        ..of_ctap_2_1(authenticator)
    }
}

/// Members that only models of CTAP 2.1 and later have, where they have what the member is about.
fn of_ctap_2_1(authenticator: &Authenticator) -> Response {
    let Some(info) = authenticator.model.get_info.as_ref().filter(|_| authenticator.is_ctap_2_1()) else {
        return Response::default();
    };
    let number = |fact: &Option<Sourced<u32>>| fact.as_ref().map(|fact| i64::from(fact.value));
    let pin = authenticator.option("clientPin").is_some();
    let configures = authenticator.has("authnrCfg");
    let state = &authenticator.state;
    Response {
        max_serialized_large_blob_array: authenticator.large_blob_capacity().map(length),
        force_pin_change: pin.then_some(state.force_pin_change),
        min_pin_length: pin.then_some(state.min_pin_length.into()),
        max_cred_blob_length: authenticator.has_extension("credBlob").then(|| length(authenticator.cred_blob_length())),
        max_rp_ids_for_set_min_pin_length: number(&info.max_rpids_for_set_min_pin_length).filter(|_| configures),
        vendor_prototype_config_commands: info
            .vendor_prototype_config_commands
            .as_ref()
            .map(|commands| commands.value.iter().map(|command| u64::from(*command)).collect()),
        long_touch_for_reset: info.long_touch_for_reset.as_ref().map(|_| state.long_touch_for_reset),
        transports_for_reset: info
            .transports_for_reset
            .as_ref()
            .map(|transports| transports.value.iter().map(|transport| transport.name().to_owned()).collect()),
        pin_complexity_policy: info.pin_complexity_policy.as_ref().map(|policy| policy.value),
        max_pin_length: info.max_pin_length.as_ref().map(|length| length.value.into()),
        authenticator_config_commands: info
            .authenticator_config_commands
            .as_ref()
            .filter(|_| configures)
            .map(|commands| commands.value.iter().map(|command| i64::from(*command)).collect()),
        ..Response::default()
    }
}

fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn certifications(model: &Model) -> Vec<(String, i64)> {
    let said = model.get_info.as_ref().and_then(|info| info.certifications.as_ref());
    let pairs = said.into_iter().flat_map(|pairs| &pairs.value.0);
    pairs.map(|(name, level)| (name.clone(), i64::from(*level))).collect()
}

fn remaining(authenticator: &Authenticator) -> Option<i64> {
    let used = i64::try_from(authenticator.home.read(Store::slots_used)).unwrap_or(i64::MAX);
    let slots = i64::from(authenticator.model.passkeys.slots.as_ref()?.value);
    Some(slots.saturating_sub(used).max(0))
}

/// Member 0x16, where the real model has it, without what this version cannot make.
fn attestation_formats(authenticator: &Authenticator) -> Vec<String> {
    let claimed = authenticator.model.get_info.iter().flat_map(|info| info.attestation_formats.iter());
    let own = &authenticator.model.attestation.format.value;
    claimed.flat_map(|formats| formats.iter()).filter(|format| *format == own).cloned().collect()
}

/// Lists longer than getInfo allows are refused.
pub(super) fn check_list(authenticator: &Authenticator, length: usize) -> Result<(), StatusCode> {
    let limit = authenticator.model.limit(|info| info.max_credential_count_in_list.as_ref().map(|limit| limit.value));
    if limit.is_some_and(|limit| length > limit) { Err(StatusCode::LIMIT_EXCEEDED) } else { Ok(()) }
}
