//! authenticatorBioEnrollment (`ctap-2.2 §6.7`), and its preview under 0x40.

use super::members::{self, Members};
use super::sub_command::sub_commands;
use super::{Encoded, MessageError, Unknown};
use crate::cbor::{self, Key, Reader, Rules, Writer};

sub_commands! {
    /// A subcommand of authenticatorBioEnrollment, known or not.
    SubCommand;
    ENROLL_BEGIN = 0x01, "enrollBegin";
    ENROLL_CAPTURE_NEXT_SAMPLE = 0x02, "enrollCaptureNextSample";
    CANCEL_CURRENT_ENROLLMENT = 0x03, "cancelCurrentEnrollment";
    ENUMERATE_ENROLLMENTS = 0x04, "enumerateEnrollments";
    SET_FRIENDLY_NAME = 0x05, "setFriendlyName";
    REMOVE_ENROLLMENT = 0x06, "removeEnrollment";
    GET_FINGERPRINT_SENSOR_INFO = 0x07, "getFingerprintSensorInfo";
}

sub_commands! {
    /// `lastEnrollSampleStatus`: what came of a sample.
    SampleStatus;
    GOOD = 0x00, "CTAP2_ENROLL_FEEDBACK_FP_GOOD";
    TOO_HIGH = 0x01, "CTAP2_ENROLL_FEEDBACK_FP_TOO_HIGH";
    TOO_LOW = 0x02, "CTAP2_ENROLL_FEEDBACK_FP_TOO_LOW";
    TOO_LEFT = 0x03, "CTAP2_ENROLL_FEEDBACK_FP_TOO_LEFT";
    TOO_RIGHT = 0x04, "CTAP2_ENROLL_FEEDBACK_FP_TOO_RIGHT";
    TOO_FAST = 0x05, "CTAP2_ENROLL_FEEDBACK_FP_TOO_FAST";
    TOO_SLOW = 0x06, "CTAP2_ENROLL_FEEDBACK_FP_TOO_SLOW";
    POOR_QUALITY = 0x07, "CTAP2_ENROLL_FEEDBACK_FP_POOR_QUALITY";
    TOO_SKEWED = 0x08, "CTAP2_ENROLL_FEEDBACK_FP_TOO_SKEWED";
    TOO_SHORT = 0x09, "CTAP2_ENROLL_FEEDBACK_FP_TOO_SHORT";
    MERGE_FAILURE = 0x0a, "CTAP2_ENROLL_FEEDBACK_FP_MERGE_FAILURE";
    EXISTS = 0x0b, "CTAP2_ENROLL_FEEDBACK_FP_EXISTS";
    NO_USER_ACTIVITY = 0x0d, "CTAP2_ENROLL_FEEDBACK_NO_USER_ACTIVITY";
    NO_USER_PRESENCE_TRANSITION = 0x0e, "CTAP2_ENROLL_FEEDBACK_NO_USER_PRESENCE_TRANSITION";
}

/// The only modality that exists: fingerprint.
pub const FINGERPRINT: i64 = 1;

/// The request's parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// 0x01.
    pub modality: Option<i64>,
    /// 0x02; absent with getModality.
    pub sub_command: Option<SubCommand>,
    /// 0x03.
    pub sub_command_params: Option<Encoded<Params>>,
    /// 0x04.
    pub pin_uv_auth_protocol: Option<i64>,
    /// 0x05.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x06.
    pub get_modality: Option<bool>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// `subCommandParams`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Params {
    /// 0x01.
    pub template_id: Option<Vec<u8>>,
    /// 0x02.
    pub template_friendly_name: Option<String>,
    /// 0x03.
    pub timeout_milliseconds: Option<i64>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// One enrolled finger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateInfo {
    /// 0x01.
    pub template_id: Vec<u8>,
    /// 0x02.
    pub template_friendly_name: Option<String>,
}

/// The reply; some subcommands answer without a body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// 0x01.
    pub modality: Option<i64>,
    /// 0x02: 1 touch, 2 swipe.
    pub fingerprint_kind: Option<i64>,
    /// 0x03.
    pub max_capture_samples_required_for_enroll: Option<i64>,
    /// 0x04.
    pub template_id: Option<Vec<u8>>,
    /// 0x05.
    pub last_enroll_sample_status: Option<SampleStatus>,
    /// 0x06.
    pub remaining_samples: Option<i64>,
    /// 0x07.
    pub template_infos: Option<Vec<TemplateInfo>>,
    /// 0x08: bytes.
    pub max_template_friendly_name: Option<i64>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

