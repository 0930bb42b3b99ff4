//! `groups` and their members.

use lab_directory::{Directory, Event, Facet};
use lab_entra::Tenant;
use lab_entra::graph::{Graph as _, Group};
use serde_json::{Value, json};

use super::answer::{Answer, Answered};
use super::call::Call;
use super::entry::guid;
use super::fault::Fault;
use super::policies::{merge, required};
use super::{listed, users};

pub(super) async fn list(call: &Call) -> Answered {
    let tenant = call.lab.store.tenant();
    listed::list_of(call, "groups", tenant.groups(), |group| shown(call, &tenant, group.write()))
}

pub(super) async fn get(call: &Call) -> Answered {
    let tenant = call.lab.store.tenant();
    listed::one(call, "groups/$entity", shown(call, &tenant, find(&tenant, call.id())?))
}

pub(super) async fn members(call: &Call) -> Answered {
    let tenant = call.lab.store.tenant();
    let group = find(&tenant, call.id())?;
    let names: Vec<_> = names(&group).collect();
    listed::list_of(call, "directoryObjects", &names, |name| member(&tenant, name))
}

pub(super) async fn create(call: &Call) -> Answered {
    let mut group = Value::Object(call.object()?.clone());
    required(&group, "displayName")?;
    let id = guid(&call.lab);
    group["id"] = id.clone().into();
    let bound = group.as_object_mut().and_then(|group| group.shift_remove("members@odata.bind"));
    let members = match bound {
        None => Vec::new(),
        Some(Value::Array(links)) => {
            links.iter().map(|link| call.read(|directory| linked(directory, link))).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(Fault::bad_request("$['members@odata.bind']: expected an array of links.")),
    };
    group["members"] = json!(members);
    record(call, &id, |_| Ok((None, Some(group.clone())))).await?;
    if let Some(group) = group.as_object_mut() {
        group.shift_remove("members");
    }
    listed::made(call, "groups/$entity", group)
}

pub(super) async fn patch(call: &Call) -> Answered {
    let patch = call.object()?;
    if patch.contains_key("id") || patch.contains_key("members") {
        return Err(Fault::bad_request("The id of a group cannot be changed, its members below members/$ref."));
    }
    record(call, call.id(), |tenant| {
        let before = find(tenant, call.id())?;
        let mut after = before.clone();
        merge(&mut after, patch);
        Ok((Some(before), Some(after)))
    })
    .await?;
    Answer::no_content()
}

pub(super) async fn delete(call: &Call) -> Answered {
    record(call, call.id(), |tenant| Ok((Some(find(tenant, call.id())?), None))).await?;
    Answer::no_content()
}

pub(super) async fn add_member(call: &Call) -> Answered {
    let link = call.object()?.get("@odata.id").cloned().unwrap_or_default();
    let member = call.read(|directory| linked(directory, &link))?;
    record(call, call.id(), |tenant| {
        let before = find(tenant, call.id())?;
        if names(&before).any(|name| name.eq_ignore_ascii_case(&member)) {
            let message =
                "One or more added object references already exist for the following modified properties: 'members'.";
            return Err(Fault::bad_request(message));
        }
        let mut after = before.clone();
        let mut members = before["members"].as_array().cloned().unwrap_or_default();
        members.push(member.clone().into());
        after["members"] = Value::Array(members);
        Ok((Some(before), Some(after)))
    })
    .await?;
    Answer::no_content()
}

pub(super) async fn remove_member(call: &Call) -> Answered {
    let member = call.parameters.get(1).map_or("", String::as_str);
    record(call, call.id(), |tenant| {
        let before = find(tenant, call.id())?;
        // A list may name a member by user principal name, and a path by object id.
        let named = |name: &str| name.eq_ignore_ascii_case(member) || same_user(tenant, name, member);
        let members = before["members"].as_array().cloned().unwrap_or_default();
        let left: Vec<_> = members.iter().filter(|item| !name(item).is_some_and(named)).cloned().collect();
        if left.len() == members.len() {
            return Err(Fault::no_object(member));
        }
        let mut after = before.clone();
        after["members"] = Value::Array(left);
        Ok((Some(before), Some(after)))
    })
    .await?;
    Answer::no_content()
}

fn same_user(tenant: &Tenant, a: &str, b: &str) -> bool {
    tenant.find_user(a).is_some_and(|user| tenant.find_user(b) == Some(user))
}

type Change = (Option<Value>, Option<Value>);

async fn record(call: &Call, id: &str, change: impl Fn(&Tenant) -> Result<Change, Fault>) -> Result<(), Fault> {
    let event = call.change(
        || vec![Facet::Group(id.to_owned())],
        |directory| {
            let (before, after) = change(directory.tenant())?;
            after.clone().map(Group::read).transpose().map_err(|misfit| Fault::bad_request(format!("{misfit}.")))?;
            Ok(Event::GroupChanged { id: id.to_owned(), before, after })
        },
    );
    event.await.map(|_| ())
}

fn find(tenant: &Tenant, id: &str) -> Result<Value, Fault> {
    let group = tenant.find_group(id).and_then(|index| tenant.groups().get(index));
    group.map(lab_entra::graph::Graph::write).ok_or_else(|| Fault::no_object(id))
}

/// A group as Graph shows it: its members only where they are asked for.
fn shown(call: &Call, tenant: &Tenant, mut group: Value) -> Value {
    let members = call.query.expands("members").then(|| names(&group).map(|name| member(tenant, name)).collect());
    if let Value::Object(object) = &mut group {
        match members {
            Some(members) => _ = object.insert("members".to_owned(), Value::Array(members)),
            None => _ = object.shift_remove("members"),
        }
    }
    group
}

/// A member of a group as an object.
fn member(tenant: &Tenant, name: &str) -> Value {
    let typed = |kind: &str, object: Value| {
        let mut typed = json!({"@odata.type": format!("#microsoft.graph.{kind}")});
        if let Value::Object(object) = object {
            merge(&mut typed, &object);
        }
        typed
    };
    if let Some(user) = tenant.find_user(name).and_then(|index| tenant.users().get(index)) {
        return typed("user", user.write());
    }
    match find(tenant, name) {
        Ok(mut group) => {
            group.as_object_mut().map(|group| group.shift_remove("members"));
            typed("group", group)
        }
        Err(_) => typed("directoryObject", json!({"id": name})),
    }
}

fn names(group: &Value) -> impl Iterator<Item = &str> {
    group["members"].as_array().into_iter().flatten().filter_map(name)
}

fn name(member: &Value) -> Option<&str> {
    member.as_str().or_else(|| member["id"].as_str()).or_else(|| member["userPrincipalName"].as_str())
}

/// The object id of the user or group that a link leads to.
fn linked(directory: &Directory, link: &Value) -> Result<String, Fault> {
    let text = link.as_str().filter(|text| text.starts_with("http"));
    let text = text.ok_or_else(|| Fault::bad_request("$['@odata.id']: expected a link to a directory object."))?;
    let id = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    match (users::find(directory, id), directory.tenant().find_group(id)) {
        (Ok((id, _)), _) => Ok(id),
        (_, Some(_)) => Ok(id.to_owned()),
        _ => Err(Fault::no_object(id)),
    }
}
