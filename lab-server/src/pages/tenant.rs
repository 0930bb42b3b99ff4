//! `/tenant`: the passkey policy, edited and compared before it is saved; whole tenants imported.

mod form;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use lab_directory::{Actor, Batch, Door, Event, Facet, Given};
use lab_entra::graph::Graph as _;
use lab_entra::tenant::Resource;
use lab_entra::{Tenant, TenantFile};
use lab_jobs::input::tenants;
use lab_jobs::models::Choice;
use lab_jobs::report::{Block, Document};
use lab_jobs::{JobError, diff};
use serde::Deserialize;
use serde_json::Value;

use super::view::class;
use super::{Failure, page as render};
use crate::extract::Now;
use crate::lab::{Lab, Shared};
use crate::problem::{Problem, sentence};
use form::{ProfileForm, Wanted};

#[derive(Template)]
#[template(path = "tenant.html")]
struct TenantPage {
    here: &'static str,
    version: u64,
    enabled: bool,
    self_service: bool,
    profiles: Vec<ProfileForm>,
    json: String,
    findings: Document,
    examples: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare {
    here: &'static str,
    version: u64,
    json: String,
    document: Document,
    notes: Vec<String>,
}

pub async fn page(State(lab): State<Shared>) -> Result<Response, Failure> {
    let (tenant, version) =
        lab.store.read(|directory| (directory.tenant().clone(), directory.version(&Facet::Policies)));
    let fido2 = tenant.fido2().write();
    render(&TenantPage {
        here: "/tenant",
        version,
        enabled: fido2.get("state").and_then(Value::as_str) == Some("enabled"),
        self_service: fido2.get("isSelfServiceRegistrationAllowed") == Some(&Value::Bool(true)),
        profiles: form::profiles(&fido2),
        json: pretty(&fido2),
        findings: lab_jobs::tenant::check(&tenant, &lab.grounds.catalogue).document,
        examples: tenants::examples().collect(),
    })
}

/// Compares the policy with the one in the form, or saves it.
pub async fn edit(
    State(lab): State<Shared>,
    Now(now): Now,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let before = lab.store.tenant();
    let wanted = Wanted::read(&fields, &before.fido2().write())?;
    let after = before.with_policy(Resource::Fido2, Some(wanted.fido2.clone())).map_err(unreadable)?;
    if wanted.save {
        return save(&lab, &before, wanted, now).await;
    }
    let (json, version) = (pretty(&wanted.fido2), wanted.version);
    let (document, notes) = lab.clone().places.run(move || compare(&lab, &before, &after, now)).await??;
    render(&Compare { here: "/tenant", version, json, document, notes })
}

async fn save(lab: &Lab, before: &Tenant, wanted: Wanted, now: jiff::Timestamp) -> Result<Response, Failure> {
    let event = Event::PolicyChanged {
        resource: Resource::Fido2,
        before: Some(before.fido2().write()),
        after: Some(wanted.fido2),
    };
    let given = Given { facet: Facet::Policies, version: wanted.version };
    let actor = Actor { door: Door::Pages, ..Actor::default() };
    lab.store.append(Batch::of(now, actor, event).given([given])).await.map_err(|error| match error {
        lab_directory::StoreError::Conflict { .. } => {
            Problem::conflict("The policy was changed by somebody else after this page was opened.")
                .hint("Open the page again, and make the change there.")
        }
        other => other.into(),
    })?;
    lab.announce();
    Ok(Redirect::to("/tenant").into_response())
}

fn compare(
    lab: &Lab,
    before: &Tenant,
    after: &Tenant,
    now: jiff::Timestamp,
) -> Result<(Document, Vec<String>), Problem> {
    let catalogue = &lab.grounds.catalogue;
    let models = catalogue.named().iter().cloned().map(Choice::Emulated).collect();
    let request = diff::Request { before, after, models, traces: false };
    let outcome = diff::run(&request, catalogue, &lab.world.at_time(now), &|_, _| {}).map_err(unprocessable)?;
    Ok((outcome.report().document, outcome.notes))
}

/// A tenant to import: one of the examples, or JSON.
#[derive(Debug, Deserialize)]
pub struct Import {
    #[serde(default)]
    example: String,
    #[serde(default)]
    json: String,
}

pub async fn import(State(lab): State<Shared>, Now(now): Now, Form(import): Form<Import>) -> Result<Response, Failure> {
    let tenant = if import.json.trim().is_empty() {
        let files = tenants::example_files(&import.example).map_err(|error| unprocessable(error.into()))?;
        Tenant::from_files(&files)
    } else {
        Tenant::from_files(&[TenantFile { name: "the pasted tenant", text: &import.json }])
    };
    let tenant = crate::pilots::with_pilots(tenant.map_err(unreadable)?).map_err(unreadable)?;
    let event = Event::TenantImported { tenant: tenant.to_json() };
    let actor = Actor { door: Door::Pages, ..Actor::default() };
    lab.store.append(Batch::of(now, actor, event)).await?;
    lab.announce();
    Ok(Redirect::to("/").into_response())
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[allow(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
fn unreadable(error: lab_entra::TenantError) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, sentence(&error.to_string()))
}

#[allow(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
fn unprocessable(error: JobError) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, sentence(&error.to_string()))
}