impl Request {
    /// Reads the parameters as an authenticator does: strictly. Which of them it demands is for the authenticator.
    ///
    /// # Errors
    /// What is wrong, with the status to answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut request = Self::default();
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => request.modality = Some(reader.integer()?),
                Key::Int(2) => request.sub_command = Some(SubCommand(reader.integer()?)),
                Key::Int(3) => request.sub_command_params = Some(Encoded::read(reader, Params::read)?),
                Key::Int(4) => request.pin_uv_auth_protocol = Some(reader.integer()?),
                Key::Int(5) => request.pin_uv_auth_param = Some(reader.bytes()?.to_vec()),
                Key::Int(6) => request.get_modality = Some(reader.boolean()?),
                other => request.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(request)
    }

    /// The parameters in canonical form, `subCommandParams` as they are.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_integer(1, self.modality);
        members.put_integer(2, self.sub_command.map(|sub_command| sub_command.0));
        members.put_encoded(3, self.sub_command_params.as_ref());
        members.put_integer(4, self.pin_uv_auth_protocol);
        members.put_bytes(5, self.pin_uv_auth_param.as_deref());
        members.put_some(6, self.get_modality, |writer, value| _ = writer.boolean(value));
        members.encode(&self.unknown)
    }
}

impl Params {
    fn read(reader: &mut Reader<'_>) -> Result<Self, cbor::Error> {
        let mut params = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => params.template_id = Some(reader.bytes()?.to_vec()),
                Key::Int(2) => params.template_friendly_name = Some(reader.text()?.to_owned()),
                Key::Int(3) => params.timeout_milliseconds = Some(reader.integer()?),
                other => params.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        Ok(params)
    }
}

impl From<Params> for Encoded<Params> {
    fn from(params: Params) -> Self {
        let mut members = Members::new();
        members.put_bytes(1, params.template_id.as_deref());
        members.put_some(2, params.template_friendly_name.as_deref(), |writer, name| _ = writer.text(name));
        members.put_integer(3, params.timeout_milliseconds);
        let bytes = members.encode(&params.unknown);
        Self::of(params, bytes)
    }
}

impl TemplateInfo {
    fn read(reader: &mut Reader<'_>) -> Result<Self, cbor::Error> {
        let start = reader.offset();
        let (mut id, mut name) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => id = Some(reader.bytes()?.to_vec()),
                Key::Int(2) => name = Some(reader.text()?.to_owned()),
                _ => _ = reader.skip()?,
            }
            Ok(())
        })?;
        let template_id = id.ok_or_else(|| members::missing(start, "templateInfos.templateId"))?;
        Ok(Self { template_id, template_friendly_name: name })
    }

    fn write(&self, writer: &mut Writer) {
        writer.map(1 + usize::from(self.template_friendly_name.is_some())).integer(1).bytes(&self.template_id);
        if let Some(name) = &self.template_friendly_name {
            writer.integer(2).text(name);
        }
    }
}

impl Response {
    /// Reads a reply's body, which may be empty.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut response = Self::default();
        members::optional_map(bytes, |reader, key| response.member(reader, key))?;
        Ok(response)
    }

    fn member<'a>(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), cbor::Error> {
        match key {
            Key::Int(1) => self.modality = Some(reader.integer()?),
            Key::Int(2) => self.fingerprint_kind = Some(reader.integer()?),
            Key::Int(3) => self.max_capture_samples_required_for_enroll = Some(reader.integer()?),
            Key::Int(4) => self.template_id = Some(reader.bytes()?.to_vec()),
            Key::Int(5) => self.last_enroll_sample_status = Some(SampleStatus(reader.integer()?)),
            Key::Int(6) => self.remaining_samples = Some(reader.integer()?),
            Key::Int(7) => self.template_infos = Some(members::list(reader, TemplateInfo::read)?),
            Key::Int(8) => self.max_template_friendly_name = Some(reader.integer()?),
            other => self.unknown.push((members::key_value(other), reader.value()?)),
        }
        Ok(())
    }

    /// The reply's body in canonical form; empty without members.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_integer(1, self.modality);
        members.put_integer(2, self.fingerprint_kind);
        members.put_integer(3, self.max_capture_samples_required_for_enroll);
        members.put_bytes(4, self.template_id.as_deref());
        members.put_integer(5, self.last_enroll_sample_status.map(|status| status.0));
        members.put_integer(6, self.remaining_samples);
        members.put_some(7, self.template_infos.as_ref(), |writer, infos| {
            writer.array(infos.len());
            infos.iter().for_each(|info| info.write(writer));
        });
        members.put_integer(8, self.max_template_friendly_name);
        members.encode_or_nothing(&self.unknown)
    }
}
