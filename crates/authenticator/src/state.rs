//! What an authenticator keeps when it loses power, and what it forgets.
//!
//! [`Durable`] is written to a file by [`Authenticator::export`] and read by [`Authenticator::restore`];
//! [`Authenticator::revision`] tells a door that it has to write the file before the reply leaves.
//! Credentials are in the [`Store`](crate::store::Store), the counter in [`Counter`](crate::counter::Counter);
//! both are in the same file. [`Volatile`] is gone with the power.

mod error;
mod export;
mod members;
mod restore;

use std::ops::Deref;

pub use error::{StateError, StateErrorKind};

use jiff::Timestamp;

use crate::commands::{Enrollment, Enumeration, Remembered, Writing};
use crate::engine::Authenticator;
use crate::model::{Model, UvOption, UvPolicy};
use crate::pin::Session;

/// Wrong PINs in a row until the PIN is blocked (`ctap-2.2 §6.5.2`).
const PIN_RETRIES: u8 = 8;
/// The shortest PIN of a model that names no minimum, in code points (`ctap-2.2 §6.4`).
const MIN_PIN_LENGTH: u8 = 4;
/// The large-blob array of a new authenticator: an empty CBOR array and the first 16 bytes of its
/// SHA-256 (`ctap-2.2 §6.10.1`).
pub(crate) const EMPTY_LARGE_BLOB_ARRAY: [u8; 17] =
    [0x80, 0x76, 0xbe, 0x8b, 0x52, 0x8d, 0x00, 0x75, 0xf7, 0xaa, 0xe9, 0x8d, 0x6f, 0xa5, 0x7a, 0x6d, 0x3c];

/// The PIN that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pin {
    /// The first 16 bytes of its SHA-256.
    pub hash: [u8; 16],
    /// Its length.
    pub code_points: u8,
}

/// An enrolled finger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub id: Vec<u8>,
    pub name: Option<String>,
}

/// Everything durable but credentials and counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Durable {
    pub pin: Option<Pin>,
    pub pin_retries: u8,
    pub uv_retries: u8,
    /// In code points.
    pub min_pin_length: u8,
    pub force_pin_change: bool,
    /// The RP IDs that may see the minimum, as the platform set them.
    pub min_pin_length_rp_ids: Vec<String>,
    pub always_uv: bool,
    pub enterprise_attestation: bool,
    pub long_touch_for_reset: bool,
    /// The enrolled fingers, oldest first.
    pub templates: Vec<Template>,
    /// The serialized large-blob array, its hash included.
    pub large_blob_array: Vec<u8>,
    /// The persistentPinUvAuthToken, once it was asked for.
    pub persistent_token: Option<[u8; 32]>,
    /// Which single device it is, once something was attested; a reset does not change that.
    pub unit: Option<[u8; 16]>,
    /// What encIdentifier hides, once it was asked for.
    pub device_identifier: Option<[u8; 16]>,
    /// What encCredStoreState hides, once it was asked for.
    pub cred_store_state: Option<[u8; 16]>,
}

impl Durable {
    /// As it leaves the factory, and after a reset.
    pub fn of(model: &Model) -> Self {
        let info = model.get_info.as_ref();
        let option = |name: &str| info.into_iter().flat_map(|info| &info.options.0).any(|(it, set)| it == name && *set);
        let minimum = info.and_then(|info| info.min_pin_length.as_ref());
        let long_touch = info.and_then(|info| info.long_touch_for_reset.as_ref());
        let retries = model.user_verification.retries.value;
        let pin_only = model.user_verification.option.value == UvOption::ClientPin;
        Self {
            pin: None,
            pin_retries: if pin_only { retries } else { PIN_RETRIES },
            uv_retries: retries,
            min_pin_length: minimum.map_or(MIN_PIN_LENGTH, |minimum| minimum.value),
            force_pin_change: false,
            min_pin_length_rp_ids: Vec::new(),
            always_uv: model.user_verification.policy.value == UvPolicy::Always,
            enterprise_attestation: option("ep"),
            long_touch_for_reset: long_touch.is_some_and(|fact| fact.value),
            templates: Vec::new(),
            large_blob_array: EMPTY_LARGE_BLOB_ARRAY.to_vec(),
            persistent_token: None,
            unit: None,
            device_identifier: None,
            cred_store_state: None,
        }
    }
}

/// Durable state that counts its changes: it is read freely, and written through [`State::change`].
#[derive(Debug)]
pub(crate) struct State {
    durable: Durable,
    changes: u64,
}

impl State {
    pub const fn new(durable: Durable) -> Self {
        Self { durable, changes: 0 }
    }

    /// Writes. What comes out as it was is no change.
    pub fn change<R>(&mut self, act: impl FnOnce(&mut Durable) -> R) -> R {
        let before = self.durable.clone();
        let result = act(&mut self.durable);
        self.changes += u64::from(self.durable != before);
        result
    }
}

impl Deref for State {
    type Target = Durable;

    fn deref(&self) -> &Durable {
        &self.durable
    }
}

/// What is gone when the power is.
#[derive(Debug, Default)]
pub(crate) struct Volatile {
    /// The sign-in that authenticatorGetNextAssertion goes on with.
    pub remembered: Option<Remembered>,
    /// What authenticatorCredentialManagement goes on with.
    pub enumeration: Option<Enumeration>,
    /// The large-blob array that is being written.
    pub writing: Option<Writing>,
    /// The finger that is being enrolled.
    pub enrollment: Option<Enrollment>,
    /// A touch that CTAP1 has not used up.
    pub touched: Option<Timestamp>,
    /// Key agreement, the token in use, wrong PINs in a row.
    pub session: Session,
}

impl Authenticator {
    /// Counts the changes of durable state: as long as it stays, so do the bytes of [`Authenticator::export`].
    /// Who keeps the state in a file writes it before the reply leaves. A change that is taken back counts
    /// twice, as an attempt does that a right PIN gives back.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.state.changes + self.counter.changes() + self.home.changes()
    }

    /// Everything that survives a loss of power, as one CBOR sequence: it holds private keys.
    #[must_use]
    pub fn export(&self) -> Vec<u8> {
        export::write(self)
    }

    /// Takes over what [`Authenticator::export`] wrote, for an authenticator of the same model. Nothing
    /// is changed where that fails.
    ///
    /// # Errors
    /// What is wrong with `bytes`, and where.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        restore::read(self, bytes)
    }
}

#[cfg(test)]
mod tests;
