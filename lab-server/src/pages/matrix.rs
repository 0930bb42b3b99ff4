//! `/matrix`: every model against every scope of the tenant, decided by ceremonies really run.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use lab_jobs::matrix::{self, Request};
use lab_jobs::models::Choice;
use lab_jobs::report::{Block, Document};
use serde::Deserialize;

use super::view::class;
use super::{Failure, page as render};
use crate::extract::Now;
use crate::lab::{Lab, Shared};
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "matrix.html")]
struct Matrix {
    here: &'static str,
    document: Document,
    each: bool,
}

/// How many lines.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// Each model on a line of its own.
    #[serde(default)]
    each: Option<String>,
}

pub async fn page(State(lab): State<Shared>, Now(now): Now, Query(wanted): Query<Wanted>) -> Result<Response, Failure> {
    let each = wanted.each.is_some();
    let mut document = lab.clone().places.run(move || run(&lab, now, each)).await??;
    // What a terminal is told about options of the command means nothing here.
    document.blocks.retain(|block| !matches!(block, Block::Aside(_)));
    render(&Matrix { here: "/matrix", document, each })
}

fn run(lab: &Lab, now: jiff::Timestamp, each: bool) -> Result<Document, Problem> {
    let tenant = lab.store.tenant();
    let catalogue = &lab.grounds.catalogue;
    let models = catalogue.named().iter().cloned().map(Choice::Emulated).collect();
    let request = Request { models, metadata: lab.grounds.metadata.as_ref(), ..Request::new(&tenant, catalogue) };
    let world = lab.world.at_time(now);
    let outcome = matrix::run(&request, catalogue, &world, &|_, _| {});
    Ok(outcome?.report(false, each).document)
}
