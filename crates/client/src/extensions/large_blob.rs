//! largeBlob: what one credential keeps in the array of all (`webauthn-3 §10.1.5`; `ctap-2.2 §6.10`).

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use lab_protocol::Base64Url;
use lab_protocol::ctap2::large_blobs::LargeBlobMap;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde_json::{Map, Value, json};

use super::bytes;
use crate::error::Cause;
use crate::key::Key;
use crate::large_blobs::LargeBlobs;
use crate::pin_uv::Token;
use crate::script::Io;

/// The most bytes that one blob inflates to.
const MAX_BLOB: usize = 1 << 20;

const COMPRESSION: u8 = 6;

/// What a sign-in asks for.
pub(crate) enum Operation {
    Read,
    Write(Vec<u8>),
}

/// What came of it.
pub(crate) enum Done {
    Read(Vec<u8>),
    Written,
}

/// What `largeBlob` asks a sign-in for.
pub(crate) fn operation(extensions: &Map<String, Value>) -> Option<Operation> {
    let inputs = extensions.get("largeBlob")?;
    match bytes(inputs.get("write")) {
        Some(blob) => Some(Operation::Write(blob)),
        None => (inputs.get("read") == Some(&Value::Bool(true))).then_some(Operation::Read),
    }
}

/// Whether a registration asks for a key for large blobs.
///
/// # Errors
/// They are required and cannot be had.
pub(crate) fn is_supported(extensions: &Map<String, Value>, key: &Key, resident_key: bool) -> Result<bool, Cause> {
    let Some(inputs) = extensions.get("largeBlob") else { return Ok(false) };
    let able = resident_key && key.has("largeBlobs") && key.has_extension("largeBlobKey");
    let required = inputs.get("support").and_then(Value::as_str) == Some("required");
    if required && !able { Err(Cause::NoLargeBlob) } else { Ok(able) }
}

/// The client extension output of a sign-in.
pub(super) fn output(extensions: &Map<String, Value>, done: Option<&Done>) -> Value {
    match (operation(extensions), done) {
        (_, Some(Done::Read(blob))) => json!({ "blob": Base64Url(blob.clone()) }),
        (_, Some(Done::Written)) => json!({ "written": true }),
        (Some(Operation::Write(_)), None) => json!({ "written": false }),
        (_, None) => json!({}),
    }
}

/// Reads or writes the blob of the credential whose `largeBlobKey` this is. A failure is told by the output alone.
pub(crate) async fn run(
    io: &Io,
    key: &Key,
    token: Option<&Token>,
    operation: &Operation,
    blob_key: &[u8],
) -> Option<Done> {
    let mut array = LargeBlobs::read(io, key).await.ok()?;
    let owned = array.elements.iter().position(|element| open(blob_key, element).is_some());
    match operation {
        Operation::Read => open(blob_key, &array.elements[owned?]).map(Done::Read),
        Operation::Write(blob) => {
            let element = seal(blob_key, blob, io.random().await.ok()?)?;
            match owned {
                Some(index) => array.elements[index] = element,
                None => array.elements.push(element),
            }
            array.write(io, key, token).await.ok().map(|()| Done::Written)
        }
    }
}

/// The blob in an element, if the element is this credential's.
fn open(blob_key: &[u8], element: &[u8]) -> Option<Vec<u8>> {
    let map = LargeBlobMap::parse(element).ok()?;
    let nonce: &[u8; 12] = map.nonce.as_slice().try_into().ok()?;
    let size = usize::try_from(map.orig_size).ok().filter(|size| *size <= MAX_BLOB)?;
    let cipher = Aes256Gcm::new_from_slice(blob_key).ok()?;
    let aad = associated(map.orig_size);
    let compressed = cipher.decrypt(nonce.into(), Payload { msg: &map.ciphertext, aad: &aad }).ok()?;
    decompress_to_vec_with_limit(&compressed, size).ok().filter(|blob| blob.len() == size)
}

fn seal(blob_key: &[u8], blob: &[u8], nonce: [u8; 12]) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new_from_slice(blob_key).ok()?;
    let orig_size = blob.len() as u64;
    let compressed = compress_to_vec(blob, COMPRESSION);
    let aad = associated(orig_size);
    let ciphertext = cipher.encrypt(&nonce.into(), Payload { msg: &compressed, aad: &aad }).ok()?;
    Some(LargeBlobMap { ciphertext, nonce: nonce.to_vec(), orig_size }.encode())
}

fn associated(orig_size: u64) -> Vec<u8> {
    [&b"blob"[..], &orig_size.to_le_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_blob_opens_under_its_own_key_only(blob in prop::collection::vec(any::<u8>(), 0..2000), key: [u8; 32], other: [u8; 32], nonce: [u8; 12]) {
            let element = seal(&key, &blob, nonce).unwrap();
            prop_assert_eq!(open(&key, &element), Some(blob));
            prop_assume!(key != other);
            prop_assert_eq!(open(&other, &element), None);
        }

        #[test]
        fn any_element_opens_or_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = open(&[7; 32], &bytes);
        }
    }

    #[test]
    fn a_blob_that_inflates_beyond_its_announced_size_is_none() {
        let mut map = LargeBlobMap::parse(&seal(&[7; 32], &[1; 4096], [2; 12]).unwrap()).unwrap();
        map.orig_size = 16;
        assert_eq!(open(&[7; 32], &map.encode()), None);
    }
}
