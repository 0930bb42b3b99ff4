//! Changing a policy: what is given is merged into what is there, read by the tenant's own reader, and recorded.

use lab_directory::{Event, Facet};
use lab_entra::Tenant;
use lab_entra::graph::{JsonPath, Segment};
use lab_entra::limits::{self, Severity};
use lab_entra::tenant::{Resource, TenantError};
use serde_json::{Map, Value};

use super::answer::{Answer, Answered};
use super::call::Call;
use super::entry::guid;
use super::fault::Fault;
use super::listed;

/// What Entra does not take, among the findings of `tenant check`.
const REFUSED: [&str; 5] = [
    "tenant/default-profile-unknown",
    "tenant/policy-size",
    "tenant/profiles-share-id",
    "tenant/target-unknown-profile",
    "tenant/too-many-profiles",
];

/// Changes a policy. `change` gives the policy as it was and as it is to be.
///
/// # Errors
/// What `change` says, and 400 where the result is no policy, or none that Entra takes.
pub(super) async fn change(
    call: &Call,
    resource: Resource,
    change: impl Fn(&Tenant) -> Result<(Option<Value>, Value), Fault>,
) -> Result<(), Fault> {
    let event = call.change(
        || vec![Facet::Policies],
        |directory| {
            let tenant = directory.tenant();
            let (before, after) = change(tenant)?;
            let changed =
                tenant.with_policy(resource, Some(after.clone())).map_err(|error| unreadable(&error, resource))?;
            taken(tenant, &changed)?;
            Ok(Event::PolicyChanged { resource, before, after: Some(after) })
        },
    );
    event.await.map(|_| ())
}

/// Refuses what Entra does not take, unless the tenant had it before.
fn taken(before: &Tenant, after: &Tenant) -> Result<(), Fault> {
    let refused = |tenant| {
        let findings = limits::check(tenant).into_iter();
        findings.filter(|finding| finding.severity == Severity::Error && REFUSED.contains(&finding.id()))
    };
    let known: Vec<_> = refused(before).map(|finding| (finding.id(), finding.message)).collect();
    let new = |id: &str, message: &str| known.iter().all(|(known, text)| *known != id || text != message);
    match refused(after).find(|finding| new(finding.id(), &finding.message)) {
        Some(finding) => {
            let hint = finding.advice().to_owned();
            Err(Fault::bad_request(finding.message.clone()).because(finding.id(), hint))
        }
        None => Ok(()),
    }
}

/// Why a policy cannot be read, without the place in a text that the client never sent.
fn unreadable(error: &TenantError, resource: Resource) -> Fault {
    Fault::bad_request(match error {
        TenantError::Misfit { path, expected, found, .. } => {
            format!("{}: expected {expected}, found {found}.", inside(path, resource))
        }
        TenantError::TooMany { path, what, count, limit, .. } => {
            format!("{}: expected at most {limit} {what}, found {count}.", inside(path, resource))
        }
        other => format!("{other}."),
    })
}

/// The place in what the client sent: a configuration may stand by itself or in the whole policy.
fn inside(path: &JsonPath, resource: Resource) -> JsonPath {
    let by_itself = matches!(path.0.first(), Some(Segment::Key(key)) if key == resource.key());
    // authenticationMethodsPolicy, authenticationMethodConfigurations, its index.
    let outer = if by_itself { 1 } else { 3 };
    JsonPath(path.0.iter().skip(outer).cloned().collect())
}

/// Merges a PATCH into an object: what is not given stays, objects are merged, everything else is replaced
/// (OData 4.01 part 1 §11.4.3).
pub(super) fn merge(into: &mut Value, patch: &Map<String, Value>) {
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Value::Object(object) = into else { return };
    for (key, value) in patch {
        match (object.get_mut(key), value) {
            (Some(place @ Value::Object(_)), Value::Object(inner)) => merge(place, inner),
            _ => _ = object.insert(key.clone(), value.clone()),
        }
    }
}

