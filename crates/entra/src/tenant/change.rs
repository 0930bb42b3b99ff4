//! A tenant with one thing changed: read by the same reader, with the rest as it was.

use serde_json::{Map, Value, json};

use super::{Index, Resource, Tenant, TenantError, TenantFile};
use crate::graph::{Group, User};
use crate::policy::Policy;

/// The keys of the resources that are policies or settings, which are changed as a whole.
const POLICIES: [Resource; 6] = [
    Resource::Fido2,
    Resource::TemporaryAccessPass,
    Resource::AuthenticationMethodsPolicy,
    Resource::AuthenticationStrengths,
    Resource::ConditionalAccess,
    Resource::Lab,
];

impl Tenant {
    /// The tenant with another value of a policy, or of the lab's settings; `None` takes it away.
    ///
    /// `fido2` and `temporaryAccessPass` are changed inside `authenticationMethodsPolicy` where the tenant
    /// came with one.
    ///
    /// # Errors
    /// What the reader of a tenant says of the new value; users, groups and passkeys are no policies.
    pub fn with_policy(&self, resource: Resource, value: Option<Value>) -> Result<Self, TenantError> {
        let mut policies = Map::new();
        if let Value::Object(all) = self.to_json() {
            policies.extend(all.into_iter().filter(|(key, _)| POLICIES.iter().any(|policy| policy.key() == key)));
        }
        put(&mut policies, resource, value);
        let text = Value::Object(policies).to_string();
        let read = Self::from_files(&[TenantFile { name: "the changed policies", text: &text }])?;
        Ok(Self { groups: self.groups.clone(), users: self.users.clone(), passkeys: self.passkeys.clone(), ..read }
            .indexed())
    }

    /// The tenant with this user in the place of the one with the id, or after all others; `None` takes
    /// the user away.
    ///
    /// # Errors
    /// [`TenantError::SameName`]: another user has the name.
    pub fn with_user(&self, id: &str, user: Option<User>) -> Result<Self, TenantError> {
        let mut changed = self.clone();
        let place = self.index.user(id);
        if let Some(user) = &user {
            let names = [("an id", &user.id), ("a userPrincipalName", &user.user_principal_name)];
            let taken = |name: &String| self.index.user(name).filter(|other| Some(*other) != place);
            for (what, name) in names {
                if let Some(other) = name.as_ref().and_then(taken) {
                    return Err(same_name("users", what, name.clone().unwrap_or_default(), (place, other)));
                }
            }
        }
        set(&mut changed.users_mut().value, place, user);
        Ok(changed.indexed())
    }

    /// The tenant with this group in the place of the one with the id, or after all others; `None` takes
    /// the group away.
    ///
    /// # Errors
    /// [`TenantError::SameName`]: another group has the id.
    pub fn with_group(&self, id: &str, group: Option<Group>) -> Result<Self, TenantError> {
        let mut changed = self.clone();
        let place = self.index.group(id);
        let new_id = group.as_ref().and_then(|group| group.id.clone()).unwrap_or_default();
        if let Some(other) = self.index.group(&new_id).filter(|other| Some(*other) != place) {
            return Err(same_name("groups", "an id", new_id, (place, other)));
        }
        set(&mut changed.groups_mut().value, place, group);
        Ok(changed.indexed())
    }

    /// The group with this id, whatever the case, as an index into [`Tenant::groups`].
    #[must_use]
    pub fn find_group(&self, id: &str) -> Option<usize> {
        self.index.group(id)
    }

    fn users_mut(&mut self) -> &mut crate::graph::Collection<User> {
        self.users.get_or_insert_with(crate::graph::Collection::empty)
    }

    fn groups_mut(&mut self) -> &mut crate::graph::Collection<Group> {
        self.groups.get_or_insert_with(crate::graph::Collection::empty)
    }

    fn indexed(mut self) -> Self {
        self.index = Index::new(&self.fido2, self.groups(), self.users(), self.lab.switches);
        self.policy = Policy::new(&self.fido2, &self.index, self.groups(), self.lab.switches).into();
        self
    }
}

