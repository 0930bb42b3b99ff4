//! From files to a tenant.

use serde_json::{Map, Value};

use super::error::TenantError;
use super::locate::locate;
use super::{
    Index, LabSettings, MAX_AAGUIDS, MAX_DIRECTORY_BYTES, MAX_DIRECTORY_VALUES, MAX_GROUPS, MAX_POLICY_BYTES,
    MAX_POLICY_VALUES, MAX_PROFILES, MAX_TARGETS, MAX_USERS, Place, RegisteredPasskeys, Resource, Tenant, TenantFile,
    strict,
};
use crate::graph::{Collection, Fido2AuthenticationMethodConfiguration, Fido2KeyRestrictions, Graph, JsonPath, Misfit};
use crate::policy::Policy;

/// The property of `authenticationMethodsPolicy` that holds the configurations of each method.
pub(super) const CONFIGURATIONS: &str = "authenticationMethodConfigurations";

const FIDO2_TYPE: &str = "#microsoft.graph.fido2AuthenticationMethodConfiguration";
const PASS_TYPE: &str = "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration";

/// A resource that has been read as JSON, and where it stood.
struct Part<'t> {
    resource: Resource,
    value: Value,
    place: Place,
    text: &'t str,
}

pub(super) fn read(files: &[TenantFile<'_>]) -> Result<Tenant, TenantError> {
    let mut parts = Parts { parts: Vec::new(), ignored: Vec::new(), whole: None };
    for file in files {
        let name = file.name.rsplit(['/', '\\']).next().unwrap_or(file.name);
        let file = TenantFile { name: file.name, text: file.text.trim_start_matches('\u{feff}') };
        match Resource::named(name) {
            Some(resource) if name.ends_with(".json") => parts.add_file(resource, &file)?,
            _ if files.len() == 1 => parts.add_single(&file)?,
            _ => parts.ignored.push(file.name.to_owned()),
        }
    }
    parts.tenant(files)
}

struct Parts<'t> {
    parts: Vec<Part<'t>>,
    ignored: Vec<String>,
    whole: Option<Map<String, Value>>,
}

impl<'t> Parts<'t> {
    fn add_file(&mut self, resource: Resource, file: &TenantFile<'t>) -> Result<(), TenantError> {
        let directory = matches!(resource, Resource::Users | Resource::Groups | Resource::Passkeys);
        let value = if directory { directory_json(file)? } else { policy_json(file)? };
        self.add(resource, value, Place { file: file.name.to_owned(), path: JsonPath::default() }, file.text)
    }

    /// One file that is the whole tenant: an object with the keys of a tenant, or the policy itself.
    fn add_single(&mut self, file: &TenantFile<'t>) -> Result<(), TenantError> {
        let value = directory_json(file)?;
        let whole = Place { file: file.name.to_owned(), path: JsonPath::default() };
        if is_fido2(&value) {
            return self.add(Resource::Fido2, value, whole, file.text);
        }
        let Value::Object(map) = value else {
            let misfit = Misfit::new("an object with the keys of a tenant, such as “fido2”", &value);
            return Err(misplaced(&whole, file.text, misfit));
        };
        if map.contains_key(CONFIGURATIONS) {
            return self.add(Resource::AuthenticationMethodsPolicy, Value::Object(map), whole, file.text);
        }
        for (key, value) in map {
            match Resource::named(&key) {
                Some(resource) => {
                    let place = Place { file: whole.file.clone(), path: whole.path.then(key) };
                    self.add(resource, value, place, file.text)?;
                }
                None => self.ignored.push(format!("{} {}", whole.file, whole.path.then(key))),
            }
        }
        Ok(())
    }

    fn add(&mut self, resource: Resource, value: Value, place: Place, text: &'t str) -> Result<(), TenantError> {
        if resource == Resource::AuthenticationMethodsPolicy {
            self.add_whole_policy(&value, &place, text)?;
        }
        if let Some(first) = self.parts.iter().find(|part| part.resource == resource) {
            let place_name = |place: &Place| {
                if place.path.0.is_empty() { place.file.clone() } else { format!("{} {}", place.file, place.path) }
            };
            return Err(TenantError::Twice {
                resource: resource.key(),
                first: place_name(&first.place),
                second: place_name(&place),
            });
        }
        self.parts.push(Part { resource, value, place, text });
        Ok(())
    }

