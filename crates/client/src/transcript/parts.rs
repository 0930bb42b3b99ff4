//! Where in a message something stands that a transcript does not keep.
//!
//! Each command says what is kept; all other byte and text strings are secrets, and so is every byte of a message that
//! cannot be read.

use std::ops::Range;

use lab_protocol::cbor::{Error, Key, Reader, Rules, Type};
use lab_protocol::ctap2::{Command, StatusCode};

use super::message::Recorded;

/// A part of a message that is replaced, by as many bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Where it stands in the message.
    pub range: Range<usize>,
    /// What it is.
    pub what: What,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum What {
    /// PIN/UV material, or what nobody knows.
    Secret,
    /// A credential id.
    Credential,
    /// A user handle.
    User,
    /// A name of a person, relying party or finger.
    Name,
    /// An RP ID.
    RpId,
    /// The SHA-256 of an RP ID.
    RpIdHash,
    /// A coordinate of a credential's public key.
    PublicKey,
    /// The id of a finger.
    Template,
}

type Found = Result<(), Error>;

/// The parts of a request.
pub(super) fn of_request(request: &Recorded) -> Vec<Part> {
    match (request, request.command()) {
        (Recorded::Ctap2(bytes), Some(command)) => {
            in_body(bytes, |finder, reader| finder.request_member(command, reader))
        }
        (Recorded::Ctap2(_), None) => Vec::new(),
        (Recorded::Ctap1(apdu), _) => of_apdu(apdu),
    }
}

/// The parts of a reply to `request`.
pub(super) fn of_reply(request: &Recorded, reply: &[u8]) -> Vec<Part> {
    match (request, request.command()) {
        (Recorded::Ctap1(_), _) => Vec::new(),
        (_, Some(command)) if reply.first() == Some(&StatusCode::OK.0) => {
            in_body(reply, |finder, reader| finder.reply_member(command, reader))
        }
        _ => everything(reply),
    }
}

/// All but the first byte.
fn everything(message: &[u8]) -> Vec<Part> {
    if message.len() < 2 { Vec::new() } else { vec![Part { range: 1..message.len(), what: What::Secret }] }
}

/// The key handle of U2F_AUTHENTICATE: behind challenge, application and its length. What is none of the three
/// messages of U2F is secret.
fn of_apdu(apdu: &[u8]) -> Vec<Part> {
    let data = if apdu.get(4) == Some(&0) { 7 } else { 5 };
    match apdu.get(1) {
        Some(1 | 3) => Vec::new(),
        Some(2) => {
            let length = apdu.get(data + 64).map_or(0, |length| usize::from(*length));
            let start = data + 65;
            let range = start.min(apdu.len())..(start + length).min(apdu.len());
            if range.is_empty() { Vec::new() } else { vec![Part { range, what: What::Credential }] }
        }
        _ => everything(apdu),
    }
}

