//! authenticatorCredentialManagement (`ctap-2.2 §6.8`), and its preview under 0x41.

use super::members::{self, Members};
use super::sub_command::sub_commands;
use super::{Descriptor, Encoded, MessageError, RpEntity, Unknown, UserEntity};
use crate::cbor::{self, Key, Reader, Rules};

sub_commands! {
    /// A subcommand of authenticatorCredentialManagement, known or not.
    SubCommand;
    GET_CREDS_METADATA = 0x01, "getCredsMetadata";
    ENUMERATE_RPS_BEGIN = 0x02, "enumerateRPsBegin";
    ENUMERATE_RPS_GET_NEXT_RP = 0x03, "enumerateRPsGetNextRP";
    ENUMERATE_CREDENTIALS_BEGIN = 0x04, "enumerateCredentialsBegin";
    ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL = 0x05, "enumerateCredentialsGetNextCredential";
    DELETE_CREDENTIAL = 0x06, "deleteCredential";
    UPDATE_USER_INFORMATION = 0x07, "updateUserInformation";
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

/// `subCommandParams`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Params {
    /// 0x01: SHA-256 of the RP ID.
    pub rp_id_hash: Option<Vec<u8>>,
    /// 0x02.
    pub credential_id: Option<Descriptor>,
    /// 0x03.
    pub user: Option<UserEntity>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// The reply; deleteCredential and updateUserInformation answer without a body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// 0x01.
    pub existing_resident_credentials_count: Option<i64>,
    /// 0x02.
    pub max_possible_remaining_resident_credentials_count: Option<i64>,
    /// 0x03.
    pub rp: Option<RpEntity>,
    /// 0x04.
    pub rp_id_hash: Option<Vec<u8>>,
    /// 0x05: only in the first reply.
    pub total_rps: Option<i64>,
    /// 0x06.
    pub user: Option<UserEntity>,
    /// 0x07.
    pub credential_id: Option<Descriptor>,
    /// 0x08: the COSE_Key as it was sent.
    pub public_key: Option<Vec<u8>>,
    /// 0x09: only in the first reply.
    pub total_credentials: Option<i64>,
    /// 0x0A: 1 to 3.
    pub cred_protect: Option<i64>,
    /// 0x0B.
    pub large_blob_key: Option<Vec<u8>>,
    /// 0x0C.
    pub third_party_payment: Option<bool>,
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
                Key::Int(2) => request.sub_command_params = Some(Encoded::read(reader, Params::read)?),
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
    fn read(reader: &mut Reader<'_>) -> Result<Self, cbor::Error> {
        let mut params = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => params.rp_id_hash = Some(reader.bytes()?.to_vec()),
                Key::Int(2) => params.credential_id = Some(members::descriptor(reader)?),
                Key::Int(3) => params.user = Some(members::user(reader)?),
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
        members.put_bytes(1, params.rp_id_hash.as_deref());
        members.put_some(2, params.credential_id.as_ref(), members::write_descriptor);
        members.put_some(3, params.user.as_ref(), members::write_user);
        let bytes = members.encode(&params.unknown);
        Self::of(params, bytes)
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
            Key::Int(1) => self.existing_resident_credentials_count = Some(reader.integer()?),
            Key::Int(2) => self.max_possible_remaining_resident_credentials_count = Some(reader.integer()?),
            Key::Int(3) => self.rp = Some(members::rp(reader)?),
            Key::Int(4) => self.rp_id_hash = Some(reader.bytes()?.to_vec()),
            Key::Int(5) => self.total_rps = Some(reader.integer()?),
            Key::Int(6) => self.user = Some(members::user(reader)?),
            Key::Int(7) => self.credential_id = Some(members::descriptor(reader)?),
            Key::Int(8) => self.public_key = Some(reader.skip()?.to_vec()),
            Key::Int(9) => self.total_credentials = Some(reader.integer()?),
            Key::Int(10) => self.cred_protect = Some(reader.integer()?),
            Key::Int(11) => self.large_blob_key = Some(reader.bytes()?.to_vec()),
            Key::Int(12) => self.third_party_payment = Some(reader.boolean()?),
            other => self.unknown.push((members::key_value(other), reader.value()?)),
        }
        Ok(())
    }

    /// The reply's body in canonical form; empty without members.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_integer(1, self.existing_resident_credentials_count);
        members.put_integer(2, self.max_possible_remaining_resident_credentials_count);
        members.put_some(3, self.rp.as_ref(), members::write_rp);
        members.put_bytes(4, self.rp_id_hash.as_deref());
        members.put_integer(5, self.total_rps);
        members.put_some(6, self.user.as_ref(), members::write_user);
        members.put_some(7, self.credential_id.as_ref(), members::write_descriptor);
        members.put_some(8, self.public_key.as_ref(), |writer, key| _ = writer.raw(key));
        members.put_integer(9, self.total_credentials);
        members.put_integer(10, self.cred_protect);
        members.put_bytes(11, self.large_blob_key.as_deref());
        members.put_some(12, self.third_party_payment, |writer, value| _ = writer.boolean(value));
        members.encode_or_nothing(&self.unknown)
    }
}
