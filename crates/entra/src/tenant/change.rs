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
    /// `fido2` and `temporaryAccessPass` are changed where they stand; new ones go into
    /// `authenticationMethodsPolicy` where the tenant came with one.
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

    /// Puts this user in the place of the one with the id, or after all others; `None` takes the user away.
    ///
    /// A new user, and a changed one who keeps id and name, cost as much among many as among few.
    ///
    /// # Errors
    /// [`Tenant::may_become`]; then nothing has changed.
    pub fn set_user(&mut self, id: &str, user: Option<User>) -> Result<(), TenantError> {
        if let Some(user) = &user {
            self.may_become(id, user)?;
        }
        let place = self.index.user(id);
        let known = place.and_then(|place| self.users().get(place));
        let same_names = |user: &User| known.is_some_and(|known| names(known) == names(user));
        match user {
            Some(user) if same_names(&user) => set(&mut self.users_mut().value, place, Some(user)),
            Some(user) if place.is_none() && !self.names_a_group(&user) => {
                let groups = self.groups.as_ref().map_or(&[][..], |groups| &groups.value);
                self.index.add_user(&user, groups);
                self.users_mut().value.push(user);
            }
            user => {
                set(&mut self.users_mut().value, place, user);
                self.index_again();
            }
        }
        Ok(())
    }

    fn names_a_group(&self, user: &User) -> bool {
        names(user).iter().flatten().any(|name| self.index.group(name).is_some())
    }

    /// Whether a user may stand in the place of the one with the id, or after all others.
    ///
    /// # Errors
    /// [`TenantError::SameName`]: another user has the name.
    pub fn may_become(&self, id: &str, user: &User) -> Result<(), TenantError> {
        let place = self.index.user(id);
        let taken = |name: &String| self.index.user(name).filter(|other| Some(*other) != place);
        for (what, name) in [("an id", &user.id), ("a userPrincipalName", &user.user_principal_name)] {
            if let Some(other) = name.as_ref().and_then(taken) {
                return Err(same_name("users", what, name.clone().unwrap_or_default(), (place, other)));
            }
        }
        Ok(())
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
        self.index_again();
        self
    }

    fn index_again(&mut self) {
        self.index = Index::new(&self.fido2, self.groups(), self.users(), self.lab.switches);
        self.policy = Policy::new(&self.fido2, &self.index, self.groups(), self.lab.switches).into();
    }
}

fn put(policies: &mut Map<String, Value>, resource: Resource, value: Option<Value>) {
    let apart = policies.contains_key(resource.key());
    let whole = policies.get_mut(Resource::AuthenticationMethodsPolicy.key()).and_then(Value::as_object_mut);
    if let (Some(whole), Some(is), false) = (whole, super::files::configuration(resource), apart) {
        let slot = whole.entry(super::files::CONFIGURATIONS).or_insert_with(|| json!([]));
        if let Some(items) = slot.as_array_mut() {
            set(items, items.iter().position(is), value);
        }
        return;
    }
    if resource == Resource::AuthenticationMethodsPolicy {
        // The configurations that it brings along take the place of those that stood apart.
        let items = value.as_ref().and_then(|whole| whole.get(super::files::CONFIGURATIONS)?.as_array());
        let brings =
            |part| super::files::configuration(part).zip(items).is_some_and(|(is, items)| items.iter().any(is));
        let replaced = [Resource::Fido2, Resource::TemporaryAccessPass].map(|part| brings(part).then(|| part.key()));
        policies.retain(|key, _| !replaced.contains(&Some(key.as_str())));
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

fn names(user: &User) -> [Option<String>; 2] {
    [&user.id, &user.user_principal_name].map(|name| name.as_ref().map(|name| name.to_lowercase()))
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
    fn a_configuration_that_stands_beside_the_whole_policy_stays_there() {
        let pass = json!({"id": "TemporaryAccessPass", "defaultLength": 9});
        let mut all = tenant().to_json();
        all["temporaryAccessPass"] = pass.clone();
        let before = Tenant::from_files(&[TenantFile { name: "t.json", text: &all.to_string() }]).unwrap();
        assert_eq!(before.to_json(), all);
        let after = before.with_policy(Resource::ConditionalAccess, Some(json!([]))).unwrap();
        assert_eq!(after.temporary_access_pass(), Some(&pass));
        let longer = json!({"id": "TemporaryAccessPass", "defaultLength": 10});
        let after = after.with_policy(Resource::TemporaryAccessPass, Some(longer.clone())).unwrap();
        assert_eq!(after.to_json()["temporaryAccessPass"], longer);
        let whole = Resource::AuthenticationMethodsPolicy;
        let after = after.with_policy(whole, Some(all[whole.key()].clone())).unwrap();
        assert_eq!(after.temporary_access_pass(), Some(&longer), "the new whole policy says nothing of passes");
        let mut with_pass = all[whole.key()].clone();
        with_pass["authenticationMethodConfigurations"].as_array_mut().unwrap().push(pass.clone());
        let after = after.with_policy(whole, Some(with_pass)).unwrap();
        assert_eq!((after.temporary_access_pass(), after.to_json().get("temporaryAccessPass")), (Some(&pass), None));
    }

    #[test]
    fn a_user_who_comes_later_is_in_the_groups_that_name_them() {
        let text = json!({
            "fido2": {"state": "enabled", "includeTargets": [{"targetType": "group", "id": "outer"}],
                "excludeTargets": [{"targetType": "group", "id": "banned"}]},
            "users": [{"id": "u1"}],
            "groups": [{"id": "outer", "members": ["u1", "inner"]}, {"id": "inner", "members": ["LATE@x.example"]},
                {"id": "banned", "members": ["u1"]}],
        });
        let mut tenant = Tenant::from_files(&[TenantFile { name: "t.json", text: &text.to_string() }]).unwrap();
        let late =
            User { id: Some("u2".into()), user_principal_name: Some("late@X.example".into()), ..User::default() };
        tenant.set_user("u2", Some(late.clone())).unwrap();
        tenant.set_user("u2", Some(User { display_name: Some("Late".into()), ..late })).unwrap();
        let read = Tenant::from_files(&[TenantFile { name: "t.json", text: &tenant.to_json().to_string() }]).unwrap();
        for user in 0..2 {
            assert_eq!(tenant.index.memberships(user), read.index.memberships(user), "{user}");
        }
        assert_eq!(tenant.index.memberships(1), [0]);
        assert_eq!(tenant.users()[1].display_name.as_deref(), Some("Late"));
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
        let mut tenant = tenant();
        let error = tenant.set_user("u3", Some(user("u3", "B@X.example"))).unwrap_err();
        assert!(error.to_string().contains("userPrincipalName"), "{error}");
        tenant.set_user("u3", Some(user("u3", "c@x.example"))).unwrap();
        assert_eq!(tenant.find_user("c@x.example"), Some(2));
        tenant.set_user("u1", None).unwrap();
        assert_eq!((tenant.find_user("u1"), tenant.find_user("u3")), (None, Some(1)));
        tenant.set_user("u3", Some(user("u3", "d@x.example"))).unwrap();
        assert_eq!((tenant.find_user("c@x.example"), tenant.find_user("D@x.example")), (None, Some(1)));
        let grouped = tenant.with_group("g2", Some(Group { id: Some("g2".to_owned()), ..Group::default() })).unwrap();
        assert_eq!(
            (grouped.find_group("G2"), grouped.with_group("g1", None).unwrap().find_group("g2")),
            (Some(1), Some(0))
        );
    }
}
