//! The authenticator's end of a PIN/UV session, for replies that were encrypted for somebody else.

use lab_protocol::Random;
use lab_protocol::cbor::{Error, Key, Reader, Rules};
use lab_protocol::ctap2::client_pin::Request;
use lab_protocol::ctap2::{Command, KeyAgreement};

use super::message::Recorded;
use super::stand_ins::succeeded;
use crate::pin_uv::{Protocol, SharedSecret, public_key};

/// Private keys that are drawn before any one will do: it guards nothing.
const DRAWS: usize = 8;

/// A key agreement key and a token, made up. They open nothing.
pub(super) struct Session {
    private: [u8; 32],
    token: [u8; 32],
    iv: [u8; 16],
}

impl Session {
    pub fn new(rng: &mut dyn Random) -> Self {
        let mut session = Self { private: [1; 32], token: [0; 32], iv: [0; 16] };
        let drawn = (0..DRAWS).find_map(|_| {
            let mut private = [0; 32];
            rng.fill(&mut private);
            public_key(&private).map(|_| private)
        });
        session.private = drawn.unwrap_or(session.private);
        rng.fill(&mut session.token);
        rng.fill(&mut session.iv);
        session
    }

    /// A recorded reply as it is for the client that asks now: its zeros are filled where that client needs a key or
    /// a token.
    pub fn fill(&self, asked: &Recorded, reply: &mut [u8]) {
        if asked.command() != Some(Command::CLIENT_PIN) || !succeeded(reply) {
            return;
        }
        let Some(places) = reply.get(1..).and_then(|body| Places::find(body).ok()) else { return };
        let request = asked.bytes().get(1..).and_then(|body| Request::parse(body).ok());
        if let (Some(at), Some(key)) = (places.key, public_key(&self.private)) {
            put(reply, at.0, &key.x);
            put(reply, at.1, &key.y);
        }
        if let (Some((at, length)), Some(secret)) = (places.token, request.and_then(|request| self.secret(&request))) {
            let plain = self.token.iter().copied().cycle().take(plaintext(secret.protocol(), length));
            put(reply, at, &secret.encrypt(&plain.collect::<Vec<_>>(), self.iv));
        }
    }

    fn secret(&self, request: &Request) -> Option<SharedSecret> {
        let protocol = Protocol::of(request.pin_uv_auth_protocol?)?;
        let platform: &KeyAgreement = request.key_agreement.as_ref()?;
        protocol.encapsulate(platform, &self.private).ok().map(|(_, secret)| secret)
    }
}

/// How much a ciphertext of this length holds: whole blocks.
const fn plaintext(protocol: Protocol, length: usize) -> usize {
    let blocks = match protocol {
        Protocol::One => length,
        Protocol::Two => length.saturating_sub(16),
    };
    blocks / 16 * 16
}

/// Writes over zeros of the same length; a place of another length keeps them.
fn put(reply: &mut [u8], start: usize, bytes: &[u8]) {
    if let Some(at) = reply.get_mut(start..start + bytes.len()) {
        at.copy_from_slice(bytes);
    }
}

/// Where a reply to authenticatorClientPIN has a key and a token.
#[derive(Default)]
struct Places {
    /// The coordinates.
    key: Option<(usize, usize)>,
    /// The token and its length.
    token: Option<(usize, usize)>,
}

impl Places {
    fn find(body: &[u8]) -> Result<Self, Error> {
        let mut places = Self::default();
        let mut reader = Reader::new(body, Rules::PLATFORM);
        reader.map(|reader, key| {
            match key {
                Key::Int(1) => places.key = coordinates(reader)?,
                Key::Int(2) => {
                    let length = reader.bytes()?.len();
                    places.token = Some((reader.offset() + 1 - length, length));
                }
                _ => _ = reader.skip()?,
            }
            Ok(())
        })?;
        Ok(places)
    }
}

fn coordinates(reader: &mut Reader<'_>) -> Result<Option<(usize, usize)>, Error> {
    let (mut x, mut y) = (None, None);
    reader.map(|reader, label| {
        match label {
            Key::Int(-2) => x = coordinate(reader)?,
            Key::Int(-3) => y = coordinate(reader)?,
            _ => _ = reader.skip()?,
        }
        Ok(())
    })?;
    Ok(x.zip(y))
}

fn coordinate(reader: &mut Reader<'_>) -> Result<Option<usize>, Error> {
    let length = reader.bytes()?.len();
    Ok((length == 32).then(|| reader.offset() + 1 - length))
}
