//! Every route of the lab, one line for each area.

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{Redirect, Response};

use crate::lab::Shared;
use crate::problem::Problem;
use crate::settings::{ENTRA_RP_ID, EntraHost};
use crate::{api, conformance, graph, pages, security, well_known};

/// The lab as a service.
pub fn app(lab: &Shared) -> Router {
    if lab.settings.entra_host == EntraHost::HandsOver {
        return security::around(Router::new().fallback(hand_over), lab).with_state(lab.clone());
    }
    let routes = Router::new()
        .merge(pages::routes(lab))
        .merge(conformance::routes())
        .merge(graph::routes())
        .merge(well_known::routes())
        .merge(api::routes(lab))
        .fallback(nothing_here);
    let routes = security::around(routes, lab).layer(from_fn_with_state(lab.clone(), graph::in_graphs_shape));
    routes.with_state(lab.clone())
}

/// Where Entra's users begin, they go on to the host of the RP ID.
async fn hand_over() -> Redirect {
    Redirect::to(&format!("https://{ENTRA_RP_ID}/mysecurityinfo"))
}

async fn nothing_here(uri: Uri) -> Result<Response, Problem> {
    let path: String = uri.path().chars().take(120).collect();
    Err(Problem::new(StatusCode::NOT_FOUND, format!("There is nothing at {path}.")))
}
