//! Ceremonies at the lab itself, by the rules of the pages: options for a program's own client, or all of it by one
//! of the lab's authenticators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use lab_directory::Door;
use lab_entra::{Circumstances, RegistrationPath};
use lab_jobs::emulated::{self, Made};
use lab_protocol::webauthn::{Ceremony, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use serde::Serialize;
use serde_json::Value;

use super::authenticators::{room, used};
use super::extract::Named;
use super::kept::Authenticator;
use super::types::{
    BeginRegistration, BeginSignIn, EndRegistration, EndSignIn, Flow, Refusal, Register, Rehearsed, SignIn,
};
use crate::ceremonies::Told;
use crate::ceremonies::ask::{self, MfaStandIn};
use crate::ceremonies::input::Failure;
use crate::ceremonies::passkey::{LONGEST_NAME, fits_as_name};
use crate::extract::{Now, Object};
use crate::lab::{Lab, Shared};
use crate::problem::Problem;

pub async fn registration_options(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(begin): Object<BeginRegistration>,
) -> Result<Json<PublicKeyCredentialCreationOptions>, Problem> {
    let circumstances = circumstances(begin.mfa, None);
    let register = ask::Register { user: &begin.user, door: Door::Api, circumstances, in_app: None };
    lab.ask_registration(&register, now).map_err(named_in_body).map(Json)
}

pub async fn registration_result(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(end): Object<EndRegistration>,
) -> Result<Json<Told>, Problem> {
    nameable(end.name.as_deref())?;
    answer(&lab, Ceremony::Registration, &end.credential, (end.name.as_deref(), now)).await.map(Json)
}

pub async fn sign_in_options(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(begin): Object<BeginSignIn>,
) -> Result<Json<PublicKeyCredentialRequestOptions>, Problem> {
    lab.ask_sign_in(begin.user.as_deref(), Door::Api, now).map_err(named_in_body).map(Json)
}

pub async fn sign_in_result(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(end): Object<EndSignIn>,
) -> Result<Json<Told>, Problem> {
    answer(&lab, Ceremony::Authentication, &end.credential, (None, now)).await.map(Json)
}

/// A whole registration.
pub async fn register(
    State(lab): State<Shared>,
    Now(now): Now,
    Named(id): Named<String>,
    Object(wanted): Object<Register>,
) -> Result<Json<Rehearsed>, Problem> {
    let kept = lab.authenticators.find(&id)?;
    registered(&lab, &kept, wanted, (Door::Api, now)).await.map(Json)
}

/// A whole sign-in.
pub async fn sign_in(
    State(lab): State<Shared>,
    Now(now): Now,
    Named(id): Named<String>,
    Object(wanted): Object<SignIn>,
) -> Result<Json<Rehearsed>, Problem> {
    let kept = lab.authenticators.find(&id)?;
    signed_in(&lab, &kept, wanted, (Door::Api, now)).await.map(Json)
}

/// Registers a passkey of the lab's own on an authenticator that it emulates.
///
/// # Errors
/// 400 and 422 where it cannot be as it is wanted, 409 where the authenticator is full.
pub(crate) async fn registered(
    lab: &Lab,
    kept: &Authenticator,
    wanted: Register,
    (door, now): (Door, Timestamp),
) -> Result<Rehearsed, Problem> {
    nameable(wanted.name.as_deref())?;
    let in_app = wanted.flow == Some(Flow::InApp);
    if wanted.in_app_attestation.is_some() && !in_app {
        return Err(Problem::unprocessable("Microsoft's service speaks about registrations inside the app only.")
            .hint("Leave inAppAttestation out, or set flow to in-app."));
    }
    let said = wanted.in_app_attestation.unwrap_or_else(|| lab.store.tenant().lab().in_app_attestation);
    let circumstances = circumstances(wanted.mfa, wanted.flow);
    let register = ask::Register { user: &wanted.user, door, circumstances, in_app: in_app.then_some(said) };
    let options = lab.ask_registration(&register, now).map_err(named_in_body)?;
    let (challenge, call, most) =
        (options.challenge.clone(), own_page(lab, wanted.flow, now)?, lab.settings.limits.credentials);
    let made = used(kept, move |emulated| {
        room(emulated, most)?;
        Ok(emulated.create(&options, call)?)
    });
    let ended = Ended { ceremony: Ceremony::Registration, challenge: &challenge.0, name: wanted.name.as_deref(), now };
    ended.record(lab, made.await?).await
}

/// Signs in at the lab with an authenticator that it emulates.
///
/// # Errors
/// 400 and 422 where it cannot be as it is wanted.
pub(crate) async fn signed_in(
    lab: &Lab,
    kept: &Authenticator,
    wanted: SignIn,
    (door, now): (Door, Timestamp),
) -> Result<Rehearsed, Problem> {
    let options = lab.ask_sign_in(wanted.user.as_deref(), door, now).map_err(named_in_body)?;
    let (challenge, call) = (options.challenge.clone(), own_page(lab, wanted.flow, now)?);
    let got = used(kept, move |emulated| Ok(emulated.get(&options, call)?));
    let ended = Ended { ceremony: Ceremony::Authentication, challenge: &challenge.0, name: None, now };
    ended.record(lab, got.await?).await
}

/// A ceremony whose client has ended.
struct Ended<'e> {
    ceremony: Ceremony,
    challenge: &'e [u8],
    name: Option<&'e str>,
    now: Timestamp,
}

