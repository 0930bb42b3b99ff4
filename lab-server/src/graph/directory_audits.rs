//! `auditLogs/directoryAudits`: the log, as Graph tells it.

use lab_directory::{Directory, Door, Event, Kind, Query, Recorded};
use lab_protocol::webauthn::Ceremony;
use serde_json::{Value, json};

use super::answer::Answered;
use super::call::Call;
use super::fault::Fault;
use super::listed;
use crate::problem::Problem;

/// The most entries that are looked at, newest first.
const MAX_ENTRIES: usize = 10_000;
const CONTEXT: &str = "auditLogs/directoryAudits";

/// What an audit log is about; sign-ins are no part of it.
const KINDS: [Kind; 11] = [
    Kind::TenantImported,
    Kind::PolicyChanged,
    Kind::UserChanged,
    Kind::GroupChanged,
    Kind::OptionsIssued,
    Kind::Registered,
    Kind::Refused,
    Kind::PasskeyRenamed,
    Kind::PasskeyDeleted,
    Kind::PassIssued,
    Kind::PassDeleted,
];

pub(super) async fn list(call: &Call) -> Answered {
    let query = Query { kinds: KINDS.to_vec(), newest_first: true, limit: Some(MAX_ENTRIES), ..Query::default() };
    listed::list(call, CONTEXT, entries(call, &query)?)
}

pub(super) async fn get(call: &Call) -> Answered {
    let missing = || Fault::not_found("There is no directoryAudit with this id.");
    let seq: u64 = call.id().strip_prefix("Lab_").and_then(|seq| seq.parse().ok()).ok_or_else(missing)?;
    let (after, before) = (Some(seq.saturating_sub(1)), Some(seq.saturating_add(1)));
    let query = Query { kinds: KINDS.to_vec(), after, before, ..Query::default() };
    let found = entries(call, &query)?.pop().ok_or_else(missing)?;
    listed::one(call, &format!("{CONTEXT}/$entity"), found)
}

fn entries(call: &Call, query: &Query) -> Result<Vec<Value>, Fault> {
    let events = call.lab.store.log(query).map_err(Problem::from)?;
    Ok(call.read(|directory| events.iter().filter_map(|event| entry(directory, event)).collect()))
}

/// What an event is called, and how it came out.
struct Activity {
    category: &'static str,
    service: &'static str,
    name: &'static str,
    operation: &'static str,
    /// `None`: it went well.
    failed: Option<String>,
    reason: String,
}

impl Activity {
    /// Something that somebody did to a user's methods.
    fn of_methods(name: &'static str, operation: &'static str, reason: impl Into<String>) -> Self {
        let (category, service) = ("UserManagement", "Authentication Methods");
        Self { category, service, name, operation, failed: None, reason: reason.into() }
    }

    /// Something that somebody did to the directory.
    fn of_directory(category: &'static str, name: &'static str, operation: &'static str) -> Self {
        Self { category, service: "Core Directory", name, operation, failed: None, reason: String::new() }
    }
}

fn activity(recorded: &Recorded) -> Option<Activity> {
    let by_user = recorded.actor.door != Door::Graph;
    let change = |before: &Option<Value>, after: &Option<Value>, names: [&'static str; 3]| match (before, after) {
        (None, _) => (names[0], "Add"),
        (_, None) => (names[2], "Delete"),
        _ => (names[1], "Update"),
    };
    let registered = if by_user { "User registered security info" } else { "Admin registered security info" };
    let deleted = if by_user { "User deleted security info" } else { "Admin deleted security info" };
    Some(match &recorded.event {
        Event::TenantImported { .. } => Activity::of_directory("Policy", "Import tenant", "Update"),
        Event::PolicyChanged { .. } => Activity {
            service: "Authentication Methods",
            ..Activity::of_directory("Policy", "Authentication Methods Policy Update", "Update")
        },
        Event::UserChanged { before, after, .. } => {
            let (name, operation) = change(before, after, ["Add user", "Update user", "Delete user"]);
            Activity::of_directory("UserManagement", name, operation)
        }
        Event::GroupChanged { before, after, .. } => {
            let (name, operation) = change(before, after, ["Add group", "Update group", "Delete group"]);
            Activity::of_directory("GroupManagement", name, operation)
        }
        Event::OptionsIssued { .. } => Activity::of_methods(
            "Get passkey creation options",
            "Get",
            "Successfully retrieved passkey creation options.",
        ),
        Event::Registered(_) => Activity::of_methods(registered, "Add", "User registered Fido2 Authentication Method"),
        Event::Refused { ceremony: Ceremony::Registration, message, decided_by, .. } => Activity {
            failed: Some(decided_by.clone().unwrap_or_default()),
            ..Activity::of_methods(registered, "Add", message.as_str())
        },
        Event::PasskeyRenamed { .. } => {
            Activity::of_methods("User changed security info", "Update", "User renamed Fido2 Authentication Method")
        }
        Event::PasskeyDeleted { .. } => {
            Activity::of_methods(deleted, "Delete", "User deleted Fido2 Authentication Method")
        }
        Event::PassIssued { .. } => {
            Activity::of_methods(registered, "Add", "Admin registered temporary access pass method for user")
        }
        Event::PassDeleted { .. } => {
            Activity::of_methods(deleted, "Delete", "Admin deleted temporary access pass method for user")
        }
        Event::Refused { .. } | Event::SignedIn { .. } => return None,
    })
}

