//! `$batch`: up to twenty requests in one (Graph, JSON batching, read 2026-11-28).

use std::collections::HashMap;

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Answered};
use super::call::{Call, Ids};
use super::entry::guid;
use super::fault::Fault;
use super::{odata, path, routes};
use crate::extract;

/// The most requests of one batch.
const MAX_REQUESTS: usize = 20;

#[derive(Debug, Deserialize)]
struct Batch {
    requests: Vec<One>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

pub(super) async fn send(call: &Call) -> Answered {
    let body = Value::Object(call.object()?.clone());
    let batch: Batch = extract::from_value(&body, "The body")?;
    check(&batch.requests)?;
    let mut statuses: HashMap<String, StatusCode> = HashMap::new();
    let mut responses = Vec::with_capacity(batch.requests.len());
    for request in batch.requests {
        let ids = Ids { request: guid(&call.lab), client: client(&request, &call.ids), at: call.ids.at };
        let failed = request.depends_on.iter().find(|id| !statuses.get(*id).is_some_and(StatusCode::is_success));
        let answered = match failed {
            Some(failed) => Err(Fault::failed_dependency(failed)),
            None => one(call, &request, ids.clone()).await,
        };
        let (status, body) = match answered {
            Ok(Answer { status, body }) => (status, body),
            Err(fault) => (fault.status, Some(fault.body(&ids))),
        };
        let mut response = json!({"id": request.id, "status": status.as_u16()});
        response["headers"] = json!({"Content-Type": "application/json", "request-id": ids.request});
        response["body"] = body.unwrap_or_default();
        responses.push(response);
        statuses.insert(request.id, status);
    }
    Answer::ok(json!({"responses": responses}))
}

/// Refuses what Graph does not take: too many, an id twice, a request that depends on a later one.
fn check(requests: &[One]) -> Result<(), Fault> {
    if requests.is_empty() || requests.len() > MAX_REQUESTS {
        let found = requests.len();
        return Err(Fault::bad_request(format!("Expected 1 to {MAX_REQUESTS} requests, found {found}.")));
    }
    for (index, request) in requests.iter().enumerate() {
        let before = || requests[..index].iter().map(|other| &other.id);
        if before().any(|id| *id == request.id) {
            let id: String = request.id.chars().take(40).collect();
            return Err(Fault::bad_request(format!("Expected an id of its own for each request, found '{id}' twice.")));
        }
        if let Some(other) = request.depends_on.iter().find(|other| !before().any(|id| id == *other)) {
            let other: String = other.chars().take(40).collect();
            return Err(Fault::bad_request(format!(
                "dependsOn: expected the id of an earlier request, found '{other}'."
            )));
        }
    }
    Ok(())
}

fn client(request: &One, ids: &Ids) -> String {
    let given = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("client-request-id"));
    let given = given.and_then(|(_, value)| value.as_str()).filter(|id| id.len() <= 128);
    given.unwrap_or(&ids.client).to_owned()
}

async fn one(call: &Call, request: &One, ids: Ids) -> Answered {
    let method = match &request.method.to_uppercase()[..] {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => return Err(Fault::method_not_allowed("Expected GET, POST, PATCH or DELETE.")),
    };
    let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let path = path::segments(path)?;
    if path.first().is_some_and(|segment| segment.eq_ignore_ascii_case("$batch")) {
        return Err(Fault::bad_request("A batch cannot hold another one."));
    }
    let query = odata::Query::parse(query)?;
    let body = request.body.clone().filter(|_| !matches!(method, Method::GET | Method::DELETE));
    let (lab, version) = (call.lab.clone(), call.version);
    routes::answer(Call { lab, version, method, path, parameters: Vec::new(), query, body, ids }).await
}
