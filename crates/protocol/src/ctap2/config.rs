//! authenticatorConfig (`ctap-2.2 §6.11`). Replies have no body.

use super::members::{self, Members};
use super::sub_command::sub_commands;
use super::{Encoded, MessageError, Unknown};
use crate::cbor::{self, Key, Reader, Rules};

sub_commands! {
    /// A subcommand of authenticatorConfig, known or not.
    SubCommand;
    ENABLE_ENTERPRISE_ATTESTATION = 0x01, "enableEnterpriseAttestation";
    TOGGLE_ALWAYS_UV = 0x02, "toggleAlwaysUv";
    SET_MIN_PIN_LENGTH = 0x03, "setMinPINLength";
    ENABLE_LONG_TOUCH_FOR_RESET = 0x04, "enableLongTouchForReset";
    VENDOR_PROTOTYPE = 0xff, "vendorPrototype";
}

/// The request's parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// 0x01.
    pub sub_command: SubCommand,
    /// 0x02.
    pub sub_command_params: Option<Encoded<Params>>,
    /// 0x03.
    pub pin_uv_auth_protocol: Option<i64>,
    /// 0x04.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// `subCommandParams` of setMinPINLength; those of other subcommands are all in [`Params::unknown`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Params {
    /// 0x01: in code points.
    pub new_min_pin_length: Option<i64>,
    /// 0x02: RP IDs that may ask for the minimum length.
    pub min_pin_length_rp_ids: Option<Vec<String>>,
    /// 0x03.
    pub force_change_pin: Option<bool>,
    /// 0x04 (`ctap-2.3`).
    pub pin_complexity_policy: Option<bool>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

impl Request {
    /// Reads the parameters as an authenticator does: strictly.
    ///
    /// # Errors
    /// What is wrong, with the status to answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mut request, mut sub_command) = (Self::default(), None);
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => sub_command = Some(SubCommand(reader.integer()?)),
                Key::Int(2) => request.sub_command_params = Some(Params::of(sub_command, reader)?),
                Key::Int(3) => request.pin_uv_auth_protocol = Some(reader.integer()?),
                Key::Int(4) => request.pin_uv_auth_param = Some(reader.bytes()?.to_vec()),
                other => request.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        reader.end()?;
        request.sub_command = sub_command.ok_or_else(|| MessageError::missing("subCommand"))?;
        Ok(request)
    }

    /// The parameters in canonical form, `subCommandParams` as they are.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_integer(1, Some(self.sub_command.0));
        members.put_encoded(2, self.sub_command_params.as_ref());
        members.put_integer(3, self.pin_uv_auth_protocol);
        members.put_bytes(4, self.pin_uv_auth_param.as_deref());
        members.encode(&self.unknown)
    }
}

impl Params {
    /// Sorted keys put the subcommand first.
    fn of(sub_command: Option<SubCommand>, reader: &mut Reader<'_>) -> Result<Encoded<Self>, cbor::Error> {
        let typed = sub_command == Some(SubCommand::SET_MIN_PIN_LENGTH);
        Encoded::read(reader, |reader| Self::read(reader, typed))
    }

    fn read(reader: &mut Reader<'_>, typed: bool) -> Result<Self, cbor::Error> {
        let mut params = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Int(1) if typed => params.new_min_pin_length = Some(reader.integer()?),
                Key::Int(2) if typed => params.min_pin_length_rp_ids = Some(members::list(reader, members::text)?),
                Key::Int(3) if typed => params.force_change_pin = Some(reader.boolean()?),
                Key::Int(4) if typed => params.pin_complexity_policy = Some(reader.boolean()?),
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
        members.put_integer(1, params.new_min_pin_length);
        members.put_some(2, params.min_pin_length_rp_ids.as_deref(), members::write_texts);
        members.put_some(3, params.force_change_pin, |writer, value| _ = writer.boolean(value));
        members.put_some(4, params.pin_complexity_policy, |writer, value| _ = writer.boolean(value));
        let bytes = members.encode(&params.unknown);
        Self::of(params, bytes)
    }
}
