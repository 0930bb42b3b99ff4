//! Everything that stands between a request and its handler.
//!
//! The lab is a relying party on somebody's own machine: the attacker is a page of another origin in the same
//! browser, or somebody on the same network. In the order in which a request meets them:
//!
//! | layer | keeps out |
//! |---|---|
//! | [`log`] | – ; one line for each request, without query, headers or body |
//! | catch-panic | a bug ends one request, not the server |
//! | [`headers`] | framing, scripts from elsewhere, sniffing, caches |
//! | [`admit::host`] | DNS rebinding: a `Host` that is not the lab's own |
//! | [`admit::origin`] | a page of another origin: what it sends, and what it wants to load |
//! | `rate` | floods from one address |
//! | `token` | whoever has not the token, where one is set; guessing is slowed down |
//! | timeout, body limit | answers and bodies without end |
//!
//! No answer carries a CORS header. Cookies are `HttpOnly`, `SameSite=Strict` and hold a session's random
//! name, never the token.

pub mod admit;
pub mod headers;
pub mod log;
mod rate;
mod sessions;
mod time;
mod token;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

pub use rate::{Peer, Rate};
pub use sessions::Sessions;
pub use token::{COOKIE, enter};

use crate::lab::Shared;
use crate::problem::Problem;

/// Puts every layer around the routes of the lab.
pub fn around(routes: Router<Shared>, lab: &Shared) -> Router<Shared> {
    let limits = lab.settings.limits;
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(lab.clone(), log::log))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(lab.clone(), headers::headers))
        .layer(from_fn_with_state(lab.clone(), admit::host))
        .layer(from_fn_with_state(lab.clone(), admit::origin))
        .layer(from_fn_with_state(lab.clone(), rate::rate))
        .layer(from_fn_with_state(lab.clone(), token::token))
        .layer(from_fn_with_state(lab.clone(), time::within))
        .layer(DefaultBodyLimit::max(limits.body));
    routes.layer(layers)
}

#[allow(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The lab made a mistake.")
        .hint("Please report it with what you did.")
        .into_response()
}
