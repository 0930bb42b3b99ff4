//! authenticatorGetInfo (`ctap-2.2 §6.4`): the model, as far as this engine can play it.

use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::get_info::Response;

use super::{Next, Outcome};
use crate::engine::Authenticator;
use crate::model::{GetInfo, Sourced};
use crate::store::Store;

pub(super) fn start(authenticator: &mut Authenticator) -> Outcome {
    let mut info = response(authenticator);
    authenticator.env.tamper.get_info(&mut info);
    Ok(Next::Reply(info.encode()))
}

fn response(authenticator: &Authenticator) -> Response {
    let (model, built) = (&authenticator.model, &authenticator.built);
    let number = |fact: fn(&GetInfo) -> &Option<Sourced<u32>>| {
        let fact = model.get_info.as_ref().map(fact).and_then(Option::as_ref);
        fact.map(|fact| i64::from(fact.value))
    };
    let used = authenticator.home.read(Store::slots_used);
    let slots = model.passkeys.slots.as_ref().map(|slots| i64::from(slots.value));
    Response {
        versions: built.versions.clone(),
        extensions: built.extensions.clone(),
        aaguid: model.aaguid(),
        options: built.options.clone(),
        max_msg_size: number(|info| &info.max_msg_size),
        max_credential_count_in_list: number(|info| &info.max_credential_count_in_list),
        max_credential_id_length: number(|info| &info.max_credential_id_length),
        transports: model.transports().map(str::to_owned).collect(),
        algorithms: built.algorithms.clone(),
        firmware_version: number(|info| &info.firmware_version),
        remaining_discoverable_credentials: slots.map(|slots| (slots - i64::try_from(used).unwrap_or(slots)).max(0)),
        attestation_formats: attestation_formats(authenticator),
        ..Response::default()
    }
}

/// Member 0x16, where the real model has it, without what this version cannot make.
fn attestation_formats(authenticator: &Authenticator) -> Vec<String> {
    let claimed = authenticator.model.get_info.iter().flat_map(|info| info.attestation_formats.iter());
    let built = authenticator.model.attestation_as_built().format;
    claimed.flat_map(|formats| formats.iter()).filter(|format| *format == built).cloned().collect()
}

/// Lists longer than getInfo allows are refused.
pub(super) fn check_list(authenticator: &Authenticator, length: usize) -> Result<(), StatusCode> {
    let limit = authenticator.model.limit(|info| info.max_credential_count_in_list.as_ref().map(|limit| limit.value));
    if limit.is_some_and(|limit| length > limit) { Err(StatusCode::LIMIT_EXCEEDED) } else { Ok(()) }
}