fn put(policies: &mut Map<String, Value>, resource: Resource, value: Option<Value>) {
    let whole = policies.get_mut(Resource::AuthenticationMethodsPolicy.key()).and_then(Value::as_object_mut);
    if let (Some(whole), Some(is)) = (whole, super::files::configuration(resource)) {
        let slot = whole.entry(super::files::CONFIGURATIONS).or_insert_with(|| json!([]));
        if let Some(items) = slot.as_array_mut() {
            set(items, items.iter().position(is), value);
        }
        return;
    }
    if resource == Resource::AuthenticationMethodsPolicy {
        // It brings the configurations along.
        policies.retain(|key, _| key != Resource::Fido2.key() && key != Resource::TemporaryAccessPass.key());
    }
    match value {
        Some(value) => _ = policies.insert(resource.key().to_owned(), value),
        None => _ = policies.shift_remove(resource.key()),
    }
}

fn set<T>(items: &mut Vec<T>, place: Option<usize>, item: Option<T>) {
    match (place.filter(|place| *place < items.len()), item) {
        (Some(place), Some(item)) => _ = std::mem::replace(&mut items[place], item),
        (Some(place), None) => _ = items.remove(place),
        (None, Some(item)) => items.push(item),
        (None, None) => {}
    }
}

fn same_name(file: &str, what: &'static str, name: String, (place, other): (Option<usize>, usize)) -> TenantError {
    let path = |index: usize| crate::graph::JsonPath(vec![index.into()]);
    let own = place.unwrap_or(usize::MAX);
    TenantError::SameName { file: file.to_owned(), path: path(own), what, name, other: path(other) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> Tenant {
        let text = json!({
            "authenticationMethodsPolicy": {"id": "p", "authenticationMethodConfigurations": [
                {"id": "Fido2", "state": "enabled", "odd": 1}, {"id": "Sms", "state": "disabled"}]},
            "users": [{"id": "u1", "userPrincipalName": "a@x.example"}, {"id": "u2", "userPrincipalName": "b@x.example"}],
            "groups": [{"id": "g1", "members": ["u1"]}],
        });
        Tenant::from_files(&[TenantFile { name: "t.json", text: &text.to_string() }]).unwrap()
    }

    #[test]
    fn a_policy_is_changed_where_it_stands_and_the_rest_stays() {
        let changed = json!({"id": "Fido2", "state": "disabled", "odd": 2});
        let after = tenant().with_policy(Resource::Fido2, Some(changed.clone())).unwrap();
        let all = after.to_json();
        let configurations = &all["authenticationMethodsPolicy"]["authenticationMethodConfigurations"];
        assert_eq!((&configurations[0], &configurations[1]["id"]), (&changed, &json!("Sms")));
        assert_eq!((after.users().len(), after.find_user("A@x.example")), (2, Some(0)));
        let pass = json!({"id": "TemporaryAccessPass", "state": "enabled"});
        let after = after.with_policy(Resource::TemporaryAccessPass, Some(pass.clone())).unwrap();
        assert_eq!(after.temporary_access_pass(), Some(&pass));
    }

    #[test]
    fn what_the_reader_refuses_changes_nothing() {
        let error = tenant().with_policy(Resource::Fido2, Some(json!({"id": "Fido2", "state": 7}))).unwrap_err();
        assert!(error.to_string().contains("state"), "{error}");
    }

    #[test]
    fn users_and_groups_come_change_and_go() {
        let user = |id: &str, name: &str| User {
            id: Some(id.to_owned()),
            user_principal_name: Some(name.to_owned()),
            ..User::default()
        };
        let tenant = tenant();
        let error = tenant.with_user("u3", Some(user("u3", "B@X.example"))).unwrap_err();
        assert!(error.to_string().contains("userPrincipalName"), "{error}");
        let more = tenant.with_user("u3", Some(user("u3", "c@x.example"))).unwrap();
        assert_eq!(more.find_user("c@x.example"), Some(2));
        let fewer = more.with_user("u1", None).unwrap();
        assert_eq!((fewer.find_user("u1"), fewer.find_user("u3")), (None, Some(1)));
        let grouped = fewer.with_group("g2", Some(Group { id: Some("g2".to_owned()), ..Group::default() })).unwrap();
        assert_eq!(
            (grouped.find_group("G2"), grouped.with_group("g1", None).unwrap().find_group("g2")),
            (Some(1), Some(0))
        );
    }
}
