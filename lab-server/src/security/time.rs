//! How long an answer may take to begin.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::lab::Shared;
use crate::problem::Problem;

/// When to try again after an answer that took too long, in seconds.
const LATER: u32 = 30;

/// Gives up on an answer that does not begin in time.
pub async fn within(State(lab): State<Shared>, request: Request, next: Next) -> Response {
    let limit = lab.settings.limits.answer_within;
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        Problem::busy(format!("The answer took longer than {} seconds.", limit.as_secs()), LATER)
            .hint("Ask for less, or when the lab has less to do.")
            .into_response()
    })
}
