//! authenticatorGetInfo (`ctap-2.2 §6.4`).

use super::members::{self, Members};
use super::{MessageError, Unknown};
use crate::Aaguid;
use crate::cbor::{self, Key, Reader, Rules, Value, Writer};
use crate::cose::Algorithm;

/// The reply.
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
    /// 0x0B: bytes, where large blobs are supported.
    pub max_serialized_large_blob_array: Option<i64>,
    /// 0x0C: whether the PIN must be changed before a token is given.
    pub force_pin_change: Option<bool>,
    /// 0x0D: code points.
    pub min_pin_length: Option<i64>,
    /// 0x0E: the vendor's firmware number.
    pub firmware_version: Option<i64>,
    /// 0x0F: bytes, where credBlob is supported.
    pub max_cred_blob_length: Option<i64>,
    /// 0x10.
    pub max_rp_ids_for_set_min_pin_length: Option<i64>,
    /// 0x11.
    pub preferred_platform_uv_attempts: Option<i64>,
    /// 0x12: FIDO registry bits.
    pub uv_modality: Option<i64>,
    /// 0x13: levels by certification.
    pub certifications: Vec<(String, i64)>,
    /// 0x14: free slots for discoverable credentials.
    pub remaining_discoverable_credentials: Option<i64>,
    /// 0x15: may be there and empty.
    pub vendor_prototype_config_commands: Option<Vec<u64>>,
    /// 0x16: attestation formats.
    pub attestation_formats: Vec<String>,
    /// 0x17.
    pub uv_count_since_last_pin_entry: Option<i64>,
    /// 0x18: whether a reset needs a touch of five seconds.
    pub long_touch_for_reset: Option<bool>,
    /// 0x19: IV and encrypted device identifier.
    pub enc_identifier: Option<Vec<u8>>,
    /// 0x1A: may be there and empty.
    pub transports_for_reset: Option<Vec<String>>,
    /// 0x1B.
    pub pin_complexity_policy: Option<bool>,
    /// 0x1C: a URL in bytes.
    pub pin_complexity_policy_url: Option<Vec<u8>>,
    /// 0x1D: code points.
    pub max_pin_length: Option<i64>,
    /// 0x1E: IV and encrypted state of the credential store (`ctap-2.3`).
    pub enc_cred_store_state: Option<Vec<u8>>,
    /// 0x1F: supported subcommands of authenticatorConfig (`ctap-2.3`); may be there and empty.
    pub authenticator_config_commands: Option<Vec<i64>>,
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
                Key::Int(1) => versions = Some(members::list(reader, members::text)?),
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
            Key::Int(2) => self.extensions = members::list(reader, members::text)?,
            Key::Int(4) => self.options = members::options(reader)?,
            Key::Int(5) => self.max_msg_size = Some(reader.integer()?),
            Key::Int(6) => self.pin_uv_auth_protocols = members::list(reader, Reader::integer)?,
            Key::Int(7) => self.max_credential_count_in_list = Some(reader.integer()?),
            Key::Int(8) => self.max_credential_id_length = Some(reader.integer()?),
            Key::Int(9) => self.transports = members::list(reader, members::text)?,
            Key::Int(10) => self.algorithms = members::list(reader, algorithm)?,
            other => self.later_member(reader, other)?,
        }
        Ok(())
    }

    /// The members of CTAP 2.1 and later.
    fn later_member<'a>(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), cbor::Error> {
        match key {
            Key::Int(11) => self.max_serialized_large_blob_array = Some(reader.integer()?),
            Key::Int(12) => self.force_pin_change = Some(reader.boolean()?),
            Key::Int(13) => self.min_pin_length = Some(reader.integer()?),
            Key::Int(14) => self.firmware_version = Some(reader.integer()?),
            Key::Int(15) => self.max_cred_blob_length = Some(reader.integer()?),
            Key::Int(16) => self.max_rp_ids_for_set_min_pin_length = Some(reader.integer()?),
            Key::Int(17) => self.preferred_platform_uv_attempts = Some(reader.integer()?),
            Key::Int(18) => self.uv_modality = Some(reader.integer()?),
            Key::Int(19) => self.certifications = certifications(reader)?,
            Key::Int(20) => self.remaining_discoverable_credentials = Some(reader.integer()?),
            Key::Int(21) => self.vendor_prototype_config_commands = Some(members::list(reader, members::unsigned)?),
            Key::Int(22) => self.attestation_formats = members::list(reader, members::text)?,
            Key::Int(23) => self.uv_count_since_last_pin_entry = Some(reader.integer()?),
            Key::Int(24) => self.long_touch_for_reset = Some(reader.boolean()?),
            Key::Int(25) => self.enc_identifier = Some(reader.bytes()?.to_vec()),
            Key::Int(26) => self.transports_for_reset = Some(members::list(reader, members::text)?),
            Key::Int(27) => self.pin_complexity_policy = Some(reader.boolean()?),
            Key::Int(28) => self.pin_complexity_policy_url = Some(reader.bytes()?.to_vec()),
            Key::Int(29) => self.max_pin_length = Some(reader.integer()?),
            Key::Int(30) => self.enc_cred_store_state = Some(reader.bytes()?.to_vec()),
            Key::Int(31) => self.authenticator_config_commands = Some(members::list(reader, Reader::integer)?),
            other => self.unknown.push((members::key_value(other), reader.value()?)),
        }
        Ok(())
    }

    /// The reply's body in canonical form; empty lists are left out unless they are optional themselves.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.put(1, |writer| members::write_texts(writer, &self.versions));
        members.put_some(2, some(&self.extensions), members::write_texts);
        members.put(3, |writer| _ = writer.bytes(self.aaguid.as_bytes()));
        members.put_some(4, some(&self.options), members::write_options);
        members.put_integer(5, self.max_msg_size);
        members.put_some(6, some(&self.pin_uv_auth_protocols), write_integers);
        members.put_integer(7, self.max_credential_count_in_list);
        members.put_integer(8, self.max_credential_id_length);
        members.put_some(9, some(&self.transports), members::write_texts);
        members.put_some(10, some(&self.algorithms), write_algorithms);
        self.put_later_members(&mut members);
        members.encode(&self.unknown)
    }

    fn put_later_members(&self, members: &mut Members) {
        let put_boolean = |members: &mut Members, key, value: Option<bool>| {
            members.put_some(key, value, |writer, value| _ = writer.boolean(value));
        };
        members.put_integer(11, self.max_serialized_large_blob_array);
        put_boolean(members, 12, self.force_pin_change);
        members.put_integer(13, self.min_pin_length);
        members.put_integer(14, self.firmware_version);
        members.put_integer(15, self.max_cred_blob_length);
        members.put_integer(16, self.max_rp_ids_for_set_min_pin_length);
        members.put_integer(17, self.preferred_platform_uv_attempts);
        members.put_integer(18, self.uv_modality);
        members.put_some(19, some(&self.certifications), write_certifications);
        members.put_integer(20, self.remaining_discoverable_credentials);
        members.put_some(21, self.vendor_prototype_config_commands.as_deref(), write_unsigned);
        members.put_some(22, some(&self.attestation_formats), members::write_texts);
        members.put_integer(23, self.uv_count_since_last_pin_entry);
        put_boolean(members, 24, self.long_touch_for_reset);
        members.put_bytes(25, self.enc_identifier.as_deref());
        members.put_some(26, self.transports_for_reset.as_deref(), members::write_texts);
        put_boolean(members, 27, self.pin_complexity_policy);
        members.put_bytes(28, self.pin_complexity_policy_url.as_deref());
        members.put_integer(29, self.max_pin_length);
        members.put_bytes(30, self.enc_cred_store_state.as_deref());
        members.put_some(31, self.authenticator_config_commands.as_deref(), write_integers);
    }
}

