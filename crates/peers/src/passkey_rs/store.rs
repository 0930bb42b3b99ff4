//! The account: passkeys that every device of it holds.
//!
//! The crate's own `MemoryStore` finds nothing without an allow list and does not look at the RP ID,
//! so it can stand for no provider.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use passkey::authenticator::{CredentialStore, DiscoverabilitySupport, StoreInfo};
use passkey::types::Passkey;
use passkey::types::ctap2::make_credential::{Options, PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity};
use passkey::types::ctap2::{Ctap2Error, StatusCode};
use passkey::types::webauthn::PublicKeyCredentialDescriptor;

/// How many passkeys an account takes.
const MAX_PASSKEYS: usize = 1000;

/// The passkeys of one account, oldest first; clones share them.
#[derive(Clone, Default)]
pub(super) struct Store(Arc<Mutex<Vec<Passkey>>>);

impl Store {
    pub(super) fn len(&self) -> usize {
        self.passkeys().len()
    }

    fn passkeys(&self) -> MutexGuard<'_, Vec<Passkey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl CredentialStore for Store {
    type PasskeyItem = Passkey;

    /// The newest comes first, as CTAP orders them (`ctap-2.2 §6.2.2`); the crate takes the first.
    async fn find_credentials(
        &self,
        ids: Option<&[PublicKeyCredentialDescriptor]>,
        rp_id: &str,
        _user_handle: Option<&[u8]>,
    ) -> Result<Vec<Passkey>, StatusCode> {
        let named = |passkey: &Passkey| {
            ids.is_none_or(|ids| ids.iter().any(|id| id.is_known() && id.id == passkey.credential_id))
        };
        let passkeys = self.passkeys();
        Ok(passkeys.iter().rev().filter(|passkey| passkey.rp_id == rp_id && named(passkey)).cloned().collect())
    }

    /// A passkey of the same account at the same relying party is replaced (`ctap-2.2 §6.1.2`).
    async fn save_credential(
        &mut self,
        passkey: Passkey,
        user: PublicKeyCredentialUserEntity,
        rp: PublicKeyCredentialRpEntity,
        _options: Options,
    ) -> Result<(), StatusCode> {
        let mut passkeys = self.passkeys();
        passkeys.retain(|held| held.rp_id != rp.id || held.user_handle.as_ref() != Some(&user.id));
        if passkeys.len() >= MAX_PASSKEYS {
            return Err(Ctap2Error::KeyStoreFull.into());
        }
        passkeys.push(passkey);
        Ok(())
    }

    async fn update_credential(&mut self, passkey: &Passkey) -> Result<(), StatusCode> {
        for held in self.passkeys().iter_mut().filter(|held| held.credential_id == passkey.credential_id) {
            *held = passkey.clone();
        }
        Ok(())
    }

    async fn get_info(&self) -> StoreInfo {
        StoreInfo { discoverability: DiscoverabilitySupport::ForcedDiscoverable }
    }
}