/// An event as `directoryAudit`.
fn entry(directory: &Directory, recorded: &Recorded) -> Option<Value> {
    let activity = activity(recorded)?;
    let actor = &recorded.actor;
    // Who called Graph is not known: any token will do, or the lab's own.
    let initiator = match (&actor.name, actor.door) {
        (Some(name), door) if door != Door::Graph => json!({"user": user(directory, name), "app": null}),
        (_, door) => json!({"user": null, "app": {"displayName": app(door)}}),
    };
    Some(json!({
        "id": format!("Lab_{}", recorded.seq),
        "category": activity.category,
        "correlationId": actor.request_id,
        "result": if activity.failed.is_some() { "failure" } else { "success" },
        "resultReason": activity.reason,
        "activityDisplayName": activity.name,
        "activityDateTime": recorded.at.to_string(),
        "loggedByService": activity.service,
        "operationType": activity.operation,
        "initiatedBy": initiator,
        "targetResources": [target(directory, &recorded.event)],
        "additionalDetails": details(&recorded.event, activity.failed.as_deref()),
    }))
}

fn app(door: Door) -> &'static str {
    match door {
        Door::Graph => "Microsoft Graph (Passkey Lab)",
        Door::Pages => "Security info (Passkey Lab)",
        Door::Api => "Passkey Lab API",
        Door::Conformance => "FIDO conformance API (Passkey Lab)",
        Door::Lab => "Passkey Lab",
    }
}

fn user(directory: &Directory, name: &str) -> Value {
    let tenant = directory.tenant();
    let user = tenant.find_user(name).and_then(|index| tenant.users().get(index));
    json!({
        "id": user.map_or(name, |user| user.id.as_deref().unwrap_or(name)),
        "displayName": user.and_then(|user| user.display_name.as_deref()),
        "userPrincipalName": user.and_then(|user| user.user_principal_name.as_deref()),
    })
}

fn target(directory: &Directory, event: &Event) -> Value {
    let changed = |before: &Option<Value>, after: &Option<Value>| modified(before.as_ref(), after.as_ref());
    let mut target = match event {
        Event::TenantImported { .. } => json!({"type": "Directory", "modifiedProperties": []}),
        Event::PolicyChanged { resource, before, after } => json!({
            "id": resource.key(),
            "displayName": resource.key(),
            "type": "Policy",
            "modifiedProperties": changed(before, after),
        }),
        Event::GroupChanged { id, before, after } => {
            json!({"id": id, "type": "Group", "modifiedProperties": changed(before, after)})
        }
        Event::UserChanged { before, after, .. } => {
            json!({"type": "User", "modifiedProperties": changed(before, after)})
        }
        _ => json!({"type": "User", "modifiedProperties": []}),
    };
    if let (Some(name), Some(target)) = (event.user(), target.as_object_mut())
        && let Value::Object(user) = user(directory, name)
    {
        target.extend(user);
    }
    target
}

/// The properties that differ, old and new as JSON texts.
fn modified(before: Option<&Value>, after: Option<&Value>) -> Vec<Value> {
    let object = |value: Option<&Value>| match value {
        Some(Value::Object(object)) => object.clone(),
        Some(other) => [("value".to_owned(), other.clone())].into_iter().collect(),
        None => serde_json::Map::new(),
    };
    let (before, after) = (object(before), object(after));
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    let text = |value: Option<&Value>| value.map(ToString::to_string);
    let differ = keys.filter(|key| before.get(*key) != after.get(*key));
    let property =
        |key: &String| json!({"displayName": key, "oldValue": text(before.get(key)), "newValue": text(after.get(key))});
    differ.map(property).collect()
}

fn details(event: &Event, decided_by: Option<&str>) -> Vec<Value> {
    let detail = |key: &str, value: &str| json!({"key": key, "value": value});
    let mut details: Vec<_> = decided_by.iter().map(|rule| detail("decidedBy", rule)).collect();
    match event {
        Event::Registered(passkey) => {
            details.push(detail("passkey", &passkey.id));
            details.extend(passkey.method.aa_guid.iter().map(|aaguid| detail("AAGUID", aaguid)));
        }
        Event::PasskeyDeleted { passkey, aa_guid, .. } => {
            details.push(detail("passkey", passkey));
            details.extend(aa_guid.iter().map(|aaguid| detail("AAGUID", aaguid)));
        }
        Event::PasskeyRenamed { passkey, .. } => details.push(detail("passkey", passkey)),
        _ => {}
    }
    details
}
