//! `/`: the tenant, its people, what is registered, and every ceremony as it happens.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use lab_jobs::report::{Block, Document};

use super::view::{self, CeremonyView, PasskeyView, UserView, class};
use super::{Failure, page as render};
use crate::lab::{Lab, Shared};
use crate::problem::Problem;

/// How many users, passkeys and ceremonies the page lists.
const USERS: usize = 200;
const PASSKEYS: usize = 100;
const CEREMONIES: usize = 30;

#[derive(Template)]
#[template(path = "console.html")]
struct Console {
    here: &'static str,
    origin: String,
    tenant: Document,
    findings: usize,
    all_users: usize,
    users: Vec<UserView>,
    all_passkeys: usize,
    passkeys: Vec<PasskeyView>,
    ceremonies: Vec<CeremonyView>,
}

#[derive(Template)]
#[template(path = "ceremonies.html")]
struct Rows {
    ceremonies: Vec<CeremonyView>,
}

pub async fn page(State(lab): State<Shared>) -> Result<Response, Failure> {
    let tenant = lab.store.tenant();
    let findings = lab_jobs::tenant::check(&tenant, &lab.grounds.catalogue).result;
    let (users, passkeys, all_passkeys) = lab.store.read(|directory| {
        let mut passkeys: Vec<_> = directory.passkeys().collect();
        passkeys.sort_by(|a, b| b.method.created_date_time.cmp(&a.method.created_date_time).then(a.id.cmp(&b.id)));
        let shown = passkeys.iter().take(PASSKEYS).map(|passkey| view::passkey(directory, passkey)).collect();
        (view::users(directory, USERS), shown, passkeys.len())
    });
    render(&Console {
        here: "/",
        origin: lab.settings.origin.clone(),
        tenant: lab_jobs::tenant::show(&tenant, &lab.grounds.catalogue).document,
        findings: findings.as_array().map_or(0, Vec::len),
        all_users: tenant.users().len(),
        users,
        all_passkeys,
        passkeys,
        ceremonies: ceremonies(&lab)?,
    })
}

/// The rows of the list alone, for a page that is open.
pub async fn rows(State(lab): State<Shared>) -> Result<Response, Failure> {
    render(&Rows { ceremonies: ceremonies(&lab)? })
}

fn ceremonies(lab: &Lab) -> Result<Vec<CeremonyView>, Problem> {
    let recorded = lab.ceremonies(CEREMONIES)?;
    Ok(lab.store.read(|directory| recorded.iter().map(|it| view::ceremony(directory, it)).collect()))
}
