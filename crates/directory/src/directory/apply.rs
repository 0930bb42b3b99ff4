//! How each event changes the state.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lab_entra::graph::{Fido2AuthenticationMethod, Graph, Group, Misfit, User};
use lab_entra::tenant::{Tenant, TenantFile};
use serde_json::Value;

use super::{Directory, Kept, Unfit};
use crate::{Event, Recorded, RegisteredPasskey, Use};

impl Directory {
    /// The state after the first event of a log.
    ///
    /// # Errors
    /// [`Unfit::NoTenant`], and what is wrong with the tenant.
    pub fn begin(first: &Recorded) -> Result<Self, Unfit> {
        let Event::TenantImported { tenant } = &first.event else {
            return Err(Unfit::NoTenant { found: first.event.kind().name() });
        };
        let mut directory = Self {
            seq: 0,
            tenant: Arc::new(read_tenant(tenant)?),
            policies: 0,
            imported: 0,
            users: HashMap::new(),
            groups: HashMap::new(),
            passkeys: HashMap::new(),
            by_user: HashMap::new(),
            handles: HashMap::new(),
            handle_of: HashMap::new(),
            passes: BTreeMap::new(),
        };
        directory.apply(first)?;
        Ok(directory)
    }

    /// Takes over an event.
    ///
    /// # Errors
    /// [`Unfit`]; then nothing has changed.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), Unfit> {
        let seq = recorded.seq;
        match &recorded.event {
            Event::TenantImported { tenant } => self.import(seq, tenant)?,
            Event::PolicyChanged { resource, after, .. } => {
                self.tenant = Arc::new(self.tenant.with_policy(*resource, after.clone())?);
                self.policies = seq;
            }
            Event::UserChanged { id, after, .. } => self.change_user(seq, id, after.as_ref())?,
            Event::GroupChanged { id, after, .. } => {
                let group: Option<Group> = object("the group", id, after.as_ref())?;
                self.tenant = Arc::new(self.tenant.with_group(id, group)?);
                self.groups.insert(id.to_lowercase(), seq);
            }
            Event::Registered(passkey) => self.register(seq, passkey)?,
            Event::SignedIn { user, passkey, used } => self.change(seq, user, passkey, |kept| kept.use_it(*used))?,
            Event::PasskeyRenamed { user, passkey, after, .. } => {
                self.change(seq, user, passkey, |kept| kept.method.display_name = Some(after.clone()))?;
            }
            Event::PasskeyDeleted { user, passkey, .. } => self.delete(user, passkey)?,
            Event::PassIssued { user, pass } => {
                self.known(user)?;
                self.passes.insert(user.to_lowercase(), pass.clone());
            }
            Event::PassDeleted { user, .. } => _ = self.passes.remove(&user.to_lowercase()),
            Event::OptionsIssued { .. } | Event::Refused { .. } => {}
        }
        self.seq = seq;
        Ok(())
    }

    /// Takes over what the sign-ins of a passkey left behind, where the log has forgotten them.
    pub fn restore_use(&mut self, passkey: &str, used: Use) {
        if let Some(kept) = self.passkeys.get_mut(passkey) {
            Arc::make_mut(&mut kept.passkey).use_it(used);
        }
    }

    fn import(&mut self, seq: u64, tenant: &Value) -> Result<(), Unfit> {
        self.tenant = Arc::new(read_tenant(tenant)?);
        (self.policies, self.imported) = (seq, seq);
        self.users.clear();
        self.groups.clear();
        let from_file = |kept: &Kept| kept.passkey.record.is_none();
        let gone = |kept: &&Kept| from_file(kept) || self.user(&kept.passkey.user).is_none();
        let gone: Vec<_> = self.passkeys.values().filter(gone).map(|kept| Arc::clone(&kept.passkey)).collect();
        gone.iter().for_each(|passkey| self.forget(passkey));
        for passkey in listed(&self.tenant) {
            if !self.passkeys.contains_key(&passkey.id) {
                self.keep(seq, Arc::new(passkey));
            }
        }
        Ok(())
    }

    fn change_user(&mut self, seq: u64, id: &str, after: Option<&Value>) -> Result<(), Unfit> {
        let user: Option<User> = object("the user", id, after)?;
        Arc::make_mut(&mut self.tenant).set_user(id, user)?;
        self.users.insert(id.to_lowercase(), seq);
        if after.is_none() {
            let passkeys: Vec<_> = self.passkeys_of(id).cloned().collect();
            passkeys.iter().for_each(|passkey| self.forget(passkey));
            self.passes.remove(&id.to_lowercase());
            self.handle_of.remove(&id.to_lowercase());
            self.handles.retain(|_, user| !user.eq_ignore_ascii_case(id));
        }
        Ok(())
    }

    fn register(&mut self, seq: u64, passkey: &RegisteredPasskey) -> Result<(), Unfit> {
        self.known(&passkey.user)?;
        if let Some(kept) = self.passkeys.get(&passkey.id) {
            return Err(Unfit::Taken { passkey: passkey.id.clone(), owner: kept.passkey.user.clone() });
        }
        self.note_handle(passkey);
        self.keep(seq, Arc::new(passkey.clone()));
        Ok(())
    }

    fn change(
        &mut self,
        seq: u64,
        user: &str,
        id: &str,
        change: impl FnOnce(&mut RegisteredPasskey),
    ) -> Result<(), Unfit> {
        self.owned(user, id)?;
        if let Some(kept) = self.passkeys.get_mut(id) {
            kept.version = seq;
            change(Arc::make_mut(&mut kept.passkey));
        }
        Ok(())
    }

    fn delete(&mut self, user: &str, id: &str) -> Result<(), Unfit> {
        let passkey = self.owned(user, id)?;
        self.forget(&passkey);
        Ok(())
    }

    fn keep(&mut self, version: u64, passkey: Arc<RegisteredPasskey>) {
        self.by_user.entry(passkey.user.to_lowercase()).or_default().push(passkey.id.clone());
        self.passkeys.insert(passkey.id.clone(), Kept { version, passkey });
    }

    fn forget(&mut self, passkey: &RegisteredPasskey) {
        self.passkeys.remove(&passkey.id);
        if let Some(ids) = self.by_user.get_mut(&passkey.user.to_lowercase()) {
            ids.retain(|id| *id != passkey.id);
        }
    }

    fn known(&self, user: &str) -> Result<(), Unfit> {
        self.user(user).map(|_| ()).ok_or_else(|| Unfit::NoUser { user: user.to_owned() })
    }

    fn owned(&self, user: &str, id: &str) -> Result<Arc<RegisteredPasskey>, Unfit> {
        let kept = self.passkeys.get(id).filter(|kept| kept.passkey.user.eq_ignore_ascii_case(user));
        let no_passkey = || Unfit::NoPasskey { user: user.to_owned(), passkey: id.to_owned() };
        kept.map(|kept| Arc::clone(&kept.passkey)).ok_or_else(no_passkey)
    }
}

