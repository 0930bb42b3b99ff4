//! `/api/models`: what can be emulated.

use axum::Json;
use axum::extract::State;
use lab_jobs::models::{Choice, show, summary};
use serde_json::Value;

use super::extract::Named;
use super::types::{Model, Models};
use crate::lab::Shared;
use crate::problem::{Problem, sentence};

pub async fn list(State(lab): State<Shared>) -> Json<Models> {
    let models = lab.grounds.catalogue.models().iter().map(|model| {
        let summary = summary(model);
        let text = |name: &str| summary[name].as_str().unwrap_or_default().to_owned();
        Model {
            id: model.id.clone(),
            name: model.name.clone(),
            aaguid: model.aaguid(),
            kind: text("kind"),
            passkey_type: text("passkey_type"),
            attestation: text("attestation"),
            generic: model.generic,
        }
    });
    Json(Models { models: models.collect() })
}

/// All that is known of one: the result of `models show`.
pub async fn one(State(lab): State<Shared>, Named(id): Named<String>) -> Result<Json<Value>, Problem> {
    let catalogue = &lab.grounds.catalogue;
    let shown = match catalogue.choose(&id) {
        Ok(Choice::Emulated(_)) => show(catalogue, &id)?,
        Ok(Choice::PasskeyRs) => return Err(Problem::not_found("This is a program of somebody else's, not emulated.")),
        Err(error) => return Err(Problem::not_found(sentence(&error.to_string()))),
    };
    Ok(Json(shown.result))
}
