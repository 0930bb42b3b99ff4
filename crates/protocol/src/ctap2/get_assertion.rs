//! authenticatorGetAssertion and authenticatorGetNextAssertion (`ctap-2.2 §6.2, §6.3`).

use super::members::{self, Members};
use super::{Descriptor, MessageError, Unknown, UserEntity};
use crate::cbor::{self, Key, Reader, Rules, Value};

/// The request's parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// 0x01.
    pub rp_id: String,
    /// 0x02: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x03: the credentials that may answer; `None` where the member is absent.
    pub allow_list: Option<Vec<Descriptor>>,
    /// 0x04: extension inputs.
    pub extensions: Vec<(Value, Value)>,
    /// 0x05: options by name.
    pub options: Vec<(String, bool)>,
    /// 0x06.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x07.
    pub pin_uv_auth_protocol: Option<i64>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// The reply.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// 0x01: the credential; may be absent where the allow list had one entry.
    pub credential: Option<Descriptor>,
    /// 0x02: authenticator data.
    pub auth_data: Vec<u8>,
    /// 0x03: the signature.
    pub signature: Vec<u8>,
    /// 0x04: the account.
    pub user: Option<UserEntity>,
    /// 0x05: how many credentials fit; only in the first reply.
    pub number_of_credentials: Option<i64>,
    /// 0x06: whether the user chose on the authenticator.
    pub user_selected: Option<bool>,
    /// 0x07.
    pub large_blob_key: Option<Vec<u8>>,
    /// 0x08: outputs that the signature does not cover, by extension.
    pub unsigned_extension_outputs: Vec<(Value, Value)>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

impl Request {
    /// The value of an option, if the platform sent it.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<bool> {
        self.options.iter().find(|(found, _)| found == name).map(|(_, value)| *value)
    }

    /// Reads the parameters as an authenticator does: strictly.
    ///
    /// # Errors
    /// What is wrong, with the status to answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mut request, mut rp_id, mut hash) = (Self::default(), None, None);
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => rp_id = Some(reader.text()?.to_owned()),
                Key::Int(2) => hash = Some(*reader.array_of("clientDataHash")?),
                other => request.member(reader, other)?,
            }
            Ok(())
        })?;
        reader.end()?;
        request.rp_id = rp_id.ok_or_else(|| MessageError::missing("rpId"))?;
        request.client_data_hash = hash.ok_or_else(|| MessageError::missing("clientDataHash"))?;
        Ok(request)
    }

    fn member<'a>(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), cbor::Error> {
        match key {
            Key::Int(3) => self.allow_list = Some(members::list(reader, members::descriptor)?),
            Key::Int(4) => self.extensions = members::value_map(reader)?,
            Key::Int(5) => self.options = members::options(reader)?,
            Key::Int(6) => self.pin_uv_auth_param = Some(reader.bytes()?.to_vec()),
            Key::Int(7) => self.pin_uv_auth_protocol = Some(reader.integer()?),
            other => self.unknown.push((members::key_value(other), reader.value()?)),
        }
        Ok(())
    }

    /// The parameters in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put(1, |writer| _ = writer.text(&self.rp_id));
        members.put(2, |writer| _ = writer.bytes(&self.client_data_hash));
        members.put_some(3, self.allow_list.as_ref(), |writer, list| {
            writer.array(list.len());
            list.iter().for_each(|descriptor| members::write_descriptor(writer, descriptor));
        });
        members.put_value_map(4, &self.extensions);
        let options = (!self.options.is_empty()).then_some(&self.options[..]);
        members.put_some(5, options, members::write_options);
        members.put_some(6, self.pin_uv_auth_param.as_ref(), |writer, param| _ = writer.bytes(param));
        members.put_some(7, self.pin_uv_auth_protocol, |writer, protocol| _ = writer.integer(protocol));
        members.encode(&self.unknown)
    }
}

impl Response {
    /// Reads a reply's body.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mut response, mut auth_data, mut signature) = (Self::default(), None, None);
        let mut reader = Reader::new(bytes, Rules::PLATFORM);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => response.credential = Some(members::descriptor(reader)?),
                Key::Int(2) => auth_data = Some(reader.bytes()?.to_vec()),
                Key::Int(3) => signature = Some(reader.bytes()?.to_vec()),
                Key::Int(4) => response.user = Some(members::user(reader)?),
                Key::Int(5) => response.number_of_credentials = Some(reader.integer()?),
                Key::Int(6) => response.user_selected = Some(reader.boolean()?),
                Key::Int(7) => response.large_blob_key = Some(reader.bytes()?.to_vec()),
                Key::Int(8) => response.unsigned_extension_outputs = members::value_map(reader)?,
                other => response.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        reader.end()?;
        response.auth_data = auth_data.ok_or_else(|| MessageError::missing("authData"))?;
        response.signature = signature.ok_or_else(|| MessageError::missing("signature"))?;
        Ok(response)
    }

    /// The reply's body in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put_some(1, self.credential.as_ref(), members::write_descriptor);
        members.put(2, |writer| _ = writer.bytes(&self.auth_data));
        members.put(3, |writer| _ = writer.bytes(&self.signature));
        members.put_some(4, self.user.as_ref(), members::write_user);
        members.put_some(5, self.number_of_credentials, |writer, count| _ = writer.integer(count));
        members.put_some(6, self.user_selected, |writer, value| _ = writer.boolean(value));
        members.put_some(7, self.large_blob_key.as_ref(), |writer, key| _ = writer.bytes(key));
        members.put_value_map(8, &self.unsigned_extension_outputs);
        members.encode(&self.unknown)
    }
}
