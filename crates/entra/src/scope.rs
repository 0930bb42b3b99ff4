//! The facts about a user that can decide, and the scopes that users with equal facts share.
//!
//! Roles are kept with the user and are no fact: no rule of the passkey policy asks for them. They
//! become one with Conditional Access.

use std::collections::HashMap;
use std::fmt;

use crate::graph::User;
use crate::policy::{Policy, Target, Who};
use crate::switches;
use crate::tenant::{ResolvedGroup, Tenant};

/// What decides about a user, as indices into the tenant's [`Policy`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserFacts {
    /// The exclude targets that reach the user.
    pub excluded_by: Vec<usize>,
    /// Whether an include target reaches the user, whatever it allows.
    pub targeted: bool,
    /// The profiles that the include targets allow together, in the tenant's order.
    pub profiles: Vec<usize>,
    /// Member or guest.
    pub standing: Standing,
}

/// Whether a user is a guest, as far as passkeys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A member, B2B members included unless the tenant's `lab.json` says otherwise.
    Member,
    /// A guest.
    Guest,
    /// A B2B user of type Member, where `lab.json` takes those as guests.
    B2bMember,
}

/// Whose access is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Persona {
    /// A user of the tenant, as an index into [`Tenant::users`].
    User(usize),
    /// A member of exactly these groups: ids in lower case. Without any: somebody in no targeted group.
    Groups(Vec<String>),
}

/// A name that no persona can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonaError {
    /// The tenant has no such user.
    #[error("expected a user of the tenant (object id or user principal name), found “{name}”{}", hint(.nearest))]
    NoUser {
        /// What was asked for.
        name: String,
        /// The user that was probably meant.
        nearest: Option<String>,
    },
    /// Neither the tenant's groups nor its targets have it.
    #[error("expected a group of the tenant (id or displayName), found “{name}”{}", hint(.nearest))]
    NoGroup {
        /// What was asked for.
        name: String,
        /// The group that was probably meant.
        nearest: Option<String>,
    },
    /// Several groups have this name.
    #[error("expected the name of one group, found “{name}”, which these have: {}; use an id", ids.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// The ids of the groups that have it.
        ids: Vec<String>,
    },
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; perhaps “{name}”")).unwrap_or_default()
}

impl Persona {
    /// The user with this object id or user principal name.
    ///
    /// # Errors
    /// [`PersonaError::NoUser`].
    pub fn user(tenant: &Tenant, name: &str) -> Result<Self, PersonaError> {
        tenant.find_user(name).map(Self::User).ok_or_else(|| {
            let known = tenant.users().iter().map(User::label);
            let nearest = lab_protocol::nearest::nearest(name, known).map(str::to_owned);
            PersonaError::NoUser { name: name.to_owned(), nearest }
        })
    }

    /// A member of the groups with these ids or display names, and of no other.
    ///
    /// # Errors
    /// [`PersonaError::NoGroup`] and [`PersonaError::Ambiguous`].
    pub fn groups<'n>(tenant: &Tenant, names: impl IntoIterator<Item = &'n str>) -> Result<Self, PersonaError> {
        let group = |name: &'n str| match tenant.index.resolve(name, tenant.groups()) {
            ResolvedGroup::Id(id) => Ok(id),
            ResolvedGroup::Ambiguous(ids) => Err(PersonaError::Ambiguous { name: name.to_owned(), ids }),
            ResolvedGroup::Unknown => {
                let known = tenant.groups().iter().map(crate::graph::Group::label);
                let nearest = lab_protocol::nearest::nearest(name, known).map(str::to_owned);
                Err(PersonaError::NoGroup { name: name.to_owned(), nearest })
            }
        };
        names.into_iter().map(group).collect::<Result<_, _>>().map(Self::Groups)
    }

    /// What to call it.
    #[must_use]
    pub fn label(&self, tenant: &Tenant) -> String {
        match self {
            Self::User(index) => tenant.users().get(*index).map(User::label).unwrap_or_default().to_owned(),
            Self::Groups(ids) if ids.is_empty() => "a user in no targeted group".to_owned(),
            Self::Groups(ids) => ids.iter().map(|id| group_label(tenant, id)).collect::<Vec<_>>().join(" + "),
        }
    }
}

