//! `/api`: what the pages do, for programs, and emulated authenticators that programs use as their own.
//!
//! `openapi.json` says what each path takes and answers; a test holds it to [`ROUTES`] in both directions, and every
//! answer in the tests to its schemas. Errors are [`Problem`]s: 400 is a body or query that is not as the schemas
//! say, 422 one that asks for something that cannot be. What client or authenticator refuse is no error but a
//! result. Results of jobs (steps, cases, matrices) have the members that they have on the command line, everything
//! else is in camel case.

pub(crate) mod authenticators;
pub(crate) mod ceremonies;
pub mod client;
mod events;
mod extract;
mod guard;
mod jobs;
mod kept;
mod models;
mod openapi;
mod records;
mod tenant;
pub mod types;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::routing::{MethodFilter, MethodRouter, on};

pub use kept::Kept;
pub use openapi::OPENAPI;

use crate::lab::Shared;
use crate::problem::Problem;

/// A path with a method, and who answers.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces as OpenAPI writes them.
    pub path: &'static str,
    handle: fn() -> MethodRouter<Shared>,
}

macro_rules! routes {
    ($($method:ident $path:literal => $module:ident::$handler:ident;)+) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            handle: || on(MethodFilter::$method, $module::$handler),
        }),+]
    };
}

/// Every route.
pub static ROUTES: &[Route] = routes! {
    GET    "/api/openapi.json" => openapi::document;

    GET    "/api/models" => models::list;
    GET    "/api/models/{model}" => models::one;

    POST   "/api/authenticators" => authenticators::create;
    GET    "/api/authenticators" => authenticators::list;
    GET    "/api/authenticators/{authenticator}" => authenticators::one;
    DELETE "/api/authenticators/{authenticator}" => authenticators::delete;
    GET    "/api/authenticators/{authenticator}/credentials" => authenticators::credentials;
    POST   "/api/authenticators/{authenticator}/create" => authenticators::make;
    POST   "/api/authenticators/{authenticator}/get" => authenticators::get;
    POST   "/api/authenticators/{authenticator}/register" => ceremonies::register;
    POST   "/api/authenticators/{authenticator}/sign-in" => ceremonies::sign_in;

    POST   "/api/registration/options" => ceremonies::registration_options;
    POST   "/api/registration/result" => ceremonies::registration_result;
    POST   "/api/sign-in/options" => ceremonies::sign_in_options;
    POST   "/api/sign-in/result" => ceremonies::sign_in_result;

    GET    "/api/ceremonies" => records::list;
    GET    "/api/ceremonies/{number}" => records::one;
    GET    "/api/events" => events::stream;

    POST   "/api/verify" => jobs::verify;
    POST   "/api/matrix" => jobs::matrix;

    GET    "/api/tenant" => tenant::tenant;
    GET    "/api/users" => tenant::users;
};

/// The routes whose bodies may be as large as a tenant.
const LARGE: [&str; 2] = ["/api/verify", "/api/matrix"];

/// The routes.
pub fn routes(lab: &Shared) -> Router<Shared> {
    let large = DefaultBodyLimit::max(lab.settings.limits.tenant_body);
    let router = ROUTES.iter().fold(Router::new(), |router, route| {
        let handle = (route.handle)();
        router.route(route.path, if LARGE.contains(&route.path) { handle.layer(large) } else { handle })
    });
    router.method_not_allowed_fallback(not_that_way)
}

async fn not_that_way(method: Method, uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(120).collect();
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{path} does not take {method}."))
        .hint("The header Allow names the methods that it takes.")
}
