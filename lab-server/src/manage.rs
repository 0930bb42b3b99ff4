//! The management port: for whoever runs the lab, never for a page.
//!
//! `GET /` tells how the lab is, `POST /stop` ends it. A request needs `Authorization: Bearer TOKEN` and the header
//! `X-Passkey-Lab` (no page of a browser can send either unasked), and a `Host` of loopback with the right port
//! (no name that was made to point here).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::lab::Shared;
use crate::problem::Problem;
use crate::settings::Token;

/// The header that a request needs; its value does not matter.
pub const HEADER: &str = "x-passkey-lab";

/// What the port needs.
#[derive(Clone)]
pub struct Management {
    /// The lab.
    pub lab: Shared,
    /// The token of this port.
    pub token: Token,
    /// Where it listens.
    pub address: SocketAddr,
    /// Ends the server.
    pub stop: Arc<Notify>,
}

/// The port as a service.
pub fn app(management: Management) -> Router {
    Router::new()
        .route("/", get(state))
        .route("/stop", post(stop))
        .layer(from_fn_with_state(management.clone(), admit))
        .with_state(management)
}

async fn state(State(Management { lab, .. }): State<Management>) -> Json<Value> {
    let (seq, users, passkeys) =
        lab.store.read(|directory| (directory.seq(), directory.tenant().users().len(), directory.passkeys().count()));
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "origin": lab.settings.origin,
        "now": lab.clock.now().to_string(),
        "events": seq,
        "users": users,
        "passkeys": passkeys,
        "waiting": lab.waiting().len(),
    }))
}

async fn stop(State(management): State<Management>) -> StatusCode {
    management.stop.notify_waiters();
    management.stop.notify_one();
    StatusCode::ACCEPTED
}

async fn admit(State(management): State<Management>, request: Request, next: Next) -> Response {
    match refusal(&management, request.headers()) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn refusal(management: &Management, headers: &HeaderMap) -> Option<Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let port = management.address.port();
    let own = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}"));
    if !text(HOST.as_str()).is_some_and(|host| own.iter().any(|own| own == host)) {
        let detail = "Expected a Host of loopback with the port of this server.";
        return Some(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail));
    }
    if !headers.contains_key(HEADER) {
        return Some(Problem::new(StatusCode::FORBIDDEN, "Expected the header X-Passkey-Lab."));
    }
    let token = text(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let right = token.is_some_and(|token| management.token.is(token));
    (!right)
        .then(|| Problem::new(StatusCode::UNAUTHORIZED, "Expected Authorization: Bearer with the token of this port."))
}
