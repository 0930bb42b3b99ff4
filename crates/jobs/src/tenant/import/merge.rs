//! Answers put together, object by object. What contradicts is an error, never a guess.

use std::collections::{BTreeMap, HashMap, HashSet};

use lab_entra::tenant::Resource;
use serde_json::{Map, Value, json};

use super::{Found, Log, What};
use crate::error::JobError;

/// What has been put together so far.
#[derive(Debug, Default)]
pub(super) struct Merged {
    ones: BTreeMap<Resource, (String, Value)>,
    many: BTreeMap<Resource, Objects>,
    members: BTreeMap<String, Objects>,
    passkeys: BTreeMap<String, Objects>,
    pages: BTreeMap<String, Pages>,
    log: Log,
}

/// Objects of one kind, each once.
#[derive(Debug, Default)]
struct Objects {
    items: Vec<Value>,
    /// The place of each id among the items, and the answer that had it.
    known: HashMap<String, (usize, String)>,
}

/// How many answers there are of one collection, and how many of them have a page after them.
#[derive(Debug, Default, Clone, Copy)]
struct Pages {
    answers: usize,
    with_next: usize,
}

impl Objects {
    fn take(&mut self, from: &str, item: Value) -> Result<(), JobError> {
        let Some(id) = identity(&item) else {
            self.items.push(item);
            return Ok(());
        };
        match self.known.get(&id).and_then(|(index, first)| Some((self.items.get(*index)?, first))) {
            Some((known, _)) if *known == item => Ok(()),
            Some((_, first)) => Err(contradiction(&format!("the object “{id}”"), first, from)),
            None => {
                self.known.insert(id, (self.items.len(), from.to_owned()));
                self.items.push(item);
                Ok(())
            }
        }
    }
}

/// What an object is called: its id, else its user principal name; of a text, the text.
fn identity(item: &Value) -> Option<String> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let name = item.as_str().or_else(|| text("id")).or_else(|| text("userPrincipalName"))?;
    Some(name.to_lowercase())
}

fn contradiction(what: &str, first: &str, second: &str) -> JobError {
    JobError::Usage {
        what: format!("expected one answer about {what}, found two that differ, in {first} and in {second}"),
        hint: Some("nothing was written; leave out the older of the two".to_owned()),
    }
}

impl Merged {
    /// Takes one answer in.
    pub(super) fn take(&mut self, found: Found) -> Result<(), JobError> {
        let Found { from, what, more } = found;
        let (name, count) = match what {
            What::Nothing(why) => {
                self.log.ignored.push((from, why));
                return Ok(());
            }
            What::One(Resource::Passkeys, value) => ("passkeys".to_owned(), self.passkeys_by_user(&from, value)?),
            What::One(resource, value) => (resource.key().to_owned(), self.one(&from, resource, value)?),
            What::Many(resource, items) => {
                (resource.key().to_owned(), all(self.many.entry(resource).or_default(), &from, items)?)
            }
            What::Members(group, items) => {
                let members = self.members.entry(group.to_lowercase()).or_default();
                (format!("members of {group}"), all(members, &from, items)?)
            }
            What::Passkeys(user, items) => {
                let passkeys = self.passkeys.entry(user.clone()).or_default();
                (format!("passkeys of {user}"), all(passkeys, &from, items)?)
            }
        };
        let pages = self.pages.entry(name.clone()).or_default();
        pages.answers += 1;
        pages.with_next += usize::from(more);
        self.log.read.push((from, name, count));
        Ok(())
    }

    fn one(&mut self, from: &str, resource: Resource, value: Value) -> Result<usize, JobError> {
        match self.ones.get(&resource) {
            Some((first, known)) if *known != value => Err(contradiction(resource.key(), first, from)),
            _ => {
                self.ones.entry(resource).or_insert_with(|| (from.to_owned(), value));
                Ok(1)
            }
        }
    }

    /// A file of passkeys by user, as a tenant's folder has it.
    fn passkeys_by_user(&mut self, from: &str, value: Value) -> Result<usize, JobError> {
        let Value::Object(map) = value else {
            self.log.ignored.push((from.to_owned(), "passkeys stand by user in an object".to_owned()));
            return Ok(0);
        };
        let mut count = 0;
        for (user, value) in map.into_iter().filter(|(key, _)| !key.starts_with('@')) {
            let items = match value {
                Value::Array(items) => items,
                Value::Object(mut map) => match map.remove("value") {
                    Some(Value::Array(items)) => items,
                    _ => vec![Value::Object(map)],
                },
                other => vec![other],
            };
            count += all(self.passkeys.entry(user).or_default(), from, items)?;
        }
        Ok(count)
    }