fn group_label(tenant: &Tenant, id: &str) -> String {
    let group = tenant.index.group(id).and_then(|index| tenant.groups().get(index));
    group.map_or(id, crate::graph::Group::label).to_owned()
}

/// The personas of a tenant: its users, or, where it names none, somebody in no targeted group and a
/// member of each targeted group alone. Further groups only ever add profiles or exclude; combinations
/// are asked for with [`Persona::groups`].
#[must_use]
pub fn personas(tenant: &Tenant) -> Vec<Persona> {
    if tenant.users.is_some() {
        return (0..tenant.users().len()).map(Persona::User).collect();
    }
    let targets = tenant.fido2.includes().iter().map(|target| &target.id);
    let ids = targets.chain(tenant.fido2.excludes().iter().map(|target| &target.id)).flatten();
    let mut all = vec![Persona::Groups(Vec::new())];
    for id in ids.filter(|id| tenant.index.targeted(id).is_some()) {
        let persona = Persona::Groups(vec![id.to_lowercase()]);
        if !all.contains(&persona) {
            all.push(persona);
        }
    }
    all
}

/// The facts about one persona.
#[must_use]
pub fn scope_of(tenant: &Tenant, persona: &Persona) -> UserFacts {
    let reached = reached(tenant, persona);
    let user = match persona {
        Persona::User(index) => tenant.users().get(*index),
        Persona::Groups(_) => None,
    };
    let policy = tenant.policy();
    let reaches = |target: &Target| match &target.who {
        Who::Everybody => true,
        Who::Group(group) => reached.contains(group),
        Who::User(id) => user.and_then(|user| user.id.as_deref()).is_some_and(|own| own.eq_ignore_ascii_case(id)),
        Who::Nobody => false,
    };
    let mut profiles: Vec<usize> = Vec::new();
    let mut targeted = false;
    for target in policy.includes.iter().filter(|target| reaches(target)) {
        targeted = true;
        profiles.extend(&target.profiles);
    }
    profiles.sort_unstable();
    profiles.dedup();
    let excluded_by = (0..policy.excludes.len()).filter(|index| policy.excludes.get(*index).is_some_and(reaches));
    UserFacts { excluded_by: excluded_by.collect(), targeted, profiles, standing: standing(user, policy) }
}

fn reached(tenant: &Tenant, persona: &Persona) -> Vec<usize> {
    match persona {
        Persona::User(index) => tenant.index.memberships(*index).to_vec(),
        Persona::Groups(ids) => ids.iter().flat_map(|id| tenant.index.targets_of_group(id)).collect(),
    }
}

fn standing(user: Option<&User>, policy: &Policy) -> Standing {
    let Some(user) = user else { return Standing::Member };
    if user.user_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("guest")) {
        Standing::Guest
    } else if policy.switches.other(&switches::B2B_MEMBERS) && is_b2b(user) {
        Standing::B2bMember
    } else {
        Standing::Member
    }
}

/// Whether a user comes from another tenant: by the form of the user principal name, or by an invitation.
pub(crate) fn is_b2b(user: &User) -> bool {
    let by_name = user.user_principal_name.as_deref().is_some_and(|name| name.to_uppercase().contains("#EXT#"));
    let invited = user.other.get("creationType").and_then(serde_json::Value::as_str) == Some("Invitation");
    by_name || invited
}

/// Users with equal facts: whatever is true of one is true of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// A name within one reading of one tenant: `scope-1`, in the order of the users.
    pub id: String,
    /// What the facts are.
    pub label: String,
    /// The users, as indices into [`Tenant::users`]; empty where the tenant names none.
    pub members: Vec<usize>,
    /// The names of the targeted groups that its members are in.
    pub groups: Vec<String>,
    /// The facts.
    pub facts: UserFacts,
}