/// A policy that is a collection of objects, which Graph changes one at a time.
pub(super) struct Collection {
    /// Where a tenant keeps it.
    pub(super) resource: Resource,
    /// What `$metadata` calls it.
    pub(super) context: &'static str,
    /// What one is called.
    pub(super) what: &'static str,
    /// What a tenant brought along.
    pub(super) stored: fn(&Tenant) -> Option<&Value>,
    /// What every tenant has besides, and nobody changes.
    pub(super) built_in: fn() -> Vec<Value>,
    /// What is wrong with one, given all the others.
    pub(super) check: fn(&Value, &[Value]) -> Result<(), Fault>,
}

impl Collection {
    /// The objects of a tenant's own: an object, an array, or `{"value": [...]}`.
    pub(super) fn own(&self, tenant: &Tenant) -> Vec<Value> {
        let items = match (self.stored)(tenant) {
            Some(Value::Object(object)) if object.contains_key("value") => {
                object["value"].as_array().cloned().unwrap_or_default()
            }
            Some(Value::Array(items)) => items.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            _ => Vec::new(),
        };
        let built_in = (self.built_in)();
        let own = |item: &Value| built_in.iter().all(|other| other["id"] != item["id"]);
        items.into_iter().filter(own).collect()
    }

    fn all(&self, call: &Call) -> Vec<Value> {
        let tenant = call.lab.store.tenant();
        (self.built_in)().into_iter().chain(self.own(&tenant)).collect()
    }

    pub(super) fn list(&self, call: &Call) -> Answered {
        listed::list(call, self.context, self.all(call))
    }

    pub(super) fn get(&self, call: &Call) -> Answered {
        let found = self.all(call).into_iter().find(|item| is(item, call.id()));
        let found = found.ok_or_else(|| self.missing(call.id()))?;
        listed::one(call, &format!("{}/$entity", self.context), found)
    }

    pub(super) async fn create(&self, call: &Call) -> Answered {
        let mut item = Value::Object(call.object()?.clone());
        item["id"] = guid(&call.lab).into();
        item["createdDateTime"] = call.ids.at.to_string().into();
        item["modifiedDateTime"] = call.ids.at.to_string().into();
        self.change(call, |items| {
            (self.check)(&item, items)?;
            items.push(item.clone());
            Ok(())
        })
        .await?;
        listed::made(call, &format!("{}/$entity", self.context), item)
    }

    pub(super) async fn patch(&self, call: &Call, patch: &Map<String, Value>) -> Result<(), Fault> {
        if patch.get("id").is_some_and(|id| id.as_str() != Some(call.id())) {
            return Err(Fault::bad_request("The id of an object cannot be changed."));
        }
        self.change(call, |items| {
            let place = self.place(items, call.id())?;
            let mut item = items.remove(place);
            merge(&mut item, patch);
            item["modifiedDateTime"] = call.ids.at.to_string().into();
            (self.check)(&item, items)?;
            items.insert(place, item);
            Ok(())
        })
        .await
    }

    pub(super) async fn delete(&self, call: &Call, may: impl Fn(&Tenant) -> Result<(), Fault>) -> Answered {
        may(&call.lab.store.tenant())?;
        self.change(call, |items| {
            let place = self.place(items, call.id())?;
            items.remove(place);
            Ok(())
        })
        .await?;
        Answer::no_content()
    }

    async fn change(&self, call: &Call, edit: impl Fn(&mut Vec<Value>) -> Result<(), Fault>) -> Result<(), Fault> {
        change(call, self.resource, |tenant| {
            let mut items = self.own(tenant);
            edit(&mut items)?;
            Ok(((self.stored)(tenant).cloned(), Value::Array(items)))
        })
        .await
    }

    fn place(&self, items: &[Value], id: &str) -> Result<usize, Fault> {
        if (self.built_in)().iter().any(|item| is(item, id)) {
            return Err(Fault::bad_request(format!("A built-in {} cannot be changed.", self.what)));
        }
        items.iter().position(|item| is(item, id)).ok_or_else(|| self.missing(id))
    }

    fn missing(&self, id: &str) -> Fault {
        let id: String = id.chars().take(80).collect();
        Fault::not_found(format!("There is no {} with the id '{id}'.", self.what))
    }
}

fn is(item: &Value, id: &str) -> bool {
    item["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id))
}

/// A property that has to be a text with something in it.
pub(super) fn required<'v>(object: &'v Value, property: &str) -> Result<&'v str, Fault> {
    let text = object.get(property).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| Fault::bad_request(format!("$.{property}: expected a text that is not empty.")))
}
