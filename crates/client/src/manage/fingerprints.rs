//! Fingers on an authenticator's own sensor (`ctap-2.2 §6.7`).

use lab_protocol::ctap2::bio_enrollment::{
    FINGERPRINT, Params, Request, Response, SampleStatus, SubCommand, TemplateInfo,
};
use lab_protocol::ctap2::{Command, Encoded, Permissions, StatusCode};

use super::{authorized, command};
use crate::error::{Cause, ReplyError};
use crate::key::{self, Key};
use crate::pin_uv::Token;
use crate::script::{Io, Script};

/// The most samples that one enrolment takes, failed ones included.
const MAX_SAMPLES: usize = 64;

/// The sensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sensor {
    /// 1 touch, 2 swipe.
    pub kind: Option<i64>,
    /// Good samples that an enrolment needs.
    pub samples: Option<i64>,
    /// Bytes of a finger's name.
    pub max_name: Option<i64>,
}

/// A finger that was enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Its template.
    pub template_id: Vec<u8>,
    /// What came of each sample.
    pub samples: Vec<SampleStatus>,
}

/// getFingerprintSensorInfo; needs no token.
#[must_use]
pub fn sensor() -> Script<Sensor> {
    Script::new(|io| async move {
        let key = io.key().await?;
        let command = bio_command(&key)?;
        let sub_command = Some(SubCommand::GET_FINGERPRINT_SENSOR_INFO);
        let request = Request { modality: Some(FINGERPRINT), sub_command, ..Default::default() };
        let info = parse(command, &io.body(command, &request.encode()).await?)?;
        Ok(Sensor {
            kind: info.fingerprint_kind,
            samples: info.max_capture_samples_required_for_enroll,
            max_name: info.max_template_friendly_name,
        })
    })
}

/// enumerateEnrollments.
#[must_use]
pub fn list() -> Script<Vec<TemplateInfo>> {
    Script::new(|io| async move {
        let reader = Reader::open(&io).await?;
        match reader.call(SubCommand::ENUMERATE_ENROLLMENTS, None).await? {
            (StatusCode::OK, body) => Ok(parse(reader.command, &body)?.template_infos.unwrap_or_default()),
            // No finger yet: CTAP 2.1 answers with the status for an invalid option.
            (StatusCode::INVALID_OPTION, _) => Ok(Vec::new()),
            (status, _) => Err(key::refused(reader.command, status)),
        }
    })
}

/// Enrols a finger: the authenticator waits for a touch at each sample. What went wrong on the way is cancelled.
#[must_use]
pub fn enroll(name: Option<String>) -> Script<Enrolled> {
    Script::new(|io| async move {
        let reader = Reader::open(&io).await?;
        let first = reader.send(SubCommand::ENROLL_BEGIN, None).await?;
        let template_id = first.template_id.clone().ok_or_else(|| reader.missing("templateId"))?;
        let mut samples = vec![first.last_enroll_sample_status.unwrap_or_default()];
        let mut remaining = first.remaining_samples.ok_or_else(|| reader.missing("remainingSamples"))?;
        while remaining > 0 {
            if samples.len() == MAX_SAMPLES {
                reader.cancel().await?;
                let error = ReplyError::TooMany { what: "samples", found: remaining, allowed: MAX_SAMPLES };
                return Err(Cause::Reply { command: reader.command, error });
            }
            let params = Params { template_id: Some(template_id.clone()), ..Default::default() };
            let next = reader.send(SubCommand::ENROLL_CAPTURE_NEXT_SAMPLE, Some(params)).await?;
            samples.push(next.last_enroll_sample_status.unwrap_or_default());
            remaining = next.remaining_samples.ok_or_else(|| reader.missing("remainingSamples"))?;
        }
        if let Some(name) = name {
            reader.rename(template_id.clone(), name).await?;
        }
        Ok(Enrolled { template_id, samples })
    })
}

/// setFriendlyName.
#[must_use]
pub fn rename(template_id: Vec<u8>, name: String) -> Script<()> {
    Script::new(|io| async move { Reader::open(&io).await?.rename(template_id, name).await })
}

/// removeEnrollment.
#[must_use]
pub fn remove(template_id: Vec<u8>) -> Script<()> {
    Script::new(|io| async move {
        let reader = Reader::open(&io).await?;
        let params = Params { template_id: Some(template_id), ..Default::default() };
        reader.send(SubCommand::REMOVE_ENROLLMENT, Some(params)).await.map(|_| ())
    })
}

/// What a pinUvAuthParam of authenticatorBioEnrollment covers.
#[must_use]
pub fn authenticated(sub_command: SubCommand, params: Option<&Encoded<Params>>) -> Vec<u8> {
    let number = |value: i64| u8::try_from(value).unwrap_or(u8::MAX);
    [&[number(FINGERPRINT), number(sub_command.0)][..], params.map_or(&[], Encoded::as_bytes)].concat()
}

/// A token and the byte of the command.
struct Reader<'a> {
    io: &'a Io,
    command: Command,
    token: Token,
}

impl<'a> Reader<'a> {
    async fn open(io: &'a Io) -> Result<Self, Cause> {
        let key = io.key().await?;
        let command = bio_command(&key)?;
        Ok(Self { io, command, token: authorized(io, &key, Permissions::BIO_ENROLLMENT).await? })
    }

    async fn call(&self, sub_command: SubCommand, params: Option<Params>) -> Result<(StatusCode, Vec<u8>), Cause> {
        let params = params.map(Encoded::from);
        let request = Request {
            modality: Some(FINGERPRINT),
            sub_command: Some(sub_command),
            pin_uv_auth_param: Some(self.token.authenticate(&authenticated(sub_command, params.as_ref()))),
            pin_uv_auth_protocol: Some(self.token.protocol().number()),
            sub_command_params: params,
            ..Default::default()
        };
        self.io.call(self.command, &request.encode()).await
    }

    async fn send(&self, sub_command: SubCommand, params: Option<Params>) -> Result<Response, Cause> {
        match self.call(sub_command, params).await? {
            (StatusCode::OK, body) => parse(self.command, &body),
            (status, _) => Err(key::refused(self.command, status)),
        }
    }

    async fn rename(&self, template_id: Vec<u8>, name: String) -> Result<(), Cause> {
        let params =
            Params { template_id: Some(template_id), template_friendly_name: Some(name), ..Default::default() };
        self.send(SubCommand::SET_FRIENDLY_NAME, Some(params)).await.map(|_| ())
    }

    async fn cancel(&self) -> Result<(), Cause> {
        let sub_command = Some(SubCommand::CANCEL_CURRENT_ENROLLMENT);
        let request = Request { modality: Some(FINGERPRINT), sub_command, ..Default::default() };
        self.io.body(self.command, &request.encode()).await.map(|_| ())
    }

    const fn missing(&self, member: &'static str) -> Cause {
        Cause::Reply { command: self.command, error: ReplyError::Missing(member) }
    }
}

fn bio_command(key: &Key) -> Result<Command, Cause> {
    let preview = (Command::BIO_ENROLLMENT_PREVIEW, "userVerificationMgmtPreview");
    command(key, (Command::BIO_ENROLLMENT, "bioEnroll"), preview)
}

fn parse(command: Command, body: &[u8]) -> Result<Response, Cause> {
    Response::parse(body).map_err(|error| key::unreadable(command, error))
}
