//! Lists of credentials that are too long for one request: the authenticator is asked part by part,
//! silently, which of them it holds (`ctap-2.2 §6.2`, getAssertion with `up` false).

use lab_protocol::ctap2::get_assertion::{Request, Response};
use lab_protocol::ctap2::{Command, Descriptor, StatusCode};

use crate::error::Cause;
use crate::key::Key;
use crate::pin_uv::Token;
use crate::script::Io;

/// The part of a list that can be sent; it is empty where the authenticator holds none of a list too long.
/// Whatever is not a hit counts as a miss, an authenticator that answers nothing silently included.
///
/// # Errors
/// There was no reply at all.
pub(crate) async fn shorten(
    io: &Io,
    key: &Key,
    rp_id: &str,
    list: Vec<Descriptor>,
    token: Option<&Token>,
) -> Result<Vec<Descriptor>, Cause> {
    let mut batches = key.batches(list);
    if batches.len() <= 1 {
        return Ok(batches.pop().unwrap_or_default());
    }
    for batch in batches {
        if ask(io, rp_id, &batch, token).await?.is_some() {
            return Ok(batch);
        }
    }
    Ok(Vec::new())
}

/// The credential of a list that the authenticator would use.
///
/// # Errors
/// There was no reply at all.
pub(crate) async fn held(
    io: &Io,
    rp_id: &str,
    list: &[Descriptor],
    token: Option<&Token>,
) -> Result<Option<Descriptor>, Cause> {
    let answer = ask(io, rp_id, list, token).await?;
    Ok(answer.and_then(|body| Response::parse(&body).ok()).and_then(|response| response.credential))
}

async fn ask(io: &Io, rp_id: &str, list: &[Descriptor], token: Option<&Token>) -> Result<Option<Vec<u8>>, Cause> {
    let hash = [0; 32];
    let request = Request {
        rp_id: rp_id.to_owned(),
        client_data_hash: hash,
        allow_list: Some(list.to_vec()),
        options: vec![("up".to_owned(), false)],
        pin_uv_auth_param: token.map(|token| token.authenticate(&hash)),
        pin_uv_auth_protocol: token.map(|token| token.protocol().number()),
        ..Default::default()
    };
    let (status, body) = io.call(Command::GET_ASSERTION, &request.encode()).await?;
    Ok((status == StatusCode::OK).then_some(body))
}