    /// Takes the passkey policy and that of passes out of the whole policy.
    fn add_whole_policy(&mut self, value: &Value, place: &Place, text: &'t str) -> Result<(), TenantError> {
        let Value::Object(policy) = value else {
            return Err(misplaced(place, text, Misfit::new("an authenticationMethodsPolicy object", value)));
        };
        let configurations = match policy.get(CONFIGURATIONS) {
            Some(Value::Array(items)) => items.as_slice(),
            None | Some(Value::Null) => &[],
            Some(other) => {
                let misfit = Misfit::new("an array of configurations", other).within(CONFIGURATIONS);
                return Err(misplaced(place, text, misfit));
            }
        };
        for (index, item) in configurations.iter().enumerate() {
            let resource = match item {
                item if is_fido2(item) => Resource::Fido2,
                item if is_pass(item) => Resource::TemporaryAccessPass,
                _ => continue,
            };
            let path = place.path.then(CONFIGURATIONS).then(index);
            self.add(resource, item.clone(), Place { file: place.file.clone(), path }, text)?;
        }
        self.whole = Some(policy.clone());
        Ok(())
    }

    fn tenant(self, files: &[TenantFile<'_>]) -> Result<Tenant, TenantError> {
        let Self { mut parts, ignored, whole } = self;
        let places = parts.iter().map(|part| (part.resource, part.place.clone())).collect();
        let mut take = |resource| {
            let index = parts.iter().position(|part| part.resource == resource)?;
            Some(parts.swap_remove(index))
        };
        let fido2 = take(Resource::Fido2).ok_or_else(|| no_policy(files))?.parse(policy_object)?;
        let groups = take(Resource::Groups).map(|part| part.parse(groups)).transpose()?;
        let users = take(Resource::Users).map(|part| part.parse(users)).transpose()?;
        let passkeys =
            take(Resource::Passkeys).map(|part| part.parse(|v, _| Ok(RegisteredPasskeys::read(v)?))).transpose()?;
        let lab = take(Resource::Lab).map(|part| part.parse(|v, _| Ok(LabSettings::read(v)?))).transpose()?;
        let lab = lab.unwrap_or_default();
        let listed_groups = groups.as_ref().map_or(&[][..], |groups: &Collection<_>| &groups.value);
        let listed_users = users.as_ref().map_or(&[][..], |users: &Collection<_>| &users.value);
        let index = Index::new(&fido2, listed_groups, listed_users, lab.switches);
        let policy = Policy::new(&fido2, &index, listed_groups, lab.switches).into();
        Ok(Tenant {
            temporary_access_pass: take(Resource::TemporaryAccessPass).map(|part| part.value),
            authentication_strengths: take(Resource::AuthenticationStrengths).map(|part| part.value),
            conditional_access: take(Resource::ConditionalAccess).map(|part| part.value),
            methods_policy: whole,
            fido2,
            groups,
            users,
            passkeys,
            lab,
            places,
            ignored,
            index,
            policy,
        })
    }
}

/// What the checks of one resource answer: a misfit inside it, or an error that is whole already.
enum Problem {
    Misfit(Misfit),
    Whole(TenantError),
}

impl From<Misfit> for Problem {
    fn from(misfit: Misfit) -> Self {
        Self::Misfit(misfit)
    }
}

impl Part<'_> {
    fn parse<T>(self, read: impl FnOnce(Value, &Place) -> Result<T, Problem>) -> Result<T, TenantError> {
        read(self.value, &self.place).map_err(|problem| match problem {
            Problem::Misfit(misfit) => misplaced(&self.place, self.text, misfit),
            Problem::Whole(error) => error,
        })
    }
}

fn policy_object(value: Value, place: &Place) -> Result<Fido2AuthenticationMethodConfiguration, Problem> {
    let fido2 = Fido2AuthenticationMethodConfiguration::read(value)?;
    let at_most = |path: &JsonPath, what, count, limit| at_most(place, path, what, (count, limit));
    let here = JsonPath::default();
    at_most(&here.then("passkeyProfiles"), "profiles", fido2.profiles().len(), MAX_PROFILES)?;
    at_most(&here.then("includeTargets"), "targets", fido2.includes().len(), MAX_TARGETS)?;
    at_most(&here.then("excludeTargets"), "targets", fido2.excludes().len(), MAX_TARGETS)?;
    let legacy = fido2.key_restrictions.iter().map(|list| (here.clone(), list));
    let profiles = fido2.profiles().iter().enumerate().filter_map(|(index, profile)| {
        Some((here.then("passkeyProfiles").then(index), profile.key_restrictions.as_ref()?))
    });
    let entries = |list: &Fido2KeyRestrictions| list.entries().len();
    for (path, list) in legacy.chain(profiles) {
        at_most(&path.then("keyRestrictions").then("aaGuids"), "AAGUIDs", entries(list), MAX_AAGUIDS)?;
    }
    Ok(fido2)
}

