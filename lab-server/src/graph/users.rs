//! `users`.

use lab_directory::{Directory, Event, Facet};
use lab_entra::graph::{Graph as _, User};
use serde_json::{Value, json};

use super::answer::{Answer, Answered};
use super::call::Call;
use super::entry::guid;
use super::fault::Fault;
use super::listed;
use super::policies::{merge, required};

/// What a client may send and nobody keeps.
const SECRETS: [&str; 2] = ["passwordProfile", "password"];

pub(super) async fn list(call: &Call) -> Answered {
    listed::list_of(call, "users", call.lab.store.tenant().users(), lab_entra::graph::Graph::write)
}

pub(super) async fn get(call: &Call) -> Answered {
    let (_, user) = call.read(|directory| find(directory, call.id()))?;
    listed::one(call, "users/$entity", user)
}

pub(super) async fn create(call: &Call) -> Answered {
    let mut user = Value::Object(call.object()?.clone());
    required(&user, "displayName")?;
    let name = required(&user, "userPrincipalName")?.to_owned();
    if !name.contains('@') {
        return Err(Fault::bad_request("$.userPrincipalName: expected name@domain."));
    }
    user["id"] = guid(&call.lab).into();
    if user.get("userType").is_none() {
        user["userType"] = json!("Member");
    }
    without_secrets(&mut user);
    record(call, || vec![Facet::User(name.clone())], |_| Ok((None, Some(user.clone())))).await?;
    listed::made(call, "users/$entity", user)
}

pub(super) async fn patch(call: &Call) -> Answered {
    let patch = call.object()?;
    if patch.contains_key("id") {
        return Err(Fault::bad_request("The id of a user cannot be changed."));
    }
    record(call, facets(call), |directory| {
        let (_, before) = find(directory, call.id())?;
        let mut after = before.clone();
        merge(&mut after, patch);
        without_secrets(&mut after);
        Ok((Some(before), Some(after)))
    })
    .await?;
    Answer::no_content()
}

pub(super) async fn delete(call: &Call) -> Answered {
    record(call, facets(call), |directory| Ok((Some(find(directory, call.id())?.1), None))).await?;
    Answer::no_content()
}

fn facets(call: &Call) -> impl Fn() -> Vec<Facet> {
    || vec![Facet::User(call.id().to_owned())]
}

/// A user by object id or user principal name: the name under which the directory has it, and the object.
pub(super) fn find(directory: &Directory, name: &str) -> Result<(String, Value), Fault> {
    let tenant = directory.tenant();
    let user = tenant.find_user(name).and_then(|index| tenant.users().get(index));
    let (user, id) = user.zip(directory.user(name)).ok_or_else(|| Fault::no_object(name))?;
    Ok((id.to_owned(), user.write()))
}

type Change = (Option<Value>, Option<Value>);

/// Records a change of a user, if the result is one.
async fn record(
    call: &Call,
    facets: impl Fn() -> Vec<Facet>,
    change: impl Fn(&Directory) -> Result<Change, Fault>,
) -> Result<(), Fault> {
    let event = call.change(facets, |directory| {
        let (before, after) = change(directory)?;
        let id = [&before, &after]
            .into_iter()
            .flatten()
            .find_map(|user| user["id"].as_str().or(user["userPrincipalName"].as_str()));
        let id = id.unwrap_or_default().to_owned();
        let user =
            after.clone().map(User::read).transpose().map_err(|misfit| Fault::bad_request(format!("{misfit}.")))?;
        if let Some(Err(error)) = user.map(|user| directory.tenant().may_become(&id, &user)) {
            let message = "Another object with the same value for property userPrincipalName already exists.";
            return Err(Fault::bad_request(message).because("tenant/same-name", error.to_string()));
        }
        Ok(Event::UserChanged { id, before, after })
    });
    event.await.map(|_| ())
}

fn without_secrets(user: &mut Value) {
    if let Value::Object(user) = user {
        SECRETS.iter().for_each(|secret| _ = user.shift_remove(*secret));
    }
}