/// The scopes of a tenant, in the order in which its personas come.
#[must_use]
pub fn scopes(tenant: &Tenant) -> Vec<Scope> {
    let mut known: HashMap<UserFacts, usize> = HashMap::new();
    let mut scopes: Vec<Scope> = Vec::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut alike = Alike::new(tenant);
    for persona in personas(tenant) {
        if let (Some(scope), Persona::User(user)) =
            (alike.scope(&persona).and_then(|index| scopes.get_mut(index)), &persona)
        {
            scope.members.push(*user);
            continue;
        }
        let facts = scope_of(tenant, &persona);
        let index = *known.entry(facts).or_insert_with_key(|facts| {
            scopes.push(Scope::empty(scopes.len() + 1, tenant.policy(), facts));
            groups.push(Vec::new());
            scopes.len() - 1
        });
        alike.remember(&persona, index);
        let (Some(scope), Some(groups)) = (scopes.get_mut(index), groups.get_mut(index)) else { continue };
        if let Persona::User(user) = persona {
            scope.members.push(user);
        }
        let new: Vec<_> = reached(tenant, &persona).into_iter().filter(|group| !groups.contains(group)).collect();
        groups.extend(new);
    }
    for (scope, mut groups) in scopes.iter_mut().zip(groups) {
        groups.sort_unstable();
        scope.groups = groups.into_iter().filter_map(|group| target_label(tenant.policy(), group)).collect();
    }
    scopes
}

/// The scopes of users by what their facts are made of. Most of many users are in few groups: their
/// facts are worked out once. A target that names users one by one makes everybody a case of their own.
struct Alike<'t> {
    tenant: &'t Tenant,
    named: bool,
    known: HashMap<(&'t [usize], Standing), usize>,
}

impl<'t> Alike<'t> {
    fn new(tenant: &'t Tenant) -> Self {
        let policy = tenant.policy();
        let named = policy.includes.iter().chain(&policy.excludes).any(|target| matches!(target.who, Who::User(_)));
        Self { tenant, named, known: HashMap::new() }
    }

    fn key(&self, persona: &Persona) -> Option<(&'t [usize], Standing)> {
        let Persona::User(index) = persona else { return None };
        let standing = standing(self.tenant.users().get(*index), self.tenant.policy());
        (!self.named).then(|| (self.tenant.index.memberships(*index), standing))
    }

    fn scope(&self, persona: &Persona) -> Option<usize> {
        self.known.get(&self.key(persona)?).copied()
    }

    fn remember(&mut self, persona: &Persona, scope: usize) {
        if let Some(key) = self.key(persona) {
            self.known.insert(key, scope);
        }
    }
}

fn target_label(policy: &Policy, group: usize) -> Option<String> {
    let mut targets = policy.includes.iter().chain(&policy.excludes);
    targets.find(|target| target.who == Who::Group(group)).map(|target| target.label.clone())
}

impl Scope {
    fn empty(number: usize, policy: &Policy, facts: &UserFacts) -> Self {
        Self {
            id: format!("scope-{number}"),
            label: Label(policy, facts).to_string(),
            members: Vec::new(),
            groups: Vec::new(),
            facts: facts.clone(),
        }
    }
}

/// The facts in a few words.
struct Label<'s>(&'s Policy, &'s UserFacts);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(policy, facts) = self;
        let names: Vec<_> = facts.profiles.iter().filter_map(|index| policy.profiles.get(*index)).collect();
        match (names.is_empty(), facts.targeted) {
            (true, false) => f.write_str("in no target")?,
            (true, true) => f.write_str("targeted without a profile")?,
            (false, _) => names.iter().enumerate().try_for_each(|(index, profile)| {
                write!(f, "{}{}", if index == 0 { "" } else { " + " }, profile.name)
            })?,
        }
        for target in facts.excluded_by.iter().filter_map(|index| policy.excludes.get(*index)) {
            write!(f, ", excluded by {}", target.label)?;
        }
        match facts.standing {
            Standing::Member => Ok(()),
            Standing::Guest => f.write_str(", guest"),
            Standing::B2bMember => f.write_str(", B2B member"),
        }
    }
}
