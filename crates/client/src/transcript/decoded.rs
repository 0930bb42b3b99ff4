//! Messages as their reader wants them: members by name, secrets named as such. Nothing is read back from here.

use lab_protocol::cbor::{Error, Key, Reader, Rules, Type};
use lab_protocol::ctap2::{Command, StatusCode};
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;
use serde_json::{Map, Value, json};

use super::message::Recorded;
use super::parts::{self, Part, What};
use super::{names, stand_ins};

/// The members of a request; `None` where it has none, or cannot be read.
pub(super) fn request(request: &Recorded) -> Option<Value> {
    let (command, body) = (request.command()?, request.bytes().get(1..)?);
    decode(command, false, body, &parts::of_request(request))
}

/// The members of a reply.
pub(super) fn reply(request: &Recorded, reply: &[u8]) -> Option<Value> {
    if !stand_ins::succeeded(reply) {
        return None;
    }
    decode(request.command()?, true, reply.get(1..)?, &parts::of_reply(request, reply))
}

/// The status of a reply, for people.
pub(super) fn status(request: &Recorded, reply: &[u8]) -> String {
    match (request, reply) {
        (Recorded::Ctap2(_), [status, ..]) => StatusCode(*status).to_string(),
        (Recorded::Ctap1(_), [.., high, low]) => format!("0x{high:02x}{low:02x}"),
        _ => "nothing".to_owned(),
    }
}

fn decode(command: Command, reply: bool, body: &[u8], parts: &[Part]) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    let mut reader = Reader::new(body, Rules::PLATFORM);
    let mut members = Map::new();
    let read = reader.map(|reader, key| {
        let name = match key {
            Key::Int(key) => names::member(command, reply, key).map_or_else(|| key.to_string(), str::to_owned),
            Key::Text(name) => name.to_owned(),
            Key::Other(_) => "(another key)".to_owned(),
        };
        let value = if name == "authData" { authenticator_data(reader)? } else { item(reader, parts)? };
        members.insert(name, value);
        Ok(())
    });
    Some(match read {
        Ok(()) => Value::Object(members),
        Err(_) => json!(format!("withheld: {} bytes that cannot be read", body.len())),
    })
}

fn item(reader: &mut Reader<'_>, parts: &[Part]) -> Result<Value, Error> {
    Ok(match reader.peek()? {
        Type::Integer => reader.integer().map(Value::from)?,
        Type::Bool => reader.boolean().map(Value::from)?,
        Type::Bytes => {
            let bytes = reader.bytes()?;
            string(hex(bytes), bytes.len(), reader.offset(), parts)
        }
        Type::Text => {
            let text = reader.text()?;
            string(text.to_owned(), text.len(), reader.offset(), parts)
        }
        Type::Array => {
            let mut items = Vec::new();
            reader.array(|reader| {
                items.push(item(reader, parts)?);
                Ok(())
            })?;
            Value::Array(items)
        }
        Type::Map => {
            let mut members = Map::new();
            reader.map(|reader, key| {
                let name = match key {
                    Key::Int(key) => key.to_string(),
                    Key::Text(name) => name.to_owned(),
                    Key::Other(key) => hex(key),
                };
                members.insert(name, item(reader, parts)?);
                Ok(())
            })?;
            Value::Object(members)
        }
        Type::Tag | Type::Null | Type::Other => json!(hex(reader.skip()?)),
    })
}

/// A byte or text string that ends at `end`: a secret is not shown as the zeros that stand for it.
fn string(shown: String, length: usize, end: usize, parts: &[Part]) -> Value {
    let is_secret = |part: &Part| part.what == What::Secret && part.range.contains(&end);
    let secret = length > 0 && parts.iter().any(is_secret);
    json!(if secret { format!("redacted: {length} bytes") } else { shown })
}

/// Authenticator data by its parts.
fn authenticator_data(reader: &mut Reader<'_>) -> Result<Value, Error> {
    if reader.peek()? != Type::Bytes {
        return Ok(json!(hex(reader.skip()?)));
    }
    let bytes = reader.bytes()?;
    let Ok(data) = AuthenticatorData::parse(bytes) else { return Ok(json!(hex(bytes))) };
    let mut shown = json!({
        "rpIdHash": hex(data.rp_id_hash),
        "flags": data.flags.to_string(),
        "signCount": data.sign_count,
    });
    if let Some(attested) = data.attested {
        shown["aaguid"] = json!(attested.aaguid);
        shown["credentialId"] = json!(hex(attested.credential_id));
        shown["credentialPublicKey"] = json!(hex(attested.public_key));
    }
    if let Some(extensions) = data.extensions {
        shown["extensions"] = item(&mut Reader::new(extensions, Rules::PLATFORM), &[])?;
    }
    Ok(shown)
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
