//! authenticatorBioEnrollment (`ctap-2.2 §6.7`), and its preview under 0x40.
//!
//! A finger is an event. While a sample is waited for, a touch (or a person who is verified) is a good one,
//! `NotVerified` a bad one, and nothing is no user activity. Once enrolled, a finger is `Verified`, any other
//! `NotVerified`.

mod enroll;

use jiff::Timestamp;
use lab_protocol::ctap2::bio_enrollment::{FINGERPRINT, Params, Request, Response, SubCommand, TemplateInfo};
use lab_protocol::ctap2::{Command, Permissions, StatusCode};

use super::{Next, Outcome};
use crate::authorize::{Claim, RpRule};
use crate::engine::Authenticator;
use crate::model::Fingerprints;
use crate::state::Template;

pub(crate) use enroll::Enrollment;
pub(super) use enroll::resume;

/// fingerprintKind: a finger is laid on the sensor.
const TOUCH: i64 = 1;

pub(super) fn start(authenticator: &mut Authenticator, command: Command, parameters: &[u8], now: Timestamp) -> Outcome {
    let preview = command == Command::BIO_ENROLLMENT_PREVIEW;
    let option = if preview { "userVerificationMgmtPreview" } else { "bioEnroll" };
    let model = std::sync::Arc::clone(&authenticator.model);
    let sensor = model.fingerprints.as_ref().filter(|_| authenticator.option(option).is_some());
    let sensor = sensor.ok_or(StatusCode::INVALID_COMMAND)?;
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    if request.get_modality == Some(true) {
        return reply(Response { modality: Some(FINGERPRINT), ..Response::default() });
    }
    let sub_command = request.sub_command.ok_or(StatusCode::MISSING_PARAMETER)?;
    if request.modality.ok_or(StatusCode::MISSING_PARAMETER)? != FINGERPRINT {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    match sub_command {
        SubCommand::GET_FINGERPRINT_SENSOR_INFO => return reply(sensor_info(sensor, preview)),
        SubCommand::CANCEL_CURRENT_ENROLLMENT => {
            authenticator.volatile.enrollment = None;
            return reply(Response::default());
        }
        SubCommand(0x01..=0x06) => authorize(authenticator, &request, sub_command, now)?,
        _ => return Err(StatusCode::INVALID_SUBCOMMAND),
    }
    match sub_command {
        SubCommand::ENROLL_BEGIN => enroll::begin(authenticator, sensor, &request),
        SubCommand::ENROLL_CAPTURE_NEXT_SAMPLE => enroll::capture_next(authenticator, &request),
        SubCommand::ENUMERATE_ENROLLMENTS => enumerate(authenticator),
        SubCommand::SET_FRIENDLY_NAME => set_friendly_name(authenticator, sensor, &request),
        _ => remove(authenticator, &request),
    }
}

fn reply(response: Response) -> Outcome {
    Ok(Next::Reply(response.encode()))
}

fn authorize(
    authenticator: &mut Authenticator,
    request: &Request,
    sub_command: SubCommand,
    now: Timestamp,
) -> Result<(), StatusCode> {
    let head = [FINGERPRINT, sub_command.0].map(|number| u8::try_from(number).unwrap_or_default());
    let params = request.sub_command_params.as_ref().map_or(&[][..], |params| params.as_bytes());
    let claim = Claim {
        protocol: request.pin_uv_auth_protocol,
        param: request.pin_uv_auth_param.as_deref(),
        message: &[&head[..], params].concat(),
        permissions: Permissions::BIO_ENROLLMENT,
        rp: RpRule::Any,
    };
    authenticator.authorize(&claim, now)
}

/// A parameter that the subcommand demands.
fn parameter<T>(request: &Request, read: impl FnOnce(&Params) -> Option<T>) -> Result<T, StatusCode> {
    request.sub_command_params.as_deref().and_then(read).ok_or(StatusCode::MISSING_PARAMETER)
}

/// The preview does not tell how long a name may be.
fn sensor_info(sensor: &Fingerprints, preview: bool) -> Response {
    Response {
        fingerprint_kind: Some(TOUCH),
        max_capture_samples_required_for_enroll: Some(sensor.samples.value.into()),
        max_template_friendly_name: (!preview).then(|| sensor.name_length.value.into()),
        ..Response::default()
    }
}

/// A finger without a name has an empty one.
fn enumerate(authenticator: &Authenticator) -> Outcome {
    let info = |template: &Template| TemplateInfo {
        template_id: template.id.clone(),
        template_friendly_name: Some(template.name.clone().unwrap_or_default()),
    };
    let infos: Vec<_> = authenticator.state.templates.iter().map(info).collect();
    if infos.is_empty() {
        return Err(StatusCode::INVALID_OPTION);
    }
    reply(Response { template_infos: Some(infos), ..Response::default() })
}

fn set_friendly_name(authenticator: &mut Authenticator, sensor: &Fingerprints, request: &Request) -> Outcome {
    let id = parameter(request, |params| params.template_id.clone())?;
    let name = parameter(request, |params| params.template_friendly_name.clone())?;
    if name.len() > usize::from(sensor.name_length.value) {
        return Err(StatusCode::INVALID_LENGTH);
    }
    authenticator.state.change(|state| {
        let template = state.templates.iter_mut().find(|template| template.id == id);
        template.ok_or(StatusCode::INVALID_OPTION)?.name = Some(name);
        reply(Response::default())
    })
}

fn remove(authenticator: &mut Authenticator, request: &Request) -> Outcome {
    let id = parameter(request, |params| params.template_id.clone())?;
    authenticator.state.change(|state| {
        let at = state.templates.iter().position(|template| template.id == id);
        state.templates.remove(at.ok_or(StatusCode::INVALID_OPTION)?);
        reply(Response::default())
    })
}
