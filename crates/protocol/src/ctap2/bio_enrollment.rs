//! authenticatorBioEnrollment (`ctap-2.2 §6.7`), and its preview under 0x40.

use super::message::{Map, Member, message};
use super::sub_command::sub_commands;
use super::{Encoded, MessageError, members};
use crate::cbor::{Error, Key, Reader, Writer};

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

message! {
    /// The request's parameters.
    Request {
        modality: i64 = 0x01;
        /// Absent with getModality.
        sub_command: SubCommand = 0x02;
        sub_command_params: Encoded<Params> = 0x03;
        pin_uv_auth_protocol: i64 = 0x04;
        pin_uv_auth_param: Vec<u8> = 0x05;
        get_modality: bool = 0x06;
    }
}

message! {
    /// `subCommandParams`.
    Params {
        template_id: Vec<u8> = 0x01;
        template_friendly_name: String = 0x02;
        timeout_milliseconds: i64 = 0x03;
    }
}

message! {
    /// The reply; some subcommands answer without a body.
    Response {
        modality: i64 = 0x01;
        /// 1 touch, 2 swipe.
        fingerprint_kind: i64 = 0x02;
        max_capture_samples_required_for_enroll: i64 = 0x03;
        template_id: Vec<u8> = 0x04;
        last_enroll_sample_status: SampleStatus = 0x05;
        remaining_samples: i64 = 0x06;
        template_infos: Vec<TemplateInfo> = 0x07;
        /// Bytes.
        max_template_friendly_name: i64 = 0x08;
    }
}

/// One enrolled finger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateInfo {
    /// 0x01.
    pub template_id: Vec<u8>,
    /// 0x02.
    pub template_friendly_name: Option<String>,
}

impl Request {
    /// Reads the parameters as an authenticator does: strictly. Which of them it demands is for the authenticator.
    ///
    /// # Errors
    /// What is wrong, with the status to answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        Self::request(bytes)
    }

    /// The parameters in canonical form, `subCommandParams` as they are.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encoded()
    }
}

impl From<Params> for Encoded<Params> {
    fn from(params: Params) -> Self {
        let bytes = params.encoded();
        Self::of(params, bytes)
    }
}

impl Member for TemplateInfo {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
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
        Self::reply(bytes)
    }

    /// The reply's body in canonical form; empty without members.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encoded_or_nothing()
    }
}
