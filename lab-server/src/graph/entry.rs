//! From HTTP to a call, and from an answer to HTTP.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::answer::{Answer, Answered};
use super::call::{Call, Ids, Version};
use super::fault::{self, Fault};
use super::{odata, path, routes};
use crate::extract;
use crate::lab::{Lab, Shared};

/// The largest error of other layers that is put into Graph's shape, in bytes.
const MAX_PROBLEM: usize = 64 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

pub(super) async fn v1(State(lab): State<Shared>, request: Request) -> Response {
    enter(lab, Version::V1, request).await
}

pub(super) async fn beta(State(lab): State<Shared>, request: Request) -> Response {
    enter(lab, Version::Beta, request).await
}

async fn enter(lab: Shared, version: Version, request: Request) -> Response {
    let ids = ids(&lab, request.headers(), lab.clock.now());
    let answered = match call(&lab, version, request, ids.clone()).await {
        Ok(call) => routes::answer(call).await,
        Err(fault) => Err(fault),
    };
    respond(answered, &ids)
}

async fn call(lab: &Shared, version: Version, request: Request, ids: Ids) -> Result<Call, Fault> {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !bearer.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")) || bearer.len() < 8 {
        return Err(Fault::unauthenticated());
    }
    let path = request.uri().path().trim_start_matches('/');
    let path = path::segments(path.split_once('/').map_or("", |(_, rest)| rest))?;
    let query = odata::Query::parse(request.uri().query().unwrap_or_default())?;
    let method = request.method().clone();
    let body = body(lab, request).await?;
    Ok(Call { lab: lab.clone(), version, method, path, parameters: Vec::new(), query, body, ids })
}

async fn body(lab: &Shared, request: Request) -> Result<Option<Value>, Fault> {
    if matches!(*request.method(), Method::GET | Method::DELETE | Method::HEAD) {
        return Ok(None);
    }
    let json = extract::says_json(request.headers());
    let bytes = Bytes::from_request(request, lab).await.map_err(|error| extract::body(&error))?;
    match (bytes.is_empty(), json) {
        (true, _) => Ok(None),
        (false, true) => Ok(Some(extract::read(&bytes)?)),
        (false, false) => Err(Fault::media_type()),
    }
}

/// The ids of a request: the lab's own, and the client's, if it is one that a header can carry back.
fn ids(lab: &Lab, headers: &HeaderMap, at: Timestamp) -> Ids {
    let request = guid(lab);
    let client = headers.get(CLIENT_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| id.len() <= 128);
    Ids { client: client.map_or_else(|| request.clone(), str::to_owned), request, at }
}

/// A new GUID of version 4.
pub(super) fn guid(lab: &Lab) -> String {
    let mut bytes = [0; 16];
    lab.dice.draw(|random| random.fill(&mut bytes));
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    lab_protocol::Aaguid(bytes).to_string()
}

fn respond(answered: Answered, ids: &Ids) -> Response {
    let (status, body) = match answered {
        Ok(Answer { status, body }) => (status, body),
        Err(fault) => (fault.status, Some(fault.body(ids))),
    };
    let mut response = match body {
        Some(body) => axum::Json(body).into_response(),
        None => ().into_response(),
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    for (name, id) in [(REQUEST_ID, &ids.request), (CLIENT_REQUEST_ID, &ids.client)] {
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(name, id);
        }
    }
    response
}

/// Puts the errors of the layers around Graph into Graph's shape.
pub async fn in_graphs_shape(State(lab): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/v1.0/") && !path.starts_with("/beta/") {
        return next.run(request).await;
    }
    let ids = ids(&lab, request.headers(), lab.clock.now());
    let response = next.run(request).await;
    let of_a_layer = response.status().is_client_error() || response.status().is_server_error();
    if !of_a_layer || response.headers().contains_key(REQUEST_ID) {
        return response;
    }
    reshaped(response, &ids).await
}

async fn reshaped(response: Response, ids: &Ids) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_PROBLEM).await.unwrap_or_default();
    let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |key| problem.get(key).and_then(Value::as_str).unwrap_or_default();
    let message = format!("{} {}", text("detail"), text("hint")).trim().to_owned();
    let reason = parts.status.canonical_reason().unwrap_or("Error").to_owned();
    let message = if message.is_empty() { reason } else { message };
    let fault = Fault { status: parts.status, code: fault::code(parts.status), message, details: Vec::new() };
    let mut response = respond(Err(fault), ids);
    let kept = parts.headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
    for (name, value) in kept.filter(|(name, _)| !matches!(name.as_str(), "content-type" | "content-length")) {
        response.headers_mut().insert(name, value);
    }
    response
}
