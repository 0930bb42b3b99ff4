//! `/signin`: with a user name, without one, and from the browser's suggestions.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use lab_directory::Door;
use lab_protocol::webauthn::{Ceremony, PublicKeyCredentialRequestOptions};
use serde::Deserialize;
use serde_json::Value;

use super::{Failure, page as render};
use crate::ceremonies::Told;
use crate::extract::{Now, Object};
use crate::lab::Shared;
use crate::problem::Problem;
use crate::settings::EntraHost;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    here: &'static str,
    entra_host: EntraHost,
}

pub async fn page(State(lab): State<Shared>) -> Result<Response, Failure> {
    render(&SignIn { here: "/signin", entra_host: lab.settings.entra_host.clone() })
}

/// A sign-in that is to begin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    #[serde(default)]
    user: Option<String>,
}

pub async fn options(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(begin): Object<Begin>,
) -> Result<axum::Json<PublicKeyCredentialRequestOptions>, Problem> {
    let user = begin.user.as_deref().map(str::trim).filter(|user| !user.is_empty());
    lab.ask_sign_in(user, Door::Pages, now).map(axum::Json)
}

/// A sign-in that has come back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    credential: Value,
}

pub async fn result(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(end): Object<End>,
) -> Result<axum::Json<Told>, Problem> {
    lab.answer(Ceremony::Authentication, end.credential, None, now).await.map(axum::Json)
}
