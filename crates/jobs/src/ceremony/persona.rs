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
        let groups = groups(tenant, &persona, user);
        let handle = user_handle(tenant, user, world)?;
        Ok(Self { label, display_name, groups, persona, handle })
    }

    /// What decides about them in a tenant, which may be another one than that of the registration.
    pub(crate) fn facts(&self, tenant: &Tenant) -> UserFacts {
        scope::scope_of(tenant, &self.persona)
    }
}

fn groups(tenant: &Tenant, persona: &Persona, user: Option<&User>) -> Vec<String> {
    let belongs = |group: &&Group| match (persona, user) {
        (Persona::Groups(ids), _) => {
            group.id.as_deref().is_some_and(|id| ids.iter().any(|own| own.eq_ignore_ascii_case(id)))
        }
        (_, Some(user)) => group.has_member(user),
        (_, None) => false,
    };
    tenant.groups().iter().filter(belongs).map(|group| group.label().to_owned()).collect()
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
