//! The large-blob array of an authenticator: read whole, written whole (`ctap-2.2 §6.10.2`).

use lab_protocol::cbor::{Reader, Rules, Writer};
use lab_protocol::ctap2::large_blobs::{Request, Response};
use lab_protocol::ctap2::{Command, Permissions};
use sha2::{Digest, Sha256};

use crate::authorize::{self, Purpose};
use crate::error::{Cause, ReplyError};
use crate::key::{self, Key};
use crate::pin_uv::Token;
use crate::script::{Io, Script};

/// Bytes of a message beside a fragment (`ctap-2.2 §6.10.2`).
const AROUND_A_FRAGMENT: usize = 64;

/// The most bytes that are read.
const MAX_ARRAY: usize = 1 << 20;

/// Bytes of the truncated hash at the array's end.
const HASH: usize = 16;

/// The array's elements, each as it is encoded. Those of other credentials cannot be read, and are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LargeBlobs {
    /// The elements.
    pub elements: Vec<Vec<u8>>,
}

/// Reads the array.
#[must_use]
pub fn read() -> Script<LargeBlobs> {
    Script::new(|io| async move {
        let key = io.key().await?;
        LargeBlobs::read(&io, &key).await
    })
}

/// Writes the array.
#[must_use]
pub fn write(array: LargeBlobs) -> Script<()> {
    Script::new(|io| async move {
        let key = io.key().await?;
        let token = match key.is_protected() {
            true => {
                let purpose = Purpose { permissions: Permissions::LARGE_BLOB_WRITE, rp_id: None };
                Some(authorize::token(&io, &key, purpose).await?)
            }
            false => None,
        };
        array.write(&io, &key, token.as_ref()).await
    })
}

impl LargeBlobs {
    /// Reads it fragment by fragment. An array whose hash does not fit it counts as empty, as the specification says.
    pub(crate) async fn read(io: &Io, key: &Key) -> Result<Self, Cause> {
        check(key)?;
        let most = fragment(key);
        let mut bytes = Vec::new();
        loop {
            let request = Request { get: integer(most), offset: integer(bytes.len()), ..Default::default() };
            let body = io.body(Command::LARGE_BLOBS, &request.encode()).await?;
            let response = Response::parse(&body).map_err(|error| key::unreadable(Command::LARGE_BLOBS, error))?;
            let part = response.config.ok_or_else(|| reply(ReplyError::Missing("config")))?;
            bytes.extend_from_slice(&part);
            if part.len() < most {
                return Ok(Self { elements: elements(&bytes).unwrap_or_default() });
            }
            if bytes.len() > MAX_ARRAY {
                let found = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                return Err(reply(ReplyError::TooMany { what: "bytes", found, allowed: MAX_ARRAY }));
            }
        }
    }

    /// Writes it fragment by fragment; the authenticator takes it over with the last.
    pub(crate) async fn write(&self, io: &Io, key: &Key, token: Option<&Token>) -> Result<(), Cause> {
        check(key)?;
        let bytes = self.serialize();
        let allowed = key.info().max_serialized_large_blob_array.and_then(|size| usize::try_from(size).ok());
        if let Some(allowed) = allowed.filter(|allowed| bytes.len() > *allowed) {
            return Err(Cause::LargeBlobs { found: bytes.len(), allowed });
        }
        let mut offset = 0;
        for part in bytes.chunks(fragment(key)) {
            let request = Request {
                set: Some(part.to_vec()),
                offset: integer(offset),
                length: if offset == 0 { integer(bytes.len()) } else { None },
                pin_uv_auth_param: token.map(|token| token.authenticate(&authenticated(offset, part))),
                pin_uv_auth_protocol: token.map(|token| token.protocol().number()),
                ..Default::default()
            };
            io.body(Command::LARGE_BLOBS, &request.encode()).await?;
            offset += part.len();
        }
        Ok(())
    }

    /// The array and its truncated hash.
    #[must_use]
    pub fn serialize(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(self.elements.len());
        self.elements.iter().for_each(|element| _ = writer.raw(element));
        let array = writer.into_bytes();
        let hash = Sha256::digest(&array);
        [&array[..], &hash[..HASH]].concat()
    }
}

/// What the pinUvAuthParam of a fragment covers.
#[must_use]
pub fn authenticated(offset: usize, fragment: &[u8]) -> Vec<u8> {
    let offset = u32::try_from(offset).unwrap_or(u32::MAX).to_le_bytes();
    [&[0xff; 32][..], &[Command::LARGE_BLOBS.0, 0], &offset, &Sha256::digest(fragment)].concat()
}

/// The elements of a serialized array; `None` where its hash or its CBOR is wrong.
fn elements(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (array, hash) = bytes.split_last_chunk::<HASH>()?;
    if Sha256::digest(array)[..HASH] != hash[..] {
        return None;
    }
    let (mut reader, mut elements) = (Reader::new(array, Rules::PLATFORM), Vec::new());
    let read = reader.array(|reader| {
        elements.push(reader.skip()?.to_vec());
        Ok(())
    });
    read.and_then(|()| reader.end()).ok().map(|()| elements)
}

fn check(key: &Key) -> Result<(), Cause> {
    let (command, option) = (Command::LARGE_BLOBS, "largeBlobs");
    if key.has(option) { Ok(()) } else { Err(Cause::NoCommand { command, option }) }
}

fn fragment(key: &Key) -> usize {
    key.max_msg_size() - AROUND_A_FRAGMENT
}

fn integer(number: usize) -> Option<i64> {
    i64::try_from(number).ok()
}

const fn reply(error: ReplyError) -> Cause {
    Cause::Reply { command: Command::LARGE_BLOBS, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_array_is_the_initial_value_of_the_specification() {
        let initial =
            [0x80, 0x76, 0xbe, 0x8b, 0x52, 0x8d, 0, 0x75, 0xf7, 0xaa, 0xe9, 0x8d, 0x6f, 0xa5, 0x7a, 0x6d, 0x3c];
        assert_eq!(LargeBlobs::default().serialize(), initial);
        assert_eq!(elements(&initial), Some(vec![]));
    }

    #[test]
    fn an_array_is_read_as_it_was_written_or_not_at_all() {
        let array = LargeBlobs { elements: vec![vec![0x01], vec![0x63, b'a', b'b', b'c']] };
        let mut bytes = array.serialize();
        assert_eq!(elements(&bytes), Some(array.elements));
        bytes[1] ^= 1;
        assert_eq!(elements(&bytes), None);
    }
}