    /// Joins groups and members, and says what is missing.
    pub(super) fn finish(&mut self) -> Log {
        let last_missing = self.pages.iter().filter(|(_, pages)| pages.with_next >= pages.answers);
        let missing: Vec<String> = last_missing
            .map(|(name, pages)| {
                format!("The last page of {name} is missing: {} answers, and each names a next one.", pages.answers)
            })
            .collect();
        self.log.missing.extend(missing);
        self.policy_twice();
        self.members_from_users();
        self.join_members();
        std::mem::take(&mut self.log)
    }

    /// The whole policy holds the two configurations: those alone are left out where they say the same.
    fn policy_twice(&mut self) {
        let Some((_, policy)) = self.ones.get(&Resource::AuthenticationMethodsPolicy) else { return };
        let inside: Vec<Value> =
            policy.get("authenticationMethodConfigurations").and_then(Value::as_array).cloned().unwrap_or_default();
        let same = |value: &Value| {
            inside
                .iter()
                .any(|item| identity(item) == identity(value) && without_context(item) == without_context(value))
        };
        for resource in [Resource::Fido2, Resource::TemporaryAccessPass] {
            if self.ones.get(&resource).is_some_and(|(_, value)| same(value)) {
                self.ones.remove(&resource);
            }
        }
    }

    /// Users' `memberOf` speaks for groups whose members no answer lists.
    fn members_from_users(&mut self) {
        let Some(users) = self.many.get(&Resource::Users) else { return };
        let listed: HashSet<String> = self.many.get(&Resource::Groups).map(with_members).unwrap_or_default();
        let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for user in &users.items {
            let Some(id) = user.get("id").and_then(Value::as_str) else { continue };
            for group in user.get("memberOf").and_then(Value::as_array).into_iter().flatten().filter(|it| is_group(it))
            {
                let Some(group) = identity(group) else { continue };
                if !listed.contains(&group) && !self.members.contains_key(&group) {
                    found.entry(group).or_default().push(json!({"id": id}));
                }
            }
        }
        for (group, members) in found {
            self.log.missing.push(format!(
                "No answer lists the members of the group {group}: {} are taken from memberOf of the users.",
                members.len()
            ));
            self.members.insert(group, Objects { items: members, known: HashMap::new() });
        }
    }

    fn join_members(&mut self) {
        if self.members.is_empty() {
            return;
        }
        let groups = self.many.entry(Resource::Groups).or_default();
        for (id, members) in std::mem::take(&mut self.members) {
            let index = groups.known.get(&id).map(|(index, _)| *index);
            let Some(group) = index.and_then(|index| groups.items.get_mut(index)).and_then(Value::as_object_mut) else {
                groups.items.push(json!({"id": id, "members": members.items}));
                continue;
            };
            add_members(group, members.items);
        }
    }

    /// The resources, by the name of their file.
    pub(super) fn resources(self) -> Vec<(&'static str, Value)> {
        let mut all: Vec<(Resource, Value)> =
            self.ones.into_iter().map(|(resource, (_, value))| (resource, value)).collect();
        all.extend(self.many.into_iter().map(|(resource, objects)| (resource, json!({"value": objects.items}))));
        if !self.passkeys.is_empty() {
            let by_user = self.passkeys.into_iter().map(|(user, objects)| (user, json!({"value": objects.items})));
            all.push((Resource::Passkeys, Value::Object(by_user.collect::<Map<_, _>>())));
        }
        all.into_iter().map(|(resource, value)| (resource.key(), value)).collect()
    }
}

fn all(objects: &mut Objects, from: &str, items: Vec<Value>) -> Result<usize, JobError> {
    let count = items.len();
    items.into_iter().try_for_each(|item| objects.take(from, item))?;
    Ok(count)
}

fn without_context(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(map) = value.as_object_mut() {
        map.retain(|key, _| key != "@odata.type" && !key.ends_with("@odata.context") && key != "@odata.context");
    }
    value
}

fn is_group(object: &Value) -> bool {
    object.get("@odata.type").and_then(Value::as_str).is_none_or(|kind| kind == "#microsoft.graph.group")
}

/// The groups that bring members of their own.
fn with_members(groups: &Objects) -> HashSet<String> {
    groups.items.iter().filter(|group| group.get("members").is_some()).filter_map(identity).collect()
}

fn add_members(group: &mut Map<String, Value>, members: Vec<Value>) {
    let slot = group.entry("members").or_insert_with(|| Value::Array(Vec::new()));
    if !slot.is_array() {
        *slot = Value::Array(Vec::new());
    }
    let Some(slot) = slot.as_array_mut() else { return };
    let known: HashSet<String> = slot.iter().filter_map(identity).collect();
    slot.extend(members.into_iter().filter(|member| identity(member).is_none_or(|id| !known.contains(&id))));
}
