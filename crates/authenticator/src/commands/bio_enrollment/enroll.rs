//! One enrolment, sample by sample (`ctap-2.2 §6.7.4`).

use jiff::SignedDuration;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::bio_enrollment::{Request, Response, SampleStatus};

use super::{parameter, reply};
use crate::commands::{Next, Outcome, Pending};
use crate::engine::Authenticator;
use crate::interaction::{Answer, Need};
use crate::model::Fingerprints;
use crate::state::Template;

/// How long a sample is waited for, unless the platform says: the user action timeout of `ctap-2.2 §6`.
const SAMPLE: SignedDuration = SignedDuration::from_secs(30);
/// What bad samples are told, one after the other.
const BAD: [SampleStatus; 10] = [
    SampleStatus::POOR_QUALITY,
    SampleStatus::TOO_HIGH,
    SampleStatus::TOO_LOW,
    SampleStatus::TOO_LEFT,
    SampleStatus::TOO_RIGHT,
    SampleStatus::TOO_FAST,
    SampleStatus::TOO_SLOW,
    SampleStatus::TOO_SKEWED,
    SampleStatus::TOO_SHORT,
    SampleStatus::MERGE_FAILURE,
];

/// A finger of which samples are missing.
#[derive(Debug, Clone)]
pub(crate) struct Enrollment {
    template_id: Vec<u8>,
    remaining: u8,
    bad: usize,
    /// Whether the platform knows the id.
    told: bool,
}

/// Begins anew; what was begun before is forgotten.
pub(super) fn begin(authenticator: &mut Authenticator, sensor: &Fingerprints, request: &Request) -> Outcome {
    authenticator.volatile.enrollment = None;
    if authenticator.state.templates.len() >= usize::from(sensor.templates.value) {
        return Err(StatusCode::FP_DATABASE_FULL);
    }
    let template_id = authenticator.template_id();
    let remaining = sensor.samples.value;
    authenticator.volatile.enrollment = Some(Enrollment { template_id, remaining, bad: 0, told: false });
    sample(request)
}

pub(super) fn capture_next(authenticator: &Authenticator, request: &Request) -> Outcome {
    let id = parameter(request, |params| params.template_id.clone())?;
    match &authenticator.volatile.enrollment {
        Some(enrollment) if enrollment.template_id == id => sample(request),
        _ => Err(StatusCode::INVALID_PARAMETER),
    }
}

fn sample(request: &Request) -> Outcome {
    let asked = request.sub_command_params.as_deref().and_then(|params| params.timeout_milliseconds);
    let asked = asked.map(|asked| SignedDuration::from_millis(asked.max(0)));
    let time = asked.map_or(SAMPLE, |asked| asked.min(SAMPLE));
    Ok(Next::Ask(Need::Sample(time), Pending::Sample))
}

/// What came of the sample. With the last good one the finger is enrolled.
pub(in crate::commands) fn resume(authenticator: &mut Authenticator, answer: Answer) -> Outcome {
    let mut enrollment = authenticator.volatile.enrollment.take().ok_or(StatusCode::NOT_ALLOWED)?;
    let status = match answer {
        Answer::Given => {
            enrollment.remaining = enrollment.remaining.saturating_sub(1);
            Ok(SampleStatus::GOOD)
        }
        Answer::Failed => {
            enrollment.bad += 1;
            Ok(BAD[(enrollment.bad - 1) % BAD.len()])
        }
        Answer::TimedOut => Ok(SampleStatus::NO_USER_ACTIVITY),
        Answer::Refused => Err(StatusCode::OPERATION_DENIED),
    };
    let first = !std::mem::replace(&mut enrollment.told, status.is_ok());
    let response = status.map(|status| Response {
        template_id: first.then(|| enrollment.template_id.clone()),
        last_enroll_sample_status: Some(status),
        remaining_samples: Some(enrollment.remaining.into()),
        ..Response::default()
    });
    if enrollment.remaining > 0 {
        authenticator.volatile.enrollment = Some(enrollment);
    } else {
        let template = Template { id: enrollment.template_id, name: None };
        authenticator.state.change(|state| state.templates.push(template));
    }
    reply(response?)
}

impl Authenticator {
    /// A template id that is not in use.
    pub(crate) fn template_id(&mut self) -> Vec<u8> {
        let mut id: [u8; 2] = self.env.random();
        while self.state.templates.iter().any(|template| template.id == id) {
            id = u16::from_be_bytes(id).wrapping_add(1).to_be_bytes();
        }
        id.to_vec()
    }
}
