//! `/emulated`: a rehearsal without a key at hand, and the one that no browser can do: registering inside Microsoft
//! Authenticator's app.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use lab_directory::Door;
use lab_entra::InAppAttestation;
use serde::Deserialize;

use super::view::{self, UserView};
use super::{Failure, page as render};
use crate::api::authenticators::made;
use crate::api::ceremonies::{registered, signed_in};
use crate::api::types::{AuthenticatorView, Flow, NewAuthenticator, Register, SignIn};
use crate::ceremonies::ask::MfaStandIn;
use crate::ceremonies::passkey::LONGEST_NAME;
use crate::extract::Now;
use crate::lab::{Lab, Shared};

/// How many users can be picked from.
const USERS: usize = 500;

#[derive(Template)]
#[template(path = "emulated.html")]
struct EmulatedPage {
    here: &'static str,
    users: Vec<UserView>,
    user: String,
    models: Vec<(String, String)>,
    lies: &'static [&'static lab_lies::Page],
    keys: Vec<KeyView>,
    longest_name: usize,
}

/// An authenticator that the lab keeps.
struct KeyView {
    id: String,
    name: String,
    aaguid: String,
    passkeys: usize,
    lies: String,
}

/// For whom.
#[derive(Debug, Deserialize)]
pub struct Whom {
    #[serde(default)]
    user: String,
}

pub async fn page(State(lab): State<Shared>, Query(whom): Query<Whom>) -> Result<Response, Failure> {
    let mut keys = Vec::new();
    for kept in lab.authenticators.all().iter().rev() {
        keys.push(key(&lab, AuthenticatorView::of(kept).await));
    }
    let models = lab.grounds.catalogue.named().iter().map(|model| (model.id.clone(), model.name.clone()));
    render(&EmulatedPage {
        here: "/emulated",
        users: lab.store.read(|directory| view::users(directory, USERS)),
        user: whom.user,
        models: models.collect(),
        lies: lab_lies::all(),
        keys,
        longest_name: LONGEST_NAME,
    })
}

fn key(lab: &Lab, kept: AuthenticatorView) -> KeyView {
    let AuthenticatorView { id, aaguid, credentials, made_from, .. } = kept;
    let model = lab.grounds.catalogue.find(&made_from.model).map(|model| model.name.clone());
    KeyView {
        id,
        name: made_from.name.or(model).unwrap_or(made_from.model),
        aaguid: aaguid.to_string(),
        passkeys: credentials,
        lies: made_from.lies.join(", "),
    }
}

/// A registration, as the form asks for it.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    user: String,
    model: String,
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "chosen")]
    flow: Option<Flow>,
    #[serde(default, deserialize_with = "chosen")]
    said: Option<InAppAttestation>,
    #[serde(default)]
    mfa: MfaStandIn,
    /// The names of lies, separated by white space.
    #[serde(default)]
    lies: String,
}

/// A choice of a list whose first line is none.
fn chosen<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(reader)?;
    if text.is_empty() {
        return Ok(None);
    }
    T::deserialize(serde::de::value::StringDeserializer::new(text)).map(Some)
}

pub async fn register(
    State(lab): State<Shared>,
    Now(now): Now,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    let new = NewAuthenticator {
        model: wanted.model.trim().to_owned(),
        lies: wanted.lies.split_whitespace().map(str::to_owned).collect(),
        ..NewAuthenticator::default()
    };
    let name = Some(wanted.name.trim().to_owned()).filter(|name| !name.is_empty());
    let in_app_attestation = wanted.said.filter(|_| wanted.flow == Some(Flow::InApp));
    let register = Register { user: wanted.user, mfa: wanted.mfa, name, flow: wanted.flow, in_app_attestation };
    let kept = made(&lab, new, now).await?;
    match registered(&lab, &kept, register, (Door::Pages, now)).await {
        Ok(rehearsed) => Ok(shown(rehearsed.told.ceremony)),
        Err(problem) => {
            // Nobody asked for an authenticator that holds nothing.
            lab.authenticators.forget(&kept.id)?;
            Err(problem.into())
        }
    }
}

/// One that is kept.
#[derive(Debug, Deserialize)]
pub struct Which {
    authenticator: String,
}

pub async fn sign_in(State(lab): State<Shared>, Now(now): Now, Form(which): Form<Which>) -> Result<Response, Failure> {
    let kept = lab.authenticators.find(&which.authenticator)?;
    let rehearsed = signed_in(&lab, &kept, SignIn::default(), (Door::Pages, now)).await?;
    Ok(shown(rehearsed.told.ceremony))
}

pub async fn delete(State(lab): State<Shared>, Form(which): Form<Which>) -> Result<Response, Failure> {
    lab.authenticators.forget(&which.authenticator)?;
    Ok(Redirect::to("/emulated").into_response())
}

fn shown(ceremony: u64) -> Response {
    Redirect::to(&format!("/ceremonies/{ceremony}")).into_response()
}
