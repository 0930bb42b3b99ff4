//! A tenant, read from the JSON that Graph returns and from the lab's own `lab.json`.
//!
//! Shapes: a folder's files, or one JSON object with the same keys. Each resource is an object, an
//! array, or `{"value": [...]}`. Unknown properties are kept and found again by [`crate::limits::check`].

mod change;
mod error;
mod files;
mod index;
mod lab;
mod locate;
mod passkeys;
mod strict;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use error::{Position, TenantError};
pub use lab::LabSettings;
pub use passkeys::RegisteredPasskeys;

pub(crate) use index::{Index, ResolvedGroup};

use crate::graph::{Collection, Fido2AuthenticationMethodConfiguration, Graph, Group, JsonPath, User};
use crate::policy::Policy;
use crate::switches::Switches;

/// The largest file of policies that is read, in bytes.
pub const MAX_POLICY_BYTES: usize = 8 << 20;
/// The largest file that may hold users, groups or passkeys, in bytes.
pub const MAX_DIRECTORY_BYTES: usize = 256 << 20;
/// How deep JSON may be nested.
pub const MAX_DEPTH: usize = 32;
/// How many values a file of policies may hold.
pub const MAX_POLICY_VALUES: usize = 1_000_000;
/// How many values a file of users, groups or passkeys may hold.
pub const MAX_DIRECTORY_VALUES: usize = 32_000_000;
/// How many users a tenant may have.
pub const MAX_USERS: usize = 1_000_000;
/// How many groups a tenant may have.
pub const MAX_GROUPS: usize = 50_000;
/// How many profiles are read; Entra itself allows far fewer ([`crate::limits`]).
pub const MAX_PROFILES: usize = 1_000;
/// How many include or exclude targets are read.
pub const MAX_TARGETS: usize = 10_000;
/// How many AAGUIDs a list may have.
pub const MAX_AAGUIDS: usize = 10_000;

/// One file of a tenant.
#[derive(Debug, Clone, Copy)]
pub struct TenantFile<'t> {
    /// Its name, such as `fido2.json`; folders before it are not looked at.
    pub name: &'t str,
    /// What it holds.
    pub text: &'t str,
}

/// A part of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The passkey policy.
    Fido2,
    /// The policy of Temporary Access Passes.
    TemporaryAccessPass,
    /// The whole policy of authentication methods.
    AuthenticationMethodsPolicy,
    /// Authentication strengths.
    AuthenticationStrengths,
    /// Conditional Access policies.
    ConditionalAccess,
    /// Groups with members.
    Groups,
    /// Users.
    Users,
    /// Passkeys by user.
    Passkeys,
    /// The lab's own settings.
    Lab,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Fido2,
        Self::TemporaryAccessPass,
        Self::AuthenticationMethodsPolicy,
        Self::AuthenticationStrengths,
        Self::ConditionalAccess,
        Self::Groups,
        Self::Users,
        Self::Passkeys,
        Self::Lab,
    ];

    /// Its key in a tenant of one file; with `.json`, its file name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fido2 => "fido2",
            Self::TemporaryAccessPass => "temporaryAccessPass",
            Self::AuthenticationMethodsPolicy => "authenticationMethodsPolicy",
            Self::AuthenticationStrengths => "authenticationStrengths",
            Self::ConditionalAccess => "conditionalAccess",
            Self::Groups => "groups",
            Self::Users => "users",
            Self::Passkeys => "passkeys",
            Self::Lab => "lab",
        }
    }

    /// The resource with this key, or this file name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".json").unwrap_or(name);
        Self::ALL.into_iter().find(|resource| resource.key() == stem)
    }
}

/// Where a resource stands: in which file, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The path in it.
    pub path: JsonPath,
}

/// A tenant as the lab evaluates it.
#[derive(Debug, Clone)]
pub struct Tenant {
    pub(crate) fido2: Fido2AuthenticationMethodConfiguration,
    pub(crate) temporary_access_pass: Option<Value>,
    pub(crate) methods_policy: Option<Map<String, Value>>,
    pub(crate) authentication_strengths: Option<Value>,
    pub(crate) conditional_access: Option<Value>,
    pub(crate) groups: Option<Collection<Group>>,
    pub(crate) users: Option<Collection<User>>,
    pub(crate) passkeys: Option<RegisteredPasskeys>,
    pub(crate) lab: LabSettings,
    pub(crate) places: Vec<(Resource, Place)>,
    pub(crate) ignored: Vec<String>,
    pub(crate) index: Index,
    pub(crate) policy: Arc<Policy>,
}