fn groups(value: Value, place: &Place) -> Result<Collection<crate::graph::Group>, Problem> {
    let groups = Collection::<crate::graph::Group>::read(value)?;
    at_most(place, &JsonPath::default(), "groups", (groups.value.len(), MAX_GROUPS))?;
    let ids = groups.value.iter().map(|group| group.id.as_deref());
    own_names(place, "an id", ids.enumerate().map(|(index, id)| (groups.path(index), id)))?;
    Ok(groups)
}

fn users(value: Value, place: &Place) -> Result<Collection<crate::graph::User>, Problem> {
    let users = Collection::<crate::graph::User>::read(value)?;
    at_most(place, &JsonPath::default(), "users", (users.value.len(), MAX_USERS))?;
    let each = || users.value.iter().enumerate();
    own_names(place, "an id", each().map(|(index, user)| (users.path(index), user.id.as_deref())))?;
    let principal_names = each().map(|(index, user)| (users.path(index), user.user_principal_name.as_deref()));
    own_names(place, "a userPrincipalName", principal_names)?;
    Ok(users)
}

fn at_most(place: &Place, path: &JsonPath, what: &'static str, count: (usize, usize)) -> Result<(), Problem> {
    let (count, limit) = count;
    if count <= limit {
        return Ok(());
    }
    let (file, path) = (place.file.clone(), place.path.join(path));
    Err(Problem::Whole(TenantError::TooMany { file, path, what, count, limit }))
}

fn own_names<'n>(
    place: &Place,
    what: &'static str,
    names: impl Iterator<Item = (JsonPath, Option<&'n str>)>,
) -> Result<(), Problem> {
    let mut seen = std::collections::HashMap::new();
    for (path, name) in names {
        let Some(name) = name else { continue };
        if let Some(other) = seen.insert(name.to_lowercase(), path.clone()) {
            return Err(Problem::Whole(TenantError::SameName {
                file: place.file.clone(),
                path: place.path.join(&path),
                what,
                name: name.to_owned(),
                other: place.path.join(&other),
            }));
        }
    }
    Ok(())
}

fn misplaced(place: &Place, text: &str, misfit: Misfit) -> TenantError {
    let path = place.path.join(&misfit.path);
    TenantError::Misfit {
        file: place.file.clone(),
        position: locate(text, &path),
        path,
        expected: misfit.expected.into_owned(),
        found: misfit.found,
    }
}

fn policy_json(file: &TenantFile<'_>) -> Result<Value, TenantError> {
    within(file, MAX_POLICY_BYTES)?;
    strict::read(file, MAX_POLICY_VALUES)
}

fn directory_json(file: &TenantFile<'_>) -> Result<Value, TenantError> {
    within(file, MAX_DIRECTORY_BYTES)?;
    strict::read(file, MAX_DIRECTORY_VALUES)
}

fn within(file: &TenantFile<'_>, limit: usize) -> Result<(), TenantError> {
    let size = file.text.len();
    if size <= limit { Ok(()) } else { Err(TenantError::TooLarge { file: file.name.to_owned(), size, limit }) }
}

fn no_policy(files: &[TenantFile<'_>]) -> TenantError {
    let names: Vec<_> = files.iter().take(20).map(|file| file.name).collect();
    let found = if names.is_empty() { "no file".to_owned() } else { names.join(", ") };
    TenantError::NoPolicy { found }
}

/// How to tell the configuration of a method inside the whole policy, for the resources that stand there.
pub(super) fn configuration(resource: Resource) -> Option<fn(&Value) -> bool> {
    match resource {
        Resource::Fido2 => Some(is_fido2),
        Resource::TemporaryAccessPass => Some(is_pass),
        _ => None,
    }
}

fn is_pass(value: &Value) -> bool {
    is_method(value, PASS_TYPE, "TemporaryAccessPass")
}

/// Whether a configuration is that of passkeys.
pub(super) fn is_fido2(value: &Value) -> bool {
    is_method(value, FIDO2_TYPE, "Fido2")
}

fn is_method(value: &Value, odata_type: &str, id: &str) -> bool {
    let same = |key, expected: &str| {
        value.get(key).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(expected))
    };
    same("@odata.type", odata_type) || same("id", id)
}
