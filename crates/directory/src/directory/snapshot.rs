//! The state as a whole, for stores that do not want to read all of a log again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lab_protocol::{Base64Url, base64url};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apply::read_tenant;
use super::{Directory, Kept, Unfit};
use crate::{RegisteredPasskey, TemporaryAccessPass};

/// The state after an event, in a form that can be written. The log stays the truth: whoever cannot read this reads
/// the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    /// The number of the newest event in it.
    pub seq: u64,
    tenant: Value,
    policies: u64,
    imported: u64,
    users: HashMap<String, u64>,
    groups: HashMap<String, u64>,
    passkeys: HashMap<String, RegisteredPasskey>,
    by_user: HashMap<String, Vec<String>>,
    /// Handles in base64url.
    handles: HashMap<String, String>,
    handle_of: HashMap<String, Base64Url>,
    passes: BTreeMap<String, TemporaryAccessPass>,
}

impl Directory {
    /// The state, to be written.
    #[must_use]
    pub fn save(&self) -> Snapshot {
        let passkey = |(id, kept): (&String, &Kept)| (id.clone(), RegisteredPasskey::clone(&kept.passkey));
        Snapshot {
            seq: self.seq,
            tenant: self.tenant.to_json(),
            policies: self.policies,
            imported: self.imported,
            users: self.users.clone(),
            groups: self.groups.clone(),
            passkeys: self.passkeys.iter().map(passkey).collect(),
            by_user: self.by_user.clone(),
            handles: self.handles.iter().map(|(handle, user)| (base64url::encode(handle), user.clone())).collect(),
            handle_of: self.handle_of.iter().map(|(user, handle)| (user.clone(), handle.clone().into())).collect(),
            passes: self.passes.clone(),
        }
    }

    /// The state that was written.
    ///
    /// # Errors
    /// [`Unfit`]: the tenant or a handle cannot be read.
    pub fn restore(saved: Snapshot) -> Result<Self, Unfit> {
        // Conditions on passkeys do not outlive the process: for those of the next one they are as old as this.
        let version = saved.seq;
        let kept = |(id, passkey)| (id, Kept { version, passkey: Arc::new(passkey) });
        let handle = |(text, user): (String, String)| {
            let unfit =
                |_| Unfit::Object { what: format!("the handle {text}"), problem: "expected base64url".to_owned() };
            Ok((base64url::decode(&text).map_err(unfit)?, user))
        };
        Ok(Self {
            seq: saved.seq,
            tenant: Arc::new(read_tenant(&saved.tenant)?),
            policies: saved.policies,
            imported: saved.imported,
            users: saved.users,
            groups: saved.groups,
            passkeys: saved.passkeys.into_iter().map(kept).collect(),
            by_user: saved.by_user,
            handles: saved.handles.into_iter().map(handle).collect::<Result<_, Unfit>>()?,
            handle_of: saved.handle_of.into_iter().map(|(user, handle)| (user, handle.0)).collect(),
            passes: saved.passes,
        })
    }

    /// How many users and passkeys it has: what it costs to write it.
    #[must_use]
    pub fn size(&self) -> usize {
        self.tenant.users().len() + self.passkeys.len()
    }
}
