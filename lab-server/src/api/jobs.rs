//! `/api/verify` and `/api/matrix`: jobs of the command line, on the lab's own ground.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use lab_entra::{Tenant, TenantFile};
use lab_jobs::matrix::{self, Flows, Request, Users};
use lab_jobs::verify;
use serde_json::Value;

use super::extract::Asked;
use super::types::{JobResult, MatrixFlows, MatrixRequest, VerifyQuery};
use crate::extract::{Json as Body, Now, Object, whole_numbers};
use crate::lab::{Lab, Shared};
use crate::problem::{Problem, sentence};

/// The most cases of one request.
const MOST_CASES: usize = 1000;
/// The most models and users that are named.
const MOST_NAMES: usize = 1000;

/// Judges recorded cases. Unlike on the command line, all of them have to be readable.
pub async fn verify(
    State(lab): State<Shared>,
    Now(now): Now,
    Asked(query): Asked<VerifyQuery>,
    Body(mut cases): Body<Value>,
) -> Result<Json<JobResult>, Problem> {
    whole_numbers(&mut cases);
    if cases.as_array().is_some_and(|cases| cases.is_empty() || cases.len() > MOST_CASES) {
        return Err(Problem::bad_request(format!("Expected a case, or an array of 1 to {MOST_CASES}.")));
    }
    let judging = lab.clone();
    lab.places.run(move || judge(&judging, cases, query.anatomy, now)).await?.map(Json)
}

fn judge(lab: &Lab, cases: Value, anatomy: bool, now: Timestamp) -> Result<JobResult, Problem> {
    let options = verify::Options {
        anchors: None,
        metadata: lab.grounds.metadata.as_ref(),
        at: None,
        now,
        second_opinion: false,
        anatomy,
        catalogue: &lab.grounds.catalogue,
    };
    let mut outcome = verify::Outcome::default();
    outcome.judge_body(cases, &options);
    if let Some(unreadable) = outcome.cases.iter().find(|case| case.outcome == "unreadable") {
        return Err(Problem::unprocessable(sentence(&unreadable.message)));
    }
    let report = outcome.report(false);
    Ok(JobResult { result: report.result, notes: report.notes })
}

/// Plays models against the scopes of a tenant.
pub async fn matrix(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(wanted): Object<MatrixRequest>,
) -> Result<Json<JobResult>, Problem> {
    let users = wanted.users.as_ref().map_or(0, Vec::len);
    if wanted.models.is_empty() || wanted.models.len() > MOST_NAMES || users > MOST_NAMES {
        let detail = format!("Expected 1 to {MOST_NAMES} models, or all, and at most {MOST_NAMES} users.");
        return Err(Problem::bad_request(detail));
    }
    let playing = lab.clone();
    lab.places.run(move || play(&playing, wanted, now)).await?.map(Json)
}

fn play(lab: &Lab, wanted: MatrixRequest, now: Timestamp) -> Result<JobResult, Problem> {
    let tenant = match wanted.tenant {
        Some(tenant) => read(&Value::Object(tenant))?.into(),
        None => lab.store.tenant(),
    };
    let catalogue = &lab.grounds.catalogue;
    let request = Request {
        models: matrix::models(&wanted.models, catalogue)?,
        users: wanted.users.map_or(Users::All, Users::Named),
        flows: match wanted.flows {
            MatrixFlows::Usual => Flows::Usual,
            MatrixFlows::All => Flows::All,
        },
        metadata: lab.grounds.metadata.as_ref(),
        traces: wanted.traces,
        ..Request::new(&tenant, catalogue)
    };
    let outcome = matrix::run(&request, catalogue, &lab.world.at_time(now), &|_, _| {})?;
    Ok(JobResult { result: outcome.result(), notes: outcome.notes })
}

fn read(tenant: &Value) -> Result<Tenant, Problem> {
    let text = tenant.to_string();
    let tenant = Tenant::from_files(&[TenantFile { name: "the tenant", text: &text }]);
    tenant.map_err(|error| Problem::unprocessable(sentence(&error.to_string())))
}
