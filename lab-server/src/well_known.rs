//! `/.well-known/`: what programs ask an origin before they trust it.
//!
//! * `/.well-known/passkey-lab`: the nonce of this run. A script or extension that plays an authenticator acts only on
//!   an origin that knows it, which the real hosts cannot. Where a token is set, only whoever has it learns the nonce.
//! * `/.well-known/webauthn`: the origins that may use the RP ID beside its own (`webauthn-3 §5.11.1`); on Entra's host
//!   alone, and for everybody, for browsers ask for it without credentials and from other origins.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::lab::Shared;
use crate::problem::Problem;
use crate::settings::{ENTRA_RP_ID, entra_host};

/// The path that is open to all.
pub const RELATED_ORIGINS: &str = "/.well-known/webauthn";

/// The routes.
pub fn routes() -> Router<Shared> {
    Router::new().route("/.well-known/passkey-lab", get(nonce)).route(RELATED_ORIGINS, get(related_origins))
}

async fn nonce(State(lab): State<Shared>) -> Json<Value> {
    Json(json!({ "nonce": &*lab.nonce, "version": env!("CARGO_PKG_VERSION") }))
}

async fn related_origins(State(lab): State<Shared>) -> Result<Json<Value>, Problem> {
    if lab.settings.origin != format!("https://{ENTRA_RP_ID}") {
        return Err(Problem::not_found("No other origin may use the RP ID of this lab."));
    }
    Ok(Json(json!({ "origins": entra_host::RELATED.map(|host| format!("https://{host}")) })))
}