fn in_body(message: &[u8], read: impl FnOnce(&mut Finder, &mut Reader<'_>) -> Found) -> Vec<Part> {
    let Some((_, body)) = message.split_first().filter(|(_, body)| !body.is_empty()) else { return Vec::new() };
    let mut finder = Finder(Vec::new());
    let mut reader = Reader::new(body, Rules::PLATFORM);
    match read(&mut finder, &mut reader).and_then(|()| reader.end()) {
        Ok(()) => finder.0,
        Err(_) => everything(message),
    }
}

struct Finder(Vec<Part>);

impl Finder {
    fn request_member(&mut self, command: Command, reader: &mut Reader<'_>) -> Found {
        reader.map(|reader, key| match (command, key) {
            (Command::CLIENT_PIN, Key::Int(10)) => keep(reader),
            (Command::MAKE_CREDENTIAL, Key::Int(1..=4 | 7 | 9..=11)) => keep(reader),
            (Command::MAKE_CREDENTIAL, Key::Int(5)) | (Command::GET_ASSERTION, Key::Int(3)) => {
                reader.array(|reader| self.descriptor(reader))
            }
            (Command::MAKE_CREDENTIAL, Key::Int(6)) | (Command::GET_ASSERTION, Key::Int(4)) => self.extensions(reader),
            (Command::GET_ASSERTION, Key::Int(1 | 2 | 5 | 7)) => keep(reader),
            (Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW, Key::Int(2)) => {
                self.credential_management_params(reader)
            }
            (Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW, Key::Int(3)) => self.template(reader),
            (Command::CONFIG, Key::Int(2)) => self.config_params(reader),
            _ => self.all(reader, What::Secret),
        })
    }

    fn reply_member(&mut self, command: Command, reader: &mut Reader<'_>) -> Found {
        reader.map(|reader, key| match (command, key) {
            (Command::GET_INFO, _) => keep(reader),
            (Command::MAKE_CREDENTIAL, Key::Int(1..=4 | 6)) => keep(reader),
            (Command::GET_ASSERTION | Command::GET_NEXT_ASSERTION, Key::Int(1)) => self.descriptor(reader),
            (Command::GET_ASSERTION | Command::GET_NEXT_ASSERTION, Key::Int(2 | 3 | 8)) => keep(reader),
            (Command::GET_ASSERTION | Command::GET_NEXT_ASSERTION, Key::Int(4)) => self.entity(reader, What::User),
            (Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW, key) => self.managed(reader, key),
            (Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW, Key::Int(4)) => {
                self.all(reader, What::Template)
            }
            (Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW, Key::Int(7)) => {
                reader.array(|reader| self.template(reader))
            }
            _ => self.all(reader, What::Secret),
        })
    }

    /// A member of a reply to authenticatorCredentialManagement.
    fn managed(&mut self, reader: &mut Reader<'_>, key: Key<'_>) -> Found {
        match key {
            Key::Int(3) => self.entity(reader, What::RpId),
            Key::Int(4) => self.all(reader, What::RpIdHash),
            Key::Int(6) => self.entity(reader, What::User),
            Key::Int(7) => self.descriptor(reader),
            Key::Int(8) => self.all(reader, What::PublicKey),
            _ => self.all(reader, What::Secret),
        }
    }

    fn credential_management_params(&mut self, reader: &mut Reader<'_>) -> Found {
        reader.map(|reader, key| match key {
            Key::Int(1) => self.all(reader, What::RpIdHash),
            Key::Int(2) => self.descriptor(reader),
            Key::Int(3) => self.entity(reader, What::User),
            _ => self.all(reader, What::Secret),
        })
    }

    fn config_params(&mut self, reader: &mut Reader<'_>) -> Found {
        reader.map(|reader, key| match key {
            Key::Int(2) => self.all(reader, What::RpId),
            _ => self.all(reader, What::Secret),
        })
    }

    /// A finger: its id and its name.
    fn template(&mut self, reader: &mut Reader<'_>) -> Found {
        reader.map(|reader, key| match key {
            Key::Int(1) => self.all(reader, What::Template),
            Key::Int(2) => self.all(reader, What::Name),
            _ => self.all(reader, What::Secret),
        })
    }

    /// `PublicKeyCredentialDescriptor`: type and transports name nobody.
    fn descriptor(&mut self, reader: &mut Reader<'_>) -> Found {
        reader.map(|reader, key| match key {
            Key::Text("type" | "transports") => keep(reader),
            _ => self.all(reader, What::Credential),
        })
    }

    /// `PublicKeyCredentialUserEntity` or `~RpEntity`.
    fn entity(&mut self, reader: &mut Reader<'_>, id: What) -> Found {
        reader.map(|reader, key| match key {
            Key::Text("id") => self.all(reader, id),
            _ => self.all(reader, What::Name),
        })
    }

    /// Extension inputs: those of hmac-secret are encrypted for the authenticator.
    fn extensions(&mut self, reader: &mut Reader<'_>) -> Found {
        reader.map(|reader, key| match key {
            Key::Text("hmac-secret" | "hmac-secret-mc") => self.all(reader, What::Secret),
            _ => keep(reader),
        })
    }

    /// Every byte and text string of an item. Numbers and booleans are kept.
    fn all(&mut self, reader: &mut Reader<'_>, what: What) -> Found {
        let length = match reader.peek()? {
            Type::Bytes => reader.bytes()?.len(),
            Type::Text => reader.text()?.len(),
            Type::Array => return reader.array(|reader| self.all(reader, what)),
            Type::Map => return reader.map(|reader, _| self.all(reader, what)),
            _ => return keep(reader),
        };
        if length > 0 {
            // Bodies start behind the command or status byte.
            let end = reader.offset() + 1;
            self.0.push(Part { range: end - length..end, what });
        }
        Ok(())
    }
}

fn keep(reader: &mut Reader<'_>) -> Found {
    reader.skip().map(|_| ())
}
