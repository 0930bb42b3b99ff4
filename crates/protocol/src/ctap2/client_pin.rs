//! authenticatorClientPIN (`ctap-2.2 §6.5`).

use super::members::{self, Members};
use super::message::{Map, message};
use super::sub_command::sub_commands;
use super::{KeyAgreement, MessageError, Permissions, Unknown};
use crate::cbor::{self, Key, Reader, Rules};

sub_commands! {
    /// A subcommand of authenticatorClientPIN, known or not.
    SubCommand;
    GET_PIN_RETRIES = 0x01, "getPINRetries";
    GET_KEY_AGREEMENT = 0x02, "getKeyAgreement";
    SET_PIN = 0x03, "setPIN";
    CHANGE_PIN = 0x04, "changePIN";
    GET_PIN_TOKEN = 0x05, "getPinToken";
    GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS = 0x06, "getPinUvAuthTokenUsingUvWithPermissions";
    GET_UV_RETRIES = 0x07, "getUVRetries";
    GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS = 0x09, "getPinUvAuthTokenUsingPinWithPermissions";
}

/// The request's parameters. Which of them a subcommand demands is the authenticator's to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// 0x01.
    pub pin_uv_auth_protocol: Option<i64>,
    /// 0x02.
    pub sub_command: SubCommand,
    /// 0x03: the platform's key.
    pub key_agreement: Option<KeyAgreement>,
    /// 0x04.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x05: the padded new PIN, encrypted.
    pub new_pin_enc: Option<Vec<u8>>,
    /// 0x06: the first 16 bytes of the PIN's SHA-256, encrypted.
    pub pin_hash_enc: Option<Vec<u8>>,
    /// 0x09.
    pub permissions: Option<Permissions>,
    /// 0x0A: the permissions RP ID.
    pub rp_id: Option<String>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

message! {
    /// The reply; setPIN and changePIN answer without a body.
    Response {
        /// The authenticator's key.
        key_agreement: KeyAgreement = 0x01;
        /// The token, encrypted.
        pin_uv_auth_token: Vec<u8> = 0x02;
        pin_retries: i64 = 0x03;
        /// Whether the authenticator must be powered off and on before a further attempt.
        power_cycle_state: bool = 0x04;
        uv_retries: i64 = 0x05;
    }
}

impl Request {
    /// Reads the parameters as an authenticator does: strictly.
    ///
    /// # Errors
    /// What is wrong, with the status to answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mut request, mut sub_command) = (Self::default(), None);
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        reader.map(|reader, key| match key {
            Key::Int(2) => {
                sub_command = Some(SubCommand(reader.integer()?));
                Ok(())
            }
            other => request.member(reader, other),
        })?;
        reader.end()?;
        request.sub_command = sub_command.ok_or_else(|| MessageError::missing("subCommand"))?;
        Ok(request)
    }

    fn member<'a>(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), cbor::Error> {
        match key {
            Key::Int(1) => self.pin_uv_auth_protocol = Some(reader.integer()?),
            Key::Int(3) => self.key_agreement = Some(KeyAgreement::read(reader)?),
            Key::Int(4) => self.pin_uv_auth_param = Some(reader.bytes()?.to_vec()),
            Key::Int(5) => self.new_pin_enc = Some(reader.bytes()?.to_vec()),
            Key::Int(6) => self.pin_hash_enc = Some(reader.bytes()?.to_vec()),
            Key::Int(9) => self.permissions = Some(Permissions(reader.integer()?)),
            Key::Int(10) => self.rp_id = Some(reader.text()?.to_owned()),
            other => self.unknown.push((members::key_value(other), reader.value()?)),
        }
        Ok(())
    }

    /// The parameters in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_integer(1, self.pin_uv_auth_protocol);
        members.put_integer(2, Some(self.sub_command.0));
        members.put_some(3, self.key_agreement.as_ref(), KeyAgreement::write);
        members.put_bytes(4, self.pin_uv_auth_param.as_deref());
        members.put_bytes(5, self.new_pin_enc.as_deref());
        members.put_bytes(6, self.pin_hash_enc.as_deref());
        members.put_integer(9, self.permissions.map(|permissions| permissions.0));
        members.put_some(10, self.rp_id.as_deref(), |writer, id| _ = writer.text(id));
        members.encode(&self.unknown)
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
