//! The nested maps that several messages share, and how their members are read.

use super::{Encoded, MessageError};
use crate::cbor::{self, Error, ErrorKind, Key, Reader, Rules, Value, Writer};

/// `PublicKeyCredentialRpEntity` in a CTAP2 message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RpEntity {
    /// The RP ID.
    pub id: String,
    /// The name for people.
    pub name: Option<String>,
}

/// `PublicKeyCredentialUserEntity` in a CTAP2 message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserEntity {
    /// The user handle, 1 to 64 bytes.
    pub id: Vec<u8>,
    /// Such as a user principal name.
    pub name: Option<String>,
    /// The name for people.
    pub display_name: Option<String>,
}

/// `PublicKeyCredentialDescriptor` in a CTAP2 message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// The credential id.
    pub id: Vec<u8>,
    /// `public-key`; others are ignored by authenticators.
    pub ty: String,
    /// Transports, where the platform passes them on.
    pub transports: Vec<String>,
}

impl Descriptor {
    /// A public-key descriptor.
    #[must_use]
    pub fn new(id: impl Into<Vec<u8>>) -> Self {
        Self { id: id.into(), ty: "public-key".to_owned(), transports: Vec::new() }
    }
}

pub(super) fn missing(offset: usize, name: &'static str) -> Error {
    Error { offset, kind: ErrorKind::Missing(name) }
}

/// Reads a map with text keys; `member` returns whether it knows the key (and has read its value).
pub(super) fn text_map<'a>(
    reader: &mut Reader<'a>,
    mut member: impl FnMut(&mut Reader<'a>, &str) -> Result<bool, Error>,
) -> Result<(), Error> {
    reader.map(|reader, key| {
        let known = match key {
            Key::Text(name) => member(reader, name)?,
            Key::Int(_) | Key::Other(_) => false,
        };
        if !known {
            reader.skip()?;
        }
        Ok(())
    })
}

