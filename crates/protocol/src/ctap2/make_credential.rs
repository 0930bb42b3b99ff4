//! authenticatorMakeCredential (`ctap-2.2 §6.1`).

use super::members::{self, Members};
use super::{Descriptor, MessageError, RpEntity, Unknown, UserEntity};
use crate::cbor::{self, Key, Reader, Rules, Value};
use crate::cose::Algorithm;

/// The request's parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// 0x01: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x02.
    pub rp: RpEntity,
    /// 0x03.
    pub user: UserEntity,
    /// 0x04: accepted `(type, algorithm)` pairs, in order of preference.
    pub pub_key_cred_params: Vec<(String, Algorithm)>,
    /// 0x05.
    pub exclude_list: Vec<Descriptor>,
    /// 0x06: extension inputs.
    pub extensions: Vec<(Value, Value)>,
    /// 0x07: options by name.
    pub options: Vec<(String, bool)>,
    /// 0x08.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x09.
    pub pin_uv_auth_protocol: Option<i64>,
    /// 0x0A.
    pub enterprise_attestation: Option<i64>,
    /// 0x0B.
    pub attestation_formats_preference: Vec<String>,
    /// Members that this version does not know.
    pub unknown: Unknown,
}

/// The reply.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// 0x01: the attestation statement format.
    pub fmt: String,
    /// 0x02: authenticator data.
    pub auth_data: Vec<u8>,
    /// 0x03: the statement; authenticators may leave it out with `none`.
    pub att_stmt: Option<Value>,
    /// 0x04: whether an enterprise attestation was returned.
    pub ep_att: Option<bool>,
    /// 0x05.
    pub large_blob_key: Option<Vec<u8>>,
    /// 0x06: outputs that no signature covers, by extension.
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
        let mut request = Self::default();
        let mut seen = [false; 5];
        let mut reader = Reader::new(bytes, Rules::CTAP2);
        reader.map(|reader, key| {
            if let Key::Int(number @ 1..=4) = key {
                seen[usize::try_from(number).unwrap_or(0)] = true;
            }
            request.member(reader, key)
        })?;
        reader.end()?;
        let names = ["", "clientDataHash", "rp", "user", "pubKeyCredParams"];
        match (1..5).find(|number| !seen[*number]) {
            Some(number) => Err(MessageError::missing(names[number])),
            None => Ok(request),
        }
    }

    fn member<'a>(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), cbor::Error> {
        match key {
            Key::Int(1) => self.client_data_hash = *reader.array_of("clientDataHash")?,
            Key::Int(2) => self.rp = members::rp(reader)?,
            Key::Int(3) => self.user = members::user(reader)?,
            Key::Int(4) => self.pub_key_cred_params = members::list(reader, parameters)?,
            Key::Int(5) => self.exclude_list = members::list(reader, members::descriptor)?,
            Key::Int(6) => self.extensions = members::value_map(reader)?,
            Key::Int(7) => self.options = members::options(reader)?,
            Key::Int(8) => self.pin_uv_auth_param = Some(reader.bytes()?.to_vec()),
            Key::Int(9) => self.pin_uv_auth_protocol = Some(reader.integer()?),
            Key::Int(10) => self.enterprise_attestation = Some(reader.integer()?),
            Key::Int(11) => self.attestation_formats_preference = members::list(reader, members::text)?,
            other => self.unknown.push((members::key_value(other), reader.value()?)),
        }
        Ok(())
    }

    /// The parameters in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put(1, |writer| _ = writer.bytes(&self.client_data_hash));
        members.put(2, |writer| members::write_rp(writer, &self.rp));
        members.put(3, |writer| members::write_user(writer, &self.user));
        members.put(4, |writer| {
            writer.array(self.pub_key_cred_params.len());
            for (ty, alg) in &self.pub_key_cred_params {
                writer.map(2).text("alg").integer(alg.0).text("type").text(ty);
            }
        });
        members.put_some(5, some(&self.exclude_list), |writer, list| {
            writer.array(list.len());
            list.iter().for_each(|descriptor| members::write_descriptor(writer, descriptor));
        });
        members.put_value_map(6, &self.extensions);
        members.put_some(7, some(&self.options), members::write_options);
        members.put_some(8, self.pin_uv_auth_param.as_ref(), |writer, param| _ = writer.bytes(param));
        members.put_some(9, self.pin_uv_auth_protocol, |writer, protocol| _ = writer.integer(protocol));
        members.put_some(10, self.enterprise_attestation, |writer, mode| _ = writer.integer(mode));
        members.put_some(11, some(&self.attestation_formats_preference), members::write_texts);
        members.encode(&self.unknown)
    }
}

impl Response {
    /// Reads a reply's body.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mut fmt, mut auth_data, mut rest) = (None, None, Self::default());
        let mut reader = Reader::new(bytes, Rules::PLATFORM);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => fmt = Some(reader.text()?.to_owned()),
                Key::Int(2) => auth_data = Some(reader.bytes()?.to_vec()),
                Key::Int(3) => rest.att_stmt = Some(reader.value()?),
                Key::Int(4) => rest.ep_att = Some(reader.boolean()?),
                Key::Int(5) => rest.large_blob_key = Some(reader.bytes()?.to_vec()),
                Key::Int(6) => rest.unsigned_extension_outputs = members::value_map(reader)?,
                other => rest.unknown.push((members::key_value(other), reader.value()?)),
            }
            Ok(())
        })?;
        reader.end()?;
        let fmt = fmt.ok_or_else(|| MessageError::missing("fmt"))?;
        Ok(Self { fmt, auth_data: auth_data.ok_or_else(|| MessageError::missing("authData"))?, ..rest })
    }

    /// The reply's body in canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put(1, |writer| _ = writer.text(&self.fmt));
        members.put(2, |writer| _ = writer.bytes(&self.auth_data));
        members.put_some(3, self.att_stmt.as_ref(), |writer, value| _ = writer.raw(&cbor::encode(value)));
        members.put_some(4, self.ep_att, |writer, value| _ = writer.boolean(value));
        members.put_some(5, self.large_blob_key.as_ref(), |writer, key| _ = writer.bytes(key));
        members.put_value_map(6, &self.unsigned_extension_outputs);
        members.encode(&self.unknown)
    }
}

fn some<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

fn parameters(reader: &mut Reader<'_>) -> Result<(String, Algorithm), cbor::Error> {
    let start = reader.offset();
    let (mut ty, mut alg) = (None, None);
    members::text_map(reader, |reader, key| {
        match key {
            "type" => ty = Some(reader.text()?.to_owned()),
            "alg" => alg = Some(Algorithm(reader.integer()?)),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((ty.ok_or_else(|| members::missing(start, "type"))?, alg.ok_or_else(|| members::missing(start, "alg"))?))
}
