//! Pages for people: one template, one handler file and one route line each.
//!
//! Templates are compiled in; the only script is `static/lab.mjs`, and nothing is loaded from elsewhere. Every page
//! says in its first line that this is a lab.

mod assets;
mod capture;
mod ceremony;
mod console;
mod emulated;
mod enter;
mod events;
mod failures;
mod log;
mod matrix;
mod security_info;
mod sign_in;
mod tenant;
pub(crate) mod view;

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

use crate::lab::Shared;
use crate::problem::Problem;

/// The routes.
pub fn routes(lab: &Shared) -> Router<Shared> {
    let tenant_body = DefaultBodyLimit::max(lab.settings.limits.tenant_body);
    Router::new()
        .route("/", get(console::page))
        .route("/ceremonies", get(console::rows))
        .route("/ceremonies/{seq}", get(ceremony::page))
        .route("/ceremonies/{seq}/case.json", get(ceremony::case))
        .route("/events", get(events::stream))
        .route("/mysecurityinfo", get(security_info::page))
        .route("/mysecurityinfo/options", post(security_info::options))
        .route("/mysecurityinfo/result", post(security_info::result))
        .route("/mysecurityinfo/rename", post(security_info::rename))
        .route("/mysecurityinfo/delete", post(security_info::delete))
        .route("/signin", get(sign_in::page))
        .route("/signin/options", post(sign_in::options))
        .route("/signin/result", post(sign_in::result))
        .route("/failed", post(failures::failed))
        .route("/emulated", get(emulated::page))
        .route("/emulated/register", post(emulated::register))
        .route("/emulated/sign-in", post(emulated::sign_in))
        .route("/emulated/delete", post(emulated::delete))
        .route("/capture", get(capture::page))
        .route("/tenant", get(tenant::page))
        .route("/tenant/profiles", post(tenant::edit).layer(tenant_body))
        .route("/tenant/import", post(tenant::import).layer(tenant_body))
        .route("/matrix", get(matrix::page))
        .route("/log", get(log::page))
        .route("/enter", get(enter::page).post(enter::enter))
        .route("/lab.css", get(assets::style))
        .route("/lab.mjs", get(assets::script))
        .route("/icon.svg", get(assets::icon))
}

/// A page, rendered.
fn page(template: &impl Template) -> Result<Response, Failure> {
    match template.render() {
        Ok(text) => Ok(Html(text).into_response()),
        Err(error) => {
            tracing::error!(%error, "a template");
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be written.").into())
        }
    }
}

/// A problem, as a page.
#[derive(Debug)]
struct Failure(Problem);

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'p> {
    here: &'static str,
    problem: &'p Problem,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let page = FailurePage { here: "", problem: &self.0 };
        match page.render() {
            Ok(text) => {
                let mut response = (self.0.status, Html(text)).into_response();
                self.0.say_when(response.headers_mut());
                response
            }
            Err(_) => self.0.into_response(),
        }
    }
}
