//! `/enter`: takes the lab's token from somebody's browser.

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{Failure, page as render};
use crate::extract::Now;
use crate::lab::Shared;
use crate::security::{COOKIE, Peer, enter as check};

#[derive(Template)]
#[template(path = "enter.html")]
struct Enter {
    here: &'static str,
    wrong: bool,
}

pub async fn page() -> Result<Response, Failure> {
    render(&Enter { here: "/enter", wrong: false })
}

/// What was entered.
#[derive(Deserialize)]
pub struct Entered {
    token: String,
}

pub async fn enter(
    State(lab): State<Shared>,
    Now(now): Now,
    peer: Peer,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    if !check(&lab, &entered.token, peer, now)? {
        let page = render(&Enter { here: "/enter", wrong: true })?;
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    }
    let name = lab.dice.secret();
    lab.sessions.open(&name, now);
    let secure = if lab.settings.is_secure() { "; Secure" } else { "" };
    let age = lab.settings.limits.session.as_secs();
    let cookie = format!("{COOKIE}={name}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}");
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}