fn some<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

fn write_integers(writer: &mut Writer, list: &[i64]) {
    writer.array(list.len());
    list.iter().for_each(|number| _ = writer.integer(*number));
}

fn write_unsigned(writer: &mut Writer, list: &[u64]) {
    writer.array(list.len());
    list.iter().for_each(|number| _ = writer.raw(&cbor::encode(&Value::from(*number))));
}

fn write_algorithms(writer: &mut Writer, algorithms: &[Algorithm]) {
    writer.array(algorithms.len());
    for algorithm in algorithms {
        writer.map(2).text("alg").integer(algorithm.0).text("type").text("public-key");
    }
}

fn write_certifications(writer: &mut Writer, certifications: &[(String, i64)]) {
    let mut sorted: Vec<_> = certifications.iter().collect();
    sorted.sort_by_key(|(name, _)| (name.len(), name));
    writer.map(sorted.len());
    sorted.iter().for_each(|(name, level)| _ = writer.text(name).integer(*level));
}

fn certifications(reader: &mut Reader<'_>) -> Result<Vec<(String, i64)>, cbor::Error> {
    let mut certifications = Vec::new();
    members::text_map(reader, |reader, name| {
        certifications.push((name.to_owned(), reader.integer()?));
        Ok(true)
    })?;
    Ok(certifications)
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
