//! One line for each request: what was asked for, how it came out, how long it took. No query, no header and
//! no body, for they can hold a token.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::lab::Shared;

/// Writes it.
pub async fn log(State(lab): State<Shared>, request: Request, next: Next) -> Response {
    let started = lab.clock.now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let took = lab.clock.now().duration_since(started).as_millis();
    let (status, path) = (response.status().as_u16(), path.as_deref().unwrap_or("(no such path)"));
    tracing::info!(%method, path, status, ms = %took, "request");
    response
}
