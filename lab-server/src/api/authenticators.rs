//! `/api/authenticators`: emulated authenticators, made, used and forgotten by programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use jiff::Timestamp;
use lab_jobs::ceremony::lies;
use lab_jobs::emulated::{self, Answered, Emulated, Origin, SetUp};

use super::extract::Named;
use super::guard;
use super::kept::Authenticator;
use super::types::{
    Answer, AuthenticatorList, AuthenticatorView, Call, CreateAnswer, CreateCall, Credentials, GetAnswer, GetCall,
    NewAuthenticator,
};
use crate::extract::{Now, Object};
use crate::lab::{Lab, Shared};
use crate::places::blocking;
use crate::problem::{Problem, sentence};

/// The longest name of an authenticator.
const LONGEST_NAME: usize = 60;
/// The longest id, lie, origin and RP ID that is read.
const LONGEST_TEXT: usize = 512;
/// The most lies, and RP IDs that are named.
const MOST: usize = 16;

/// Made, and where it is found.
type Created = (StatusCode, [(HeaderName, String); 1], Json<AuthenticatorView>);

pub async fn create(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(new): Object<NewAuthenticator>,
) -> Result<Created, Problem> {
    let kept = made(&lab, new, now).await?;
    let place = format!("/api/authenticators/{}", kept.id);
    Ok((StatusCode::CREATED, [(LOCATION, place)], Json(AuthenticatorView::of(&kept).await)))
}

/// Makes an authenticator, and keeps it.
///
/// # Errors
/// 400, 403 and 422 where it cannot be as it is wanted, 409 where the lab keeps as many as it can.
pub(crate) async fn made(lab: &Lab, new: NewAuthenticator, now: Timestamp) -> Result<Arc<Authenticator>, Problem> {
    within_bounds(&new)?;
    guard::nameable(lab, &new)?;
    let set_up = SetUp {
        model: lab.grounds.catalogue.choose(&new.model)?,
        platform: new.platform.clone(),
        lies: lies(&new.lies, &lab.grounds.catalogue)?,
        person: new.person.into(),
    };
    let (id, world) = (lab.dice.secret(), apart(lab, now));
    let emulated = blocking(move || Emulated::new(set_up, &world)).await??;
    let emulated = Arc::new(tokio::sync::Mutex::new(emulated));
    lab.authenticators.keep(Authenticator { id, created: now, made_from: new, emulated })
}

/// Random bytes of its own for each authenticator.
fn apart(lab: &Lab, now: Timestamp) -> lab_jobs::world::World {
    let mut root = [0; 32];
    lab.dice.draw(|random| random.fill(&mut root));
    lab.world.at_time(now).apart(root)
}

fn within_bounds(new: &NewAuthenticator) -> Result<(), Problem> {
    let fits = |text: &String| text.chars().count() <= LONGEST_TEXT;
    let name = new.name.as_deref().unwrap_or("-");
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Problem::bad_request(format!(
            "An authenticator's name has 1 to {LONGEST_NAME} visible characters."
        )));
    }
    if new.lies.len() > MOST || new.allow_rp_ids.len() > MOST {
        return Err(Problem::bad_request(format!("There are at most {MOST} lies and {MOST} allowRpIds.")));
    }
    let texts = [&new.model].into_iter().chain(&new.platform).chain(&new.lies).chain(&new.allow_rp_ids);
    if texts.clone().all(fits) && new.allow_rp_ids.iter().all(|rp_id| !rp_id.is_empty()) {
        return Ok(());
    }
    Err(Problem::bad_request(format!("Texts have at most {LONGEST_TEXT} characters, and RP IDs at least one.")))
}

pub async fn list(State(lab): State<Shared>) -> Json<AuthenticatorList> {
    let mut authenticators = Vec::new();
    for kept in lab.authenticators.all() {
        authenticators.push(AuthenticatorView::of(&kept).await);
    }
    Json(AuthenticatorList { authenticators })
}

pub async fn one(State(lab): State<Shared>, Named(id): Named<String>) -> Result<Json<AuthenticatorView>, Problem> {
    let kept = lab.authenticators.find(&id)?;
    Ok(Json(AuthenticatorView::of(&kept).await))
}

pub async fn delete(State(lab): State<Shared>, Named(id): Named<String>) -> Result<StatusCode, Problem> {
    lab.authenticators.forget(&id).map(|()| StatusCode::NO_CONTENT)
}

pub async fn credentials(State(lab): State<Shared>, Named(id): Named<String>) -> Result<Json<Credentials>, Problem> {
    let kept = lab.authenticators.find(&id)?;
    let held = kept.emulated.lock().await.credentials();
    Ok(Json(Credentials { credentials: held.into_iter().map(Into::into).collect() }))
}

/// `navigator.credentials.create`.
pub async fn make(
    State(lab): State<Shared>,
    Now(now): Now,
    Named(id): Named<String>,
    Object(call): Object<CreateCall>,
) -> Result<Json<CreateAnswer>, Problem> {
    let kept = lab.authenticators.find(&id)?;
    let context = context(&lab, &kept, &call, call.options.rp.id.as_deref(), now)?;
    let most = lab.settings.limits.credentials;
    let made = used(&kept, move |emulated| {
        room(emulated, most)?;
        Ok(emulated.create(&call.options, context)?)
    });
    made.await.map(Answer::from).map(Json)
}

/// `navigator.credentials.get`.
pub async fn get(
    State(lab): State<Shared>,
    Now(now): Now,
    Named(id): Named<String>,
    Object(call): Object<GetCall>,
) -> Result<Json<GetAnswer>, Problem> {
    let kept = lab.authenticators.find(&id)?;
    let context = context(&lab, &kept, &call, call.options.rp_id.as_deref(), now)?;
    let got = used(&kept, move |emulated| Ok(emulated.get(&call.options, context)?));
    got.await.map(Answer::from).map(Json)
}

/// Whether an authenticator may take one more credential.
///
/// # Errors
/// 409.
pub(super) fn room(emulated: &Emulated, most: usize) -> Result<(), Problem> {
    if emulated.count() < most {
        return Ok(());
    }
    let detail = format!("The authenticator holds {most} credentials, and the lab lets none hold more.");
    Err(Problem::new(StatusCode::CONFLICT, detail).hint("Make another one, and delete this one."))
}

fn context<O>(
    lab: &Lab,
    kept: &Authenticator,
    call: &Call<O>,
    rp_id: Option<&str>,
    now: Timestamp,
) -> Result<emulated::Call, Problem> {
    if call.origin.chars().count() > LONGEST_TEXT {
        return Err(Problem::bad_request(format!("An origin has at most {LONGEST_TEXT} characters.")));
    }
    let origin: Origin = call.origin.parse().map_err(|error: emulated::OriginError| {
        Problem::unprocessable(sentence(&error.to_string())).hint("An origin is such as https://login.example.")
    })?;
    guard::admit(lab, &kept.made_from.allow_rp_ids, rp_id, &origin)?;
    Ok(emulated::Call { origin, flow: call.flow.map(Into::into), at: now })
}

/// Uses an authenticator on a thread of its own, as soon as nobody else does.
///
/// # Errors
/// Those of the use.
pub(super) async fn used<R: Send + 'static>(
    kept: &Authenticator,
    using: impl FnOnce(&mut Emulated) -> Result<Answered<R>, Problem> + Send + 'static,
) -> Result<Answered<R>, Problem> {
    let mut emulated = Arc::clone(&kept.emulated).lock_owned().await;
    blocking(move || using(&mut emulated)).await?
}
