//! The token: programs send it as `Authorization: Bearer`, people enter it once at `/enter`.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE as COOKIES, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;

use super::rate::Peer;
use crate::lab::{Lab, Shared};
use crate::problem::Problem;
use crate::well_known::RELATED_ORIGINS;

/// The cookie with a session's name.
pub const COOKIE: &str = "passkey-lab";
/// What whoever has no token may see: the page that takes it, what it looks like, and which origins are related.
const OPEN: [&str; 5] = ["/enter", "/lab.css", "/lab.mjs", "/icon.svg", RELATED_ORIGINS];

/// Lets in whoever has the token, where there is one.
pub async fn token(State(lab): State<Shared>, peer: Peer, request: Request, next: Next) -> Response {
    if lab.settings.token.is_none() || OPEN.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let now = lab.clock.now();
    match admits(&lab, request.headers(), peer, now) {
        Ok(true) => next.run(request).await,
        Ok(false) if wants_page(&request) => Redirect::to("/enter").into_response(),
        Ok(false) => {
            let problem =
                Problem::new(StatusCode::UNAUTHORIZED, "Expected Authorization: Bearer with the lab's token.");
            ([(WWW_AUTHENTICATE, "Bearer")], problem).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

fn admits(lab: &Lab, headers: &HeaderMap, peer: Peer, now: Timestamp) -> Result<bool, Problem> {
    if let Some(text) = bearer(headers) {
        return enter(lab, text, peer, now);
    }
    Ok(session(headers).is_some_and(|name| lab.sessions.is_open(name, now)))
}

/// Whether a text is the token. After too many wrong ones from an address none of its is looked at for a while.
///
/// # Errors
/// 429.
pub fn enter(lab: &Lab, text: &str, peer: Peer, now: Timestamp) -> Result<bool, Problem> {
    let Some(token) = lab.settings.token else { return Ok(true) };
    let most = lab.settings.limits.guesses;
    if !lab.rate.may_guess(peer, now, most) {
        let detail = "There were too many wrong tokens from this address.";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).hint("Wait a minute, then try again."));
    }
    let right = token.is(text);
    if !right {
        lab.rate.guess(peer, now, most);
        tracing::warn!(?peer, "a wrong token");
    }
    Ok(right)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIES).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    request.method() == Method::GET && accept.contains("text/html")
}