pub(super) fn read_tenant(tenant: &Value) -> Result<Tenant, Unfit> {
    Ok(Tenant::from_files(&[TenantFile { name: "the tenant", text: &tenant.to_string() }])?)
}

fn object<T: Graph>(what: &str, id: &str, value: Option<&Value>) -> Result<Option<T>, Unfit> {
    let unfit = |misfit: Misfit| Unfit::Object { what: format!("{what} {id}"), problem: misfit.to_string() };
    value.cloned().map(T::read).transpose().map_err(unfit)
}

/// The passkeys of a tenant's `passkeys.json` whose owners are users of it.
fn listed(tenant: &Tenant) -> Vec<RegisteredPasskey> {
    let by_user = tenant.passkeys().map_or(&[][..], |passkeys| &passkeys.by_user);
    let mut all = Vec::new();
    for (name, methods) in by_user {
        let Some(user) = tenant.find_user(name).and_then(|index| tenant.users().get(index)) else { continue };
        let owner = user.id.as_deref().unwrap_or(user.label());
        let each = methods.value.iter().enumerate();
        all.extend(each.map(|(index, method)| passkey_of_file(owner, index, method)));
    }
    all
}

fn passkey_of_file(user: &str, index: usize, method: &Fido2AuthenticationMethod) -> RegisteredPasskey {
    let id = method.id.clone().unwrap_or_else(|| format!("{user}-{index}"));
    let method = Fido2AuthenticationMethod { id: Some(id.clone()), ..method.clone() };
    RegisteredPasskey { id, user: user.to_owned(), method, record: None, flags: None, format: None, profile: None }
}
