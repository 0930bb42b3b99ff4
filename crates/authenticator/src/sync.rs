//! Accounts whose devices share their passkeys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::Model;
use crate::store::Store;

/// An account of a passkey provider: every device that joined it holds the same credentials.
///
/// Cloning gives another handle to the same account.
#[derive(Debug, Clone, Default)]
pub struct SyncFabric(Arc<Mutex<Account>>);

#[derive(Debug, Default)]
struct Account {
    /// The provider, by the id and name of its model; the first device decides.
    provider: Option<(String, String)>,
    devices: u32,
    store: Store,
}

/// Why a device cannot join an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// Its passkeys cannot leave it.
    #[error("the passkeys of {model} are device-bound: it joins no account")]
    DeviceBound {
        /// The model's name.
        model: String,
    },
    /// The account is another provider's.
    #[error("the account belongs to {account}, and {model} cannot join it")]
    OtherProvider {
        /// The name of the account's provider.
        account: String,
        /// The model's name.
        model: String,
    },
    /// It is in an account already.
    #[error("this {model} is in an account already")]
    Joined {
        /// The model's name.
        model: String,
    },
}

impl SyncFabric {
    /// An account without devices and credentials.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many devices joined it.
    #[must_use]
    pub fn devices(&self) -> u32 {
        self.lock().devices
    }

    /// A thread that panicked cannot have left the account half changed: every change is one call.
    fn lock(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an authenticator keeps its credentials.
#[derive(Debug)]
pub(crate) enum Home {
    Own(Store),
    Account(SyncFabric),
}

impl Home {
    pub fn with<R>(&mut self, act: impl FnOnce(&mut Store) -> R) -> R {
        match self {
            Self::Own(store) => act(store),
            Self::Account(account) => act(&mut account.lock().store),
        }
    }

    pub fn read<R>(&self, act: impl FnOnce(&Store) -> R) -> R {
        match self {
            Self::Own(store) => act(store),
            Self::Account(account) => act(&account.lock().store),
        }
    }

    /// How often the credentials changed.
    pub fn changes(&self) -> u64 {
        self.read(Store::changes)
    }

    /// Puts these credentials in the place of its own; a device of an account leaves it.
    pub fn replace(&mut self, store: Store) {
        *self = Self::Own(store);
    }

    /// How many devices hold the credentials.
    pub fn devices(&self) -> u32 {
        match self {
            Self::Own(_) => 1,
            Self::Account(account) => account.devices(),
        }
    }

    /// Joins `account` and takes the credentials along.
    pub fn join(&mut self, account: &SyncFabric, model: &Model) -> Result<(), JoinError> {
        let name = || model.name.clone();
        let Self::Own(own) = self else {
            return Err(JoinError::Joined { model: name() });
        };
        if !model.is_synced() {
            return Err(JoinError::DeviceBound { model: name() });
        }
        let mut inner = account.lock();
        let (id, provider) = inner.provider.get_or_insert_with(|| (model.id.clone(), name()));
        if *id != model.id {
            return Err(JoinError::OtherProvider { account: provider.clone(), model: name() });
        }
        inner.devices = inner.devices.saturating_add(1);
        inner.store.absorb(own);
        drop(inner);
        *self = Self::Account(account.clone());
        Ok(())
    }
}
