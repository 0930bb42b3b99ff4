//! `/mysecurityinfo`: a pilot user adds, names, lists and deletes passkeys.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use lab_directory::{Actor, Batch, Door, Event};
use lab_entra::Circumstances;
use lab_protocol::base64url;
use lab_protocol::webauthn::{Ceremony, PublicKeyCredentialCreationOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use super::view::{self, PasskeyView, UserView};
use super::{Failure, page as render};
use crate::ceremonies::Told;
use crate::ceremonies::ask::{MfaStandIn, Register, no_user};
use crate::ceremonies::passkey::{LONGEST_NAME, fits_as_name};
use crate::extract::{Now, Object};
use crate::lab::{Lab, Shared};
use crate::problem::Problem;
use crate::settings::EntraHost;

/// How many users can be picked from.
const USERS: usize = 500;

#[derive(Template)]
#[template(path = "security_info.html")]
struct SecurityInfo {
    here: &'static str,
    users: Vec<UserView>,
    user: Option<UserView>,
    passkeys: Vec<PasskeyView>,
    longest_name: usize,
    /// What `signalAllAcceptedCredentials` needs; empty where the user has no passkey of the lab.
    accepted: String,
    entra_host: EntraHost,
}

/// Whose page it is.
#[derive(Debug, Deserialize)]
pub struct Whose {
    #[serde(default)]
    user: Option<String>,
}

pub async fn page(State(lab): State<Shared>, Query(whose): Query<Whose>) -> Result<Response, Failure> {
    let name = whose.user.filter(|name| !name.is_empty());
    let found = lab.store.read(|directory| {
        let user = name.as_deref().map(|name| view::user(directory, name).ok_or_else(|| no_user(name))).transpose()?;
        let passkeys = user.iter().flat_map(|user| directory.passkeys_of(&user.id));
        let passkeys = passkeys.map(|passkey| view::passkey(directory, passkey)).collect();
        Ok::<_, Problem>((view::users(directory, USERS), user, passkeys))
    });
    let (users, user, passkeys) = found?;
    let accepted = user.as_ref().map(|user| accepted(&lab, &user.id)).transpose()?.unwrap_or_default();
    let entra_host = lab.settings.entra_host.clone();
    let page = SecurityInfo {
        here: "/mysecurityinfo",
        users,
        user,
        passkeys,
        longest_name: LONGEST_NAME,
        accepted,
        entra_host,
    };
    render(&page)
}

/// `AllAcceptedCredentialsOptions` (`webauthn-3 §5.1.10.2`) of a user, as JSON.
fn accepted(lab: &Lab, user: &str) -> Result<String, Problem> {
    let handle = lab.store.read(|directory| directory.handle_of(user).map(base64url::encode));
    let Some(handle) = handle else { return Ok(String::new()) };
    let ids: Vec<_> = lab.account(user)?.credentials.into_iter().map(|credential| credential.id).collect();
    Ok(json!({ "rpId": lab.settings.rp_id, "userId": handle, "allAcceptedCredentialIds": ids }).to_string())
}

/// A registration that is to begin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    user: String,
    #[serde(default)]
    mfa: MfaStandIn,
}

pub async fn options(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(begin): Object<Begin>,
) -> Result<axum::Json<PublicKeyCredentialCreationOptions>, Problem> {
    let circumstances = Circumstances { mfa: begin.mfa.into(), ..Circumstances::default() };
    let register = Register { user: &begin.user, door: Door::Pages, circumstances, in_app: None };
    lab.ask_registration(&register, now).map(axum::Json)
}

/// A registration that has come back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    credential: Value,
    #[serde(default)]
    name: Option<String>,
}

pub async fn result(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(end): Object<End>,
) -> Result<axum::Json<Told>, Problem> {
    lab.answer(Ceremony::Registration, end.credential, end.name.as_deref(), now).await.map(axum::Json)
}

/// A passkey of a user.
#[derive(Debug, Deserialize)]
pub struct Which {
    user: String,
    passkey: String,
    #[serde(default)]
    name: String,
}

pub async fn rename(State(lab): State<Shared>, Now(now): Now, Form(which): Form<Which>) -> Result<Response, Failure> {
    let name = which.name.trim();
    if name.is_empty() || !fits_as_name(name) {
        return Err(
            Problem::bad_request(format!("A passkey's name has 1 to {LONGEST_NAME} visible characters.")).into()
        );
    }
    let (user, method) = method(&lab, &which)?;
    let event =
        Event::PasskeyRenamed { user, passkey: which.passkey, before: method.display_name, after: name.to_owned() };
    change(&lab, event, now).await
}

pub async fn delete(State(lab): State<Shared>, Now(now): Now, Form(which): Form<Which>) -> Result<Response, Failure> {
    let (user, method) = method(&lab, &which)?;
    let event = Event::PasskeyDeleted {
        user,
        passkey: which.passkey,
        display_name: method.display_name,
        aa_guid: method.aa_guid,
    };
    change(&lab, event, now).await
}

fn method(lab: &Lab, which: &Which) -> Result<(String, lab_entra::graph::Fido2AuthenticationMethod), Problem> {
    lab.store.read(|directory| {
        let user = directory.user(&which.user).ok_or_else(|| no_user(&which.user))?;
        let passkey = directory.passkeys_of(user).find(|passkey| passkey.id == which.passkey);
        let passkey = passkey.ok_or_else(|| Problem::not_found("The user has no such passkey, or no longer."))?;
        Ok((user.to_owned(), passkey.method.clone()))
    })
}

async fn change(lab: &Lab, event: Event, now: jiff::Timestamp) -> Result<Response, Failure> {
    let user = event.user().unwrap_or_default().to_owned();
    let actor = Actor { door: Door::Pages, name: Some(user.clone()), request_id: None };
    lab.store.append(Batch::of(now, actor, event)).await?;
    lab.announce();
    let query: String = url::form_urlencoded::byte_serialize(user.as_bytes()).collect();
    Ok(Redirect::to(&format!("/mysecurityinfo?user={query}")).into_response())
}
