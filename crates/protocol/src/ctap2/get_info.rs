//! authenticatorGetInfo (`ctap-2.2 §6.4`).

use super::members::{self, Members};
use super::{MessageError, Unknown};
use crate::Aaguid;
use crate::cbor::{self, Key, Reader, Rules, Value};
use crate::cose::Algorithm;

/// The reply: the members that the lab acts on are typed, all others are kept in [`Response::unknown`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// 0x01: such as `FIDO_2_1`.
    pub versions: Vec<String>,
    /// 0x02: extensions.
    pub extensions: Vec<String>,
    /// 0x03: the model.
    pub aaguid: Aaguid,
    /// 0x04: options by name.
    pub options: Vec<(String, bool)>,
    /// 0x05: bytes.
    pub max_msg_size: Option<i64>,
    /// 0x06: PIN/UV protocols, in order of preference.
    pub pin_uv_auth_protocols: Vec<i64>,
    /// 0x07: entries in an allow or exclude list.
    pub max_credential_count_in_list: Option<i64>,
    /// 0x08: bytes.
    pub max_credential_id_length: Option<i64>,
    /// 0x09: such as `usb`.
    pub transports: Vec<String>,
    /// 0x0A: key types, in order of preference.
    pub algorithms: Vec<Algorithm>,
    /// 0x0E: the vendor's firmware number.
    pub firmware_version: Option<i64>,
    /// 0x14: free slots for discoverable credentials.
    pub remaining_discoverable_credentials: Option<i64>,
    /// 0x16: attestation formats.
    pub attestation_formats: Vec<String>,
    /// All other members, by key.
    pub unknown: Unknown,
}

impl Response {
    /// The value of an option, if it is there.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<bool> {
        self.options.iter().find(|(found, _)| found == name).map(|(_, value)| *value)
    }

    /// Reads a reply's body.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mut info, mut versions, mut aaguid) = (Self::default(), None, None);
        let mut reader = Reader::new(bytes, Rules::PLATFORM);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => versions = Some(members::list(reader, text)?),
                Key::Int(3) => aaguid = Some(Aaguid(*reader.array_of("aaguid")?)),
                other => info.member(reader, other)?,
            }
            Ok(())
        })?;
        reader.end()?;
        info.versions = versions.ok_or_else(|| MessageError::missing("versions"))?;
        info.aaguid = aaguid.ok_or_else(|| MessageError::missing("aaguid"))?;
        Ok(info)
    }

    fn member<'a>(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), cbor::Error> {
        match key {
            Key::Int(2) => self.extensions = members::list(reader, text)?,
            Key::Int(4) => self.options = members::options(reader)?,
            Key::Int(5) => self.max_msg_size = Some(reader.integer()?),
            Key::Int(6) => self.pin_uv_auth_protocols = members::list(reader, Reader::integer)?,
            Key::Int(7) => self.max_credential_count_in_list = Some(reader.integer()?),
            Key::Int(8) => self.max_credential_id_length = Some(reader.integer()?),
            Key::Int(9) => self.transports = members::list(reader, text)?,
            Key::Int(10) => self.algorithms = members::list(reader, algorithm)?,
            Key::Int(14) => self.firmware_version = Some(reader.integer()?),
            Key::Int(20) => self.remaining_discoverable_credentials = Some(reader.integer()?),
            Key::Int(22) => self.attestation_formats = members::list(reader, text)?,
            other => self.unknown.push((members::key_value(other), reader.value()?)),
        }
        Ok(())
    }

    /// The reply's body in canonical form; empty lists are left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put(1, |writer| texts(writer, &self.versions));
        put_texts(&mut members, 2, &self.extensions);
        members.put(3, |writer| _ = writer.bytes(self.aaguid.as_bytes()));
        members.put_some(4, some(&self.options), members::write_options);
        put_number(&mut members, 5, self.max_msg_size);
        members.put_some(6, some(&self.pin_uv_auth_protocols), |writer, protocols| {
            writer.array(protocols.len());
            protocols.iter().for_each(|protocol| _ = writer.integer(*protocol));
        });
        put_number(&mut members, 7, self.max_credential_count_in_list);
        put_number(&mut members, 8, self.max_credential_id_length);
        put_texts(&mut members, 9, &self.transports);
        members.put_some(10, some(&self.algorithms), |writer, algorithms| {
            writer.array(algorithms.len());
            for algorithm in algorithms {
                writer.map(2).text("alg").integer(algorithm.0).text("type").text("public-key");
            }
        });
        put_number(&mut members, 14, self.firmware_version);
        put_number(&mut members, 20, self.remaining_discoverable_credentials);
        put_texts(&mut members, 22, &self.attestation_formats);
        members.encode(&self.unknown)
    }
}

fn some<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

fn text(reader: &mut Reader<'_>) -> Result<String, cbor::Error> {
    reader.text().map(str::to_owned)
}

fn texts(writer: &mut cbor::Writer, list: &[String]) {
    writer.array(list.len());
    list.iter().for_each(|text| _ = writer.text(text));
}

fn put_texts(members: &mut Members, key: i64, list: &[String]) {
    members.put_some(key, some(list), texts);
}

fn put_number(members: &mut Members, key: i64, number: Option<i64>) {
    members.put_some(key, number, |writer, number| _ = writer.integer(number));
}

fn algorithm(reader: &mut Reader<'_>) -> Result<Algorithm, cbor::Error> {
    let start = reader.offset();
    let mut alg = None;
    members::text_map(reader, |reader, key| {
        if key == "alg" {
            alg = Some(Algorithm(reader.integer()?));
        }
        Ok(alg.is_some() && key == "alg")
    })?;
    alg.ok_or_else(|| members::missing(start, "alg"))
}

/// The value of a member that is not typed here.
#[must_use]
pub fn unknown_member(info: &Response, key: i64) -> Option<&Value> {
    info.unknown.iter().find(|(found, _)| *found == Value::from(key)).map(|(_, value)| value)
}
