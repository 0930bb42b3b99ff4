//! Whose passkey it is.

use lab_entra::graph::{Group, User};
use lab_entra::{Persona, Tenant, UserFacts, handle, scope};
use lab_protocol::Random;

use crate::error::JobError;
use crate::world::{Part, World};

/// The tenant's GUID in user handles, where `lab.json` does not say.
const LAB_TENANT_ID: &str = "1ab00000-0000-4000-8000-000000000001";

/// Whose passkey it is, as the caller says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A user of the tenant.
    User(String),
    /// Somebody in exactly these groups.
    Groups(Vec<String>),
    /// The first user, or where the tenant names none, the first persona.
    Anybody,
}

/// Somebody, with everything that the ceremony needs of them.
#[derive(Debug)]
pub(crate) struct Somebody {
    pub(crate) label: String,
    pub(crate) display_name: String,
    pub(crate) groups: Vec<String>,
    pub(crate) persona: Persona,
    pub(crate) handle: Vec<u8>,
    /// The names that a user has in every tenant: object id, then user principal name.
    names: Vec<String>,
    /// The ids of their groups.
    group_ids: Vec<String>,
}

impl Somebody {
    pub(crate) fn find(tenant: &Tenant, who: &Who, world: &World) -> Result<Self, JobError> {
        let persona = match who {
            Who::User(name) => Persona::user(tenant, name)?,
            Who::Groups(names) => Persona::groups(tenant, names.iter().map(String::as_str))?,
            Who::Anybody => scope::personas(tenant).into_iter().next().unwrap_or(Persona::Groups(Vec::new())),
        };
        let user = match persona {
            Persona::User(index) => tenant.users().get(index),
            Persona::Groups(_) => None,
        };
        let label = persona.label(tenant);
        let display_name = user.and_then(|user| user.display_name.clone()).unwrap_or_else(|| label.clone());
        let own = groups(tenant, &persona, user);
        let handle = user_handle(tenant, user, world)?;
        Ok(Self {
            label,
            display_name,
            groups: own.iter().map(|group| group.label().to_owned()).collect(),
            group_ids: own.iter().filter_map(|group| group.id.clone()).collect(),
            names: user.map(names).unwrap_or_default(),
            persona,
            handle,
        })
    }

    /// What decides about them in a tenant, which may be another one than that of the registration.
    pub(crate) fn facts(&self, tenant: &Tenant) -> UserFacts {
        scope::scope_of(tenant, &self.in_tenant(tenant))
    }

    /// Refuses a tenant that names users, and not this one.
    pub(crate) fn must_be_in(&self, tenant: &Tenant) -> Result<(), JobError> {
        match (self.in_tenant(tenant), self.names.last()) {
            (Persona::Groups(_), Some(name)) if !tenant.users().is_empty() => _ = Persona::user(tenant, name)?,
            _ => {}
        }
        Ok(())
    }

    /// A user of one tenant is found in another one by name, not by place; in one that names no users,
    /// they are somebody in the same groups.
    fn in_tenant(&self, tenant: &Tenant) -> Persona {
        match &self.persona {
            Persona::Groups(_) => self.persona.clone(),
            Persona::User(_) => match self.names.iter().find_map(|name| tenant.find_user(name)) {
                Some(index) => Persona::User(index),
                None => Persona::Groups(self.group_ids.iter().map(|id| id.to_lowercase()).collect()),
            },
        }
    }
}

fn names(user: &User) -> Vec<String> {
    user.id.iter().chain(&user.user_principal_name).cloned().collect()
}

fn groups<'t>(tenant: &'t Tenant, persona: &Persona, user: Option<&User>) -> Vec<&'t Group> {
    let belongs = |group: &&Group| match (persona, user) {
        (Persona::Groups(ids), _) => {
            group.id.as_deref().is_some_and(|id| ids.iter().any(|own| own.eq_ignore_ascii_case(id)))
        }
        (_, Some(user)) => group.has_member(user),
        (_, None) => false,
    };
    tenant.groups().iter().filter(belongs).collect()
}

fn user_handle(tenant: &Tenant, user: Option<&User>, world: &World) -> Result<Vec<u8>, JobError> {
    let tenant_id = tenant.lab().tenant_id.as_deref().unwrap_or(LAB_TENANT_ID);
    let made_up = || {
        let mut id = [0; 16];
        world.stream(Part::Persona).fill(&mut id);
        lab_protocol::Aaguid(id).to_string()
    };
    let user_id = user.and_then(|user| user.id.clone()).unwrap_or_else(made_up);
    let usage = |error: handle::GuidError| JobError::Usage {
        what: error.to_string(),
        hint: Some("user handles are made of GUIDs: tenantId in lab.json, and id in users.json".to_owned()),
    };
    Ok(handle::user_handle(tenant_id, &user_id).map_err(usage)?.to_vec())
}