pub(super) fn rp(reader: &mut Reader<'_>) -> Result<RpEntity, Error> {
    let start = reader.offset();
    let (mut id, mut name) = (None, None);
    text_map(reader, |reader, key| {
        match key {
            "id" => id = Some(reader.text()?.to_owned()),
            "name" => name = Some(reader.text()?.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(RpEntity { id: id.ok_or_else(|| missing(start, "rp.id"))?, name })
}

pub(super) fn user(reader: &mut Reader<'_>) -> Result<UserEntity, Error> {
    let start = reader.offset();
    let (mut id, mut user) = (None, UserEntity::default());
    text_map(reader, |reader, key| {
        match key {
            "id" => id = Some(reader.bytes()?.to_vec()),
            "name" => user.name = Some(reader.text()?.to_owned()),
            "displayName" => user.display_name = Some(reader.text()?.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(UserEntity { id: id.ok_or_else(|| missing(start, "user.id"))?, ..user })
}

pub(super) fn descriptor(reader: &mut Reader<'_>) -> Result<Descriptor, Error> {
    let start = reader.offset();
    let (mut id, mut ty, mut transports) = (None, None, Vec::new());
    text_map(reader, |reader, key| {
        match key {
            "id" => id = Some(reader.bytes()?.to_vec()),
            "type" => ty = Some(reader.text()?.to_owned()),
            "transports" => transports = list(reader, |reader| Ok(reader.text()?.to_owned()))?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(Descriptor {
        id: id.ok_or_else(|| missing(start, "id"))?,
        ty: ty.ok_or_else(|| missing(start, "type"))?,
        transports,
    })
}

pub(super) fn list<'a, T>(
    reader: &mut Reader<'a>,
    mut element: impl FnMut(&mut Reader<'a>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut values = Vec::new();
    reader.array(|reader| {
        values.push(element(reader)?);
        Ok(())
    })?;
    Ok(values)
}

pub(super) fn value_map(reader: &mut Reader<'_>) -> Result<Vec<(Value, Value)>, Error> {
    let found = reader.peek()?;
    match reader.value()? {
        Value::Map(members) => Ok(members),
        _ => Err(Error { offset: reader.offset(), kind: ErrorKind::Type { expected: "a map", found } }),
    }
}

pub(super) fn bytes(reader: &mut Reader<'_>) -> Result<Vec<u8>, Error> {
    reader.bytes().map(<[u8]>::to_vec)
}

/// An item as it was sent.
pub(super) mod raw {
    use crate::cbor::{Error, Reader, Writer};

    pub(in crate::ctap2) fn read(reader: &mut Reader<'_>) -> Result<Vec<u8>, Error> {
        reader.skip().map(<[u8]>::to_vec)
    }

    pub(in crate::ctap2) fn write(item: &[u8], writer: &mut Writer) {
        writer.raw(item);
    }
}

pub(super) fn text(reader: &mut Reader<'_>) -> Result<String, Error> {
    reader.text().map(str::to_owned)
}

/// An unsigned integer of up to 64 bits.
pub(super) fn unsigned(reader: &mut Reader<'_>) -> Result<u64, Error> {
    let (offset, found) = (reader.offset(), reader.peek()?);
    let integer = reader.value()?.as_integer();
    let integer = integer.ok_or(Error { offset, kind: ErrorKind::Type { expected: "an integer", found } })?;
    u64::try_from(integer).map_err(|_| Error { offset, kind: ErrorKind::Range })
}

/// Reads a reply's body that is a map or nothing at all.
pub(super) fn optional_map<'a>(
    bytes: &'a [u8],
    member: impl FnMut(&mut Reader<'a>, Key<'a>) -> Result<(), Error>,
) -> Result<(), MessageError> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut reader = Reader::new(bytes, Rules::PLATFORM);
    reader.map(member)?;
    Ok(reader.end()?)
}

pub(super) fn options(reader: &mut Reader<'_>) -> Result<Vec<(String, bool)>, Error> {
    let mut options = Vec::new();
    text_map(reader, |reader, name| {
        options.push((name.to_owned(), reader.boolean()?));
        Ok(true)
    })?;
    Ok(options)
}

pub(super) fn key_value(key: Key<'_>) -> Value {
    match key {
        Key::Int(number) => number.into(),
        Key::Text(text) => text.into(),
        Key::Other(encoded) => {
            cbor::decode(encoded, Rules::RELYING_PARTY).unwrap_or_else(|_| Value::Bytes(encoded.to_vec()))
        }
    }
}

pub(super) fn write_rp(writer: &mut Writer, rp: &RpEntity) {
    writer.map(1 + usize::from(rp.name.is_some())).text("id").text(&rp.id);
    if let Some(name) = &rp.name {
        writer.text("name").text(name);
    }
}

pub(super) fn write_user(writer: &mut Writer, user: &UserEntity) {
    let members = 1 + usize::from(user.name.is_some()) + usize::from(user.display_name.is_some());
    writer.map(members).text("id").bytes(&user.id);
    if let Some(name) = &user.name {
        writer.text("name").text(name);
    }
    if let Some(name) = &user.display_name {
        writer.text("displayName").text(name);
    }
}

pub(super) fn write_descriptor(writer: &mut Writer, descriptor: &Descriptor) {
    let with_transports = !descriptor.transports.is_empty();
    writer.map(2 + usize::from(with_transports)).text("id").bytes(&descriptor.id).text("type").text(&descriptor.ty);
    if with_transports {
        writer.text("transports").array(descriptor.transports.len());
        descriptor.transports.iter().for_each(|transport| _ = writer.text(transport));
    }
}

pub(super) fn write_options(writer: &mut Writer, options: &[(String, bool)]) {
    let mut sorted: Vec<_> = options.iter().collect();
    sorted.sort_by_key(|(name, _)| (name.len(), name));
    writer.map(sorted.len());
    sorted.iter().for_each(|(name, value)| _ = writer.text(name).boolean(*value));
}

pub(super) fn write_texts(writer: &mut Writer, texts: &[String]) {
    writer.array(texts.len());
    texts.iter().for_each(|text| _ = writer.text(text));
}

/// One top-level member: an integer key and the encoding of its value.
pub(super) struct Members(Vec<(i64, Vec<u8>)>);

impl Members {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn put(&mut self, key: i64, write: impl FnOnce(&mut Writer)) -> &mut Self {
        let mut writer = Writer::new();
        write(&mut writer);
        self.0.push((key, writer.into_bytes()));
        self
    }

    pub(super) fn put_some<T>(&mut self, key: i64, value: Option<T>, write: impl FnOnce(&mut Writer, T)) -> &mut Self {
        if let Some(value) = value {
            self.put(key, |writer| write(writer, value));
        }
        self
    }

    pub(super) fn put_integer(&mut self, key: i64, number: Option<i64>) -> &mut Self {
        self.put_some(key, number, |writer, number| _ = writer.integer(number))
    }

    pub(super) fn put_bytes(&mut self, key: i64, bytes: Option<&[u8]>) -> &mut Self {
        self.put_some(key, bytes, |writer, bytes| _ = writer.bytes(bytes))
    }

    pub(super) fn put_encoded<T>(&mut self, key: i64, value: Option<&Encoded<T>>) -> &mut Self {
        self.put_some(key, value, |writer, value| _ = writer.raw(value.as_bytes()))
    }

    /// A map of extensions, where it has any.
    pub(super) fn put_value_map(&mut self, key: i64, map: &[(Value, Value)]) -> &mut Self {
        let map = (!map.is_empty()).then(|| Value::Map(map.to_vec()));
        self.put_some(key, map, |writer, map| _ = writer.raw(&cbor::encode(&map)))
    }

    /// As [`Self::encode`], and no bytes at all where there is no member.
    pub(super) fn encode_or_nothing(self, unknown: &[(Value, Value)]) -> Vec<u8> {
        if self.0.is_empty() && unknown.is_empty() { Vec::new() } else { self.encode(unknown) }
    }

    /// The map, unknown members included, in canonical order.
    pub(super) fn encode(self, unknown: &[(Value, Value)]) -> Vec<u8> {
        let mut members: Vec<_> =
            self.0.into_iter().map(|(key, value)| (Writer::new().integer(key).clone().into_bytes(), value)).collect();
        members.extend(unknown.iter().map(|(key, value)| (cbor::encode(key), cbor::encode(value))));
        members.sort_by(|a, b| cbor::key_order(&a.0, &b.0));
        let mut writer = Writer::with_capacity(512);
        writer.map(members.len());
        members.iter().for_each(|(key, value)| _ = writer.raw(key).raw(value));
        writer.into_bytes()
    }
}
