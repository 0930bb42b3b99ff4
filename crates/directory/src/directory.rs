//! What follows from the log: the state of the lab as of its newest event.

mod apply;
mod snapshot;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lab_entra::tenant::TenantError;
use lab_entra::{Persona, Tenant};
use lab_relying_party::KnownCredentials;

pub use snapshot::Snapshot;

use crate::passkey::spelled;
use crate::store::{Facet, Given};
use crate::{RegisteredPasskey, TemporaryAccessPass, handle};

/// The state of a lab. Only events change it.
#[derive(Debug, Clone)]
pub struct Directory {
    seq: u64,
    tenant: Arc<Tenant>,
    policies: u64,
    imported: u64,
    /// When users and groups changed last, where that was after the import; ids in lower case.
    users: HashMap<String, u64>,
    groups: HashMap<String, u64>,
    /// By id.
    passkeys: HashMap<String, Kept>,
    /// The ids of each user's passkeys, in the order of their registration; users in lower case.
    by_user: HashMap<String, Vec<String>>,
    /// The lab's own user handles, those of deleted passkeys included.
    handles: HashMap<Vec<u8>, String>,
    /// The newest of each user's handles.
    handle_of: HashMap<String, Vec<u8>>,
    passes: BTreeMap<String, TemporaryAccessPass>,
}

#[derive(Debug, Clone)]
struct Kept {
    version: u64,
    passkey: Arc<RegisteredPasskey>,
}

/// An event that does not fit the state, which it leaves as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The log does not begin with a tenant.
    #[error("expected the log to begin with a tenant, found {found}")]
    NoTenant {
        /// What it begins with.
        found: &'static str,
    },
    /// The tenant cannot be read.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// A user or a group that cannot be read.
    #[error("{what}: {problem}")]
    Object {
        /// The object.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no such user.
    #[error("expected a user of the tenant, found “{user}”, which is not or no longer one")]
    NoUser {
        /// Who was named.
        user: String,
    },
    /// There is no such passkey.
    #[error("expected a passkey of the user {user}, found “{passkey}”, which is not or no longer one")]
    NoPasskey {
        /// Whose it should be.
        user: String,
        /// Its id.
        passkey: String,
    },
    /// The credential is registered already.
    #[error("the credential {passkey} is registered already, to {owner}")]
    Taken {
        /// The id of the passkey.
        passkey: String,
        /// The object id of its owner.
        owner: String,
    },
}

impl Directory {
    /// The number of the newest event.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The number of the event that changed policies, users or groups last.
    #[must_use]
    pub fn tenant_changed(&self) -> u64 {
        let objects = self.users.values().chain(self.groups.values()).copied().max().unwrap_or(0);
        self.policies.max(self.imported).max(objects)
    }

    /// Policies, users and groups. Registered passkeys are in the directory, not in here.
    #[must_use]
    pub const fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// The object id of the user with this object id or user principal name, whatever the case.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&str> {
        let user = self.tenant.users().get(self.tenant.find_user(name)?)?;
        user.id.as_deref().or(user.user_principal_name.as_deref())
    }

    /// The user with this object id or user principal name, as the policy asks for them.
    #[must_use]
    pub fn persona(&self, name: &str) -> Option<Persona> {
        self.tenant.find_user(name).map(Persona::User)
    }

    /// The passkeys of a user, oldest first.
    pub fn passkeys_of(&self, user: &str) -> impl Iterator<Item = &Arc<RegisteredPasskey>> {
        let ids = self.by_user.get(&user.to_lowercase()).into_iter().flatten();
        ids.filter_map(|id| self.passkeys.get(id)).map(|kept| &kept.passkey)
    }

    /// Every passkey, in no order.
    pub fn passkeys(&self) -> impl Iterator<Item = &Arc<RegisteredPasskey>> {
        self.passkeys.values().map(|kept| &kept.passkey)
    }

    /// The passkey with this id, in any spelling of it.
    #[must_use]
    pub fn passkey(&self, id: &str) -> Option<&Arc<RegisteredPasskey>> {
        spelled(id).find_map(|id| self.passkeys.get(&id)).map(|kept| &kept.passkey)
    }

    /// The passkey with this credential id.
    #[must_use]
    pub fn credential(&self, credential_id: &[u8]) -> Option<&Arc<RegisteredPasskey>> {
        self.passkeys.get(&crate::passkey::method_id(credential_id)).map(|kept| &kept.passkey)
    }

    /// The lab's own handle that a user's passkeys carry, so that a new one replaces an old one on the
    /// same device, as Entra's do.
    #[must_use]
    pub fn handle_of(&self, user: &str) -> Option<&[u8]> {
        self.handle_of.get(&user.to_lowercase()).map(Vec::as_slice)
    }

    /// Whose handle it is, for one of the lab's own.
    #[must_use]
    pub fn user_of_handle(&self, handle: &[u8]) -> Option<&str> {
        self.handles.get(handle).map(String::as_str)
    }

    /// The Temporary Access Pass of a user.
    #[must_use]
    pub fn pass_of(&self, user: &str) -> Option<&TemporaryAccessPass> {
        self.passes.get(&user.to_lowercase())
    }

    /// When something changed last, as the number of an event; 0 where it does not exist.
    #[must_use]
    pub fn version(&self, facet: &Facet) -> u64 {
        let since_import = |versions: &HashMap<String, u64>, id: &str| {
            versions.get(&id.to_lowercase()).copied().unwrap_or(self.imported)
        };
        match facet {
            Facet::Policies => self.policies,
            Facet::User(id) if self.tenant.find_user(id).is_some() => since_import(&self.users, id),
            Facet::Group(id) if self.tenant.find_group(id).is_some() => since_import(&self.groups, id),
            Facet::Passkey(id) => self.passkeys.get(id).map_or(0, |kept| kept.version),
            Facet::User(_) | Facet::Group(_) => 0,
        }
    }

    /// The condition that something is still as it is now.
    #[must_use]
    pub fn given(&self, facet: Facet) -> Given {
        Given { version: self.version(&facet), facet }
    }

    /// Goes on after this number, where the newest events of a log left nothing behind.
    pub fn resume_after(&mut self, seq: u64) {
        self.seq = self.seq.max(seq);
    }

    fn note_handle(&mut self, passkey: &RegisteredPasskey) {
        let handle = passkey.record.as_ref().and_then(|record| record.user_handle.as_ref());
        if let Some(handle) = handle.filter(|handle| handle::is_lab(handle)) {
            self.handles.insert(handle.clone(), passkey.user.clone());
            self.handle_of.insert(passkey.user.to_lowercase(), handle.clone());
        }
    }
}

impl KnownCredentials for Directory {
    fn owner(&self, credential_id: &[u8]) -> Option<String> {
        let passkey = self.credential(credential_id)?;
        let user = self.tenant.find_user(&passkey.user).and_then(|index| self.tenant.users().get(index));
        Some(user.map_or_else(|| passkey.user.clone(), |user| user.label().to_owned()))
    }
}