impl Ended<'_> {
    async fn record<R: Serialize>(&self, lab: &Lab, answered: emulated::Answered<R>) -> Result<Rehearsed, Problem> {
        match answered {
            Ok(Made { response, notes }) => {
                let told = answer(lab, self.ceremony, &response, (self.name, self.now)).await?;
                Ok(Rehearsed { told, notes, error: None })
            }
            Err(refusal) => {
                let error = Refusal::from(refusal);
                let failure = Failure { name: error.name.clone(), message: error.message.clone(), after_ms: 0 };
                let told = lab.fail(self.ceremony, self.challenge, failure, self.now).await?;
                Ok(Rehearsed { told, notes: Vec::new(), error: Some(error) })
            }
        }
    }
}

/// Has a response judged. Its shape was looked at already: what is wrong now is wrong with what it says.
async fn answer(
    lab: &Lab,
    ceremony: Ceremony,
    response: &impl Serialize,
    (name, now): (Option<&str>, Timestamp),
) -> Result<Told, Problem> {
    let response = serde_json::to_value(response).unwrap_or(Value::Null);
    lab.answer(ceremony, response, name, now).await.map_err(|problem| match problem.status {
        StatusCode::BAD_REQUEST => Problem { status: StatusCode::UNPROCESSABLE_ENTITY, ..problem },
        _ => problem,
    })
}

/// What a body names and does not exist is no missing path.
fn named_in_body(problem: Problem) -> Problem {
    match problem.status {
        StatusCode::NOT_FOUND => Problem { status: StatusCode::UNPROCESSABLE_ENTITY, ..problem },
        _ => problem,
    }
}

fn circumstances(mfa: MfaStandIn, flow: Option<Flow>) -> Circumstances {
    let in_app = flow == Some(Flow::InApp);
    let path = if in_app { RegistrationPath::InApp } else { RegistrationPath::SecurityInfo };
    Circumstances { path, mfa: mfa.into(), ..Circumstances::default() }
}

/// A call of the lab's own page.
fn own_page(lab: &Lab, flow: Option<Flow>, at: Timestamp) -> Result<emulated::Call, Problem> {
    let origin = lab.settings.origin.parse();
    let origin = origin.map_err(|error: emulated::OriginError| Problem::unprocessable(error.to_string()))?;
    Ok(emulated::Call { origin, flow: flow.map(Into::into), at })
}

fn nameable(name: Option<&str>) -> Result<(), Problem> {
    if name.is_none_or(fits_as_name) {
        return Ok(());
    }
    Err(Problem::bad_request(format!("A passkey's name has at most {LONGEST_NAME} visible characters.")))
}
