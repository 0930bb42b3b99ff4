//! Whom the lab talks to at all: by the names in a request that only a browser or its attacker sets.

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::lab::Shared;
use crate::problem::Problem;
use crate::well_known::RELATED_ORIGINS;

/// Refuses a `Host` that is not the lab's: a foreign name that was made to point at this machine.
pub async fn host(State(lab): State<Shared>, request: Request, next: Next) -> Response {
    if named(&request).is_some_and(|said| is_one_of(said, &lab.settings.hosts)) {
        return next.run(request).await;
    }
    let detail = "This lab does not answer to the Host of the request.";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, detail)
        .hint(format!("It is found at {}.", lab.settings.origin))
        .into_response()
}

/// The host and port that a request names.
pub fn named(request: &Request) -> Option<&str> {
    text(request.headers(), HOST.as_str()).or_else(|| request.uri().authority().map(|it| it.as_str()))
}

/// Whether a host is one of these.
pub fn is_one_of(said: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|host| host.eq_ignore_ascii_case(said))
}

/// Refuses what a page of another origin sends, and what it wants to load. A link that somebody follows to
/// the lab is fine; a program that is no browser sends none of these headers. Which origins are related, a browser
/// asks for on behalf of any page.
pub async fn origin(State(lab): State<Shared>, request: Request, next: Next) -> Response {
    let for_all = request.uri().path() == RELATED_ORIGINS && request.method() == Method::GET;
    if !for_all && is_foreign(request.method(), request.headers(), &lab.settings.origin) {
        let detail = "The request comes from a page of another origin, and such pages can do nothing here.";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    next.run(request).await
}

fn is_foreign(method: &Method, headers: &HeaderMap, own: &str) -> bool {
    let foreign_origin = headers.contains_key(ORIGIN) && text(headers, ORIGIN.as_str()) != Some(own);
    let site = text(headers, "sec-fetch-site");
    let elsewhere = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let followed = matches!(*method, Method::GET | Method::HEAD)
        && text(headers, "sec-fetch-mode") == Some("navigate")
        && text(headers, "sec-fetch-dest").is_none_or(|dest| dest == "document");
    foreign_origin || (elsewhere && !followed)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect();
        is_foreign(method, &headers, "http://localhost:8080")
    }

    #[test]
    fn programs_and_the_labs_own_pages_pass() {
        assert!(!foreign(&Method::POST, &[]));
        let own = [("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")];
        assert!(!foreign(&Method::POST, &own));
        assert!(!foreign(&Method::GET, &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]));
    }

    #[test]
    fn a_page_of_another_origin_can_send_and_load_nothing() {
        assert!(foreign(&Method::POST, &[("origin", "https://evil.example")]));
        assert!(foreign(&Method::POST, &[("origin", "null")]));
        assert!(foreign(&Method::POST, &[("origin", "http://localhost:8081")]), "another port is another origin");
        assert!(foreign(&Method::GET, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]));
        assert!(foreign(&Method::GET, &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")]));
        let form = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert!(foreign(&Method::POST, &form), "a form that sends itself");
    }

    #[test]
    fn a_link_may_be_followed_and_a_frame_may_not_be_filled() {
        let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert!(!foreign(&Method::GET, &link));
        let frame = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        assert!(foreign(&Method::GET, &frame));
    }
}