impl Tenant {
    /// Reads a tenant: the files of a folder, or one file with the same keys.
    ///
    /// # Errors
    /// [`TenantError`]: names the file, the place in it, what was found and what was expected.
    pub fn from_files(files: &[TenantFile<'_>]) -> Result<Self, TenantError> {
        files::read(files)
    }

    /// The passkey policy as Graph has it.
    #[must_use]
    pub fn fido2(&self) -> &Fido2AuthenticationMethodConfiguration {
        &self.fido2
    }

    /// The passkey policy as it is evaluated.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The policy of Temporary Access Passes, as it came.
    #[must_use]
    pub fn temporary_access_pass(&self) -> Option<&Value> {
        self.temporary_access_pass.as_ref()
    }

    /// Authentication strengths, as they came.
    #[must_use]
    pub fn authentication_strengths(&self) -> Option<&Value> {
        self.authentication_strengths.as_ref()
    }

    /// Conditional Access policies, as they came.
    #[must_use]
    pub fn conditional_access(&self) -> Option<&Value> {
        self.conditional_access.as_ref()
    }

    /// The groups; none where the tenant names none.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        self.groups.as_ref().map_or(&[], |groups| &groups.value)
    }

    /// The users; none where the tenant names none.
    #[must_use]
    pub fn users(&self) -> &[User] {
        self.users.as_ref().map_or(&[], |users| &users.value)
    }

    /// The user with this object id or user principal name, whatever the case, as an index into [`Tenant::users`].
    #[must_use]
    pub fn find_user(&self, name: &str) -> Option<usize> {
        self.index.user(name)
    }

    /// What is registered today.
    #[must_use]
    pub fn passkeys(&self) -> Option<&RegisteredPasskeys> {
        self.passkeys.as_ref()
    }

    /// What Graph does not say.
    #[must_use]
    pub fn lab(&self) -> &LabSettings {
        &self.lab
    }

    /// The readings of what Microsoft leaves open.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.lab.switches
    }

    /// Where a resource stands.
    #[must_use]
    pub fn place(&self, resource: Resource) -> Option<&Place> {
        self.places.iter().find(|(other, _)| *other == resource).map(|(_, place)| place)
    }

    /// The tenant as one JSON object with the keys of a tenant: every property that was read, value for value.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut all = Map::new();
        let mut put = |resource: Resource, value: Option<Value>| {
            if let Some(value) = value {
                all.insert(resource.key().to_owned(), value);
            }
        };
        if let Some(policy) = &self.methods_policy {
            put(Resource::AuthenticationMethodsPolicy, Some(Value::Object(self.with_fido2(policy))));
        }
        // What the whole policy has not stands beside it, as it came.
        if !self.is_in_whole(Resource::Fido2) {
            put(Resource::Fido2, Some(self.fido2.write()));
        }
        if !self.is_in_whole(Resource::TemporaryAccessPass) {
            put(Resource::TemporaryAccessPass, self.temporary_access_pass.clone());
        }
        put(Resource::AuthenticationStrengths, self.authentication_strengths.clone());
        put(Resource::ConditionalAccess, self.conditional_access.clone());
        put(Resource::Groups, self.groups.as_ref().map(Graph::write));
        put(Resource::Users, self.users.as_ref().map(Graph::write));
        put(Resource::Passkeys, self.passkeys.as_ref().map(RegisteredPasskeys::write));
        put(Resource::Lab, self.lab.given.clone().map(Value::Object));
        Value::Object(all)
    }

    /// Whether the tenant came with a whole policy that holds the configuration of this method.
    fn is_in_whole(&self, resource: Resource) -> bool {
        let items = self.methods_policy.as_ref().and_then(|policy| policy.get(files::CONFIGURATIONS)?.as_array());
        files::configuration(resource).is_some_and(|is| items.is_some_and(|items| items.iter().any(is)))
    }

    /// The whole policy with the passkey policy as it stands.
    fn with_fido2(&self, policy: &Map<String, Value>) -> Map<String, Value> {
        let mut policy = policy.clone();
        let slot = policy.get_mut(files::CONFIGURATIONS).and_then(Value::as_array_mut);
        if let Some(slot) = slot.and_then(|items| items.iter_mut().find(|item| files::is_fido2(item))) {
            *slot = self.fido2.write();
        }
        policy
    }
}

#[cfg(test)]
mod tests;
