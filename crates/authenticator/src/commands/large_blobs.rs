//! authenticatorLargeBlobs (`ctap-2.2 §6.10`).

use jiff::Timestamp;
use lab_protocol::ctap2::large_blobs::{Request, Response};
use lab_protocol::ctap2::{Permissions, StatusCode};

use super::{Next, Outcome};
use crate::authorize::{Claim, RpRule};
use crate::engine::Authenticator;

/// What a message has beside a fragment.
const OVERHEAD: usize = 64;
/// maxMsgSize of a model that names none (`ctap-2.2 §6.4`).
const MIN_MESSAGE: usize = 1024;
/// maxSerializedLargeBlobArray of a model that names none.
const MIN_CAPACITY: usize = 1024;
/// The hash at the end of the array.
const HASH: usize = 16;

/// An array of which fragments are missing.
#[derive(Debug)]
pub(crate) struct Writing {
    length: usize,
    received: Vec<u8>,
}

pub(super) fn start(authenticator: &mut Authenticator, parameters: &[u8], now: Timestamp) -> Outcome {
    if !authenticator.has("largeBlobs") {
        return Err(StatusCode::INVALID_COMMAND);
    }
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    let offset = unsigned(request.offset)?.ok_or(StatusCode::INVALID_PARAMETER)?;
    match (unsigned(request.get)?, &request.set) {
        (Some(count), None) => get(authenticator, &request, count, offset),
        (None, Some(fragment)) => set(authenticator, &request, fragment, offset, now),
        (Some(_), Some(_)) | (None, None) => Err(StatusCode::INVALID_PARAMETER),
    }
}

fn unsigned(number: Option<i64>) -> Result<Option<usize>, StatusCode> {
    number.map(|number| usize::try_from(number).map_err(|_| StatusCode::INVALID_PARAMETER)).transpose()
}

fn get(authenticator: &Authenticator, request: &Request, count: usize, offset: usize) -> Outcome {
    if request.length.is_some() || request.pin_uv_auth_param.is_some() || request.pin_uv_auth_protocol.is_some() {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    if count > authenticator.max_fragment() {
        return Err(StatusCode::INVALID_LENGTH);
    }
    let rest = authenticator.state.large_blob_array.get(offset..).ok_or(StatusCode::INVALID_PARAMETER)?;
    let config = rest.get(..count).unwrap_or(rest).to_vec();
    Ok(Next::Reply(Response { config: Some(config), ..Response::default() }.encode()))
}

fn set(
    authenticator: &mut Authenticator,
    request: &Request,
    fragment: &[u8],
    offset: usize,
    now: Timestamp,
) -> Outcome {
    if fragment.len() > authenticator.max_fragment() {
        return Err(StatusCode::INVALID_LENGTH);
    }
    match (offset, unsigned(request.length)?) {
        (0, Some(length)) => authenticator.begin(length)?,
        (0, None) | (1.., Some(_)) => return Err(StatusCode::INVALID_PARAMETER),
        (1.., None) => {}
    }
    let writing = authenticator.volatile.writing.as_ref();
    if writing.is_none_or(|writing| writing.received.len() != offset) {
        return Err(StatusCode::INVALID_SEQ);
    }
    authorize(authenticator, request, fragment, offset, now)?;
    let Some(mut writing) = authenticator.volatile.writing.take() else { return Err(StatusCode::INVALID_SEQ) };
    if writing.received.len() + fragment.len() > writing.length {
        return Err(StatusCode::INVALID_PARAMETER);
    }
    writing.received.extend_from_slice(fragment);
    if writing.received.len() < writing.length {
        authenticator.volatile.writing = Some(writing);
    } else if is_whole(&writing.received) {
        authenticator.state.change(|state| state.large_blob_array = writing.received);
    } else {
        return Err(StatusCode::INTEGRITY_FAILURE);
    }
    Ok(Next::Reply(Vec::new()))
}

/// Without any user verification, and with alwaysUv off, anybody may.
fn authorize(
    authenticator: &mut Authenticator,
    request: &Request,
    fragment: &[u8],
    offset: usize,
    now: Timestamp,
) -> Result<(), StatusCode> {
    if !authenticator.is_protected() && !authenticator.has("alwaysUv") {
        return Ok(());
    }
    let offset = u32::try_from(offset).map_err(|_| StatusCode::INVALID_PARAMETER)?.to_le_bytes();
    let hash = lab_attestation::sha256(fragment);
    let claim = Claim {
        protocol: request.pin_uv_auth_protocol,
        param: request.pin_uv_auth_param.as_deref(),
        message: &[&[0xff; 32][..], &[0x0c, 0x00], &offset, &hash].concat(),
        permissions: Permissions::LARGE_BLOB_WRITE,
        rp: RpRule::Any,
    };
    authenticator.authorize(&claim, now)
}

/// Whether the last bytes are the hash of the others.
fn is_whole(array: &[u8]) -> bool {
    let Some((array, hash)) = array.split_last_chunk::<HASH>() else { return false };
    lab_attestation::sha256(array)[..HASH] == *hash
}

impl Authenticator {
    /// maxFragmentLength.
    fn max_fragment(&self) -> usize {
        let size = self.model.limit(|info| info.max_msg_size.as_ref().map(|size| size.value));
        size.unwrap_or(MIN_MESSAGE) - OVERHEAD
    }

    /// maxSerializedLargeBlobArray, where it has one.
    pub(crate) fn large_blob_capacity(&self) -> Option<usize> {
        let said = || self.model.limit(|info| Some(info.max_serialized_large_blob_array.as_ref()?.value));
        self.has("largeBlobs").then(|| said().unwrap_or(MIN_CAPACITY))
    }

    /// The first fragment of a new array.
    fn begin(&mut self, length: usize) -> Result<(), StatusCode> {
        if length > self.large_blob_capacity().unwrap_or_default() {
            return Err(StatusCode::LARGE_BLOB_STORAGE_FULL);
        }
        if length <= HASH {
            return Err(StatusCode::INVALID_PARAMETER);
        }
        self.volatile.writing = Some(Writing { length, received: Vec::new() });
        Ok(())
    }
}
