//! Every route of the lab, one line for each area.

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;

use crate::lab::Shared;
use crate::problem::Problem;
use crate::{conformance, graph, pages, security};

/// The lab as a service.
pub fn app(lab: &Shared) -> Router {
    let routes = Router::new()
        .merge(pages::routes(lab))
        .merge(conformance::routes())
        .merge(graph::routes())
        .fallback(nothing_here);
    let routes = security::around(routes, lab).layer(from_fn_with_state(lab.clone(), graph::in_graphs_shape));
    routes.with_state(lab.clone())
}

async fn nothing_here(uri: Uri) -> Result<Response, Problem> {
    let path: String = uri.path().chars().take(120).collect();
    Err(Problem::new(StatusCode::NOT_FOUND, format!("There is nothing at {path}.")))
}
