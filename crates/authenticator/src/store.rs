//! Credentials, and the rules by which they replace each other.

use std::collections::BTreeMap;

use lab_attestation::keys::SigningKey;
use lab_protocol::ctap2::UserEntity;

/// The most credentials that one store keeps, whatever the model allows.
pub(crate) const MAX_CREDENTIALS: usize = 100_000;

/// A credential as its authenticator holds it.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The credential id.
    pub id: Vec<u8>,
    /// The RP ID that it is bound to; none of a credential that was made over CTAP1, which names only the hash.
    pub rp_id: Option<String>,
    /// SHA-256 of the RP ID.
    pub rp_id_hash: [u8; 32],
    /// The account.
    pub user: UserEntity,
    /// The private key.
    pub key: SigningKey,
    /// The counter's last value, where the model counts for each credential.
    pub sign_count: u32,
    /// Whether it can be found without its id.
    pub discoverable: bool,
    /// Its place in the order of creation.
    pub created: u64,
    /// BE.
    pub backup_eligible: bool,
    /// credProtect.
    pub cred_protect: CredProtect,
    /// The secrets of `hmac-secret`, where it was created with that.
    pub cred_random: Option<CredRandom>,
    /// The key of its entry in the large-blob array.
    pub large_blob_key: Option<[u8; 32]>,
    /// What `credBlob` stored.
    pub cred_blob: Option<Vec<u8>>,
    /// Whether `thirdPartyPayment` was set.
    pub third_party_payment: bool,
}

/// The secrets of `hmac-secret` (`ctap-2.2 §12.7`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CredRandom {
    /// For a verified user.
    pub with_uv: [u8; 32],
    /// For one who was not verified.
    pub without_uv: [u8; 32],
}

impl std::fmt::Debug for CredRandom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredRandom").finish_non_exhaustive()
    }
}

/// The level of credProtect (`ctap-2.2 §12.1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum CredProtect {
    /// 1: `userVerificationOptional`.
    #[default]
    Optional,
    /// 2: `userVerificationOptionalWithCredentialIDList`.
    OptionalWithList,
    /// 3: `userVerificationRequired`.
    Required,
}

impl CredProtect {
    /// The level of a number.
    #[must_use]
    pub fn of(level: i64) -> Option<Self> {
        Some(match level {
            1 => Self::Optional,
            2 => Self::OptionalWithList,
            3 => Self::Required,
            _ => return None,
        })
    }

    /// The number of the level.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::Optional => 1,
            Self::OptionalWithList => 2,
            Self::Required => 3,
        }
    }

    /// Whether a credential of this level may be used or admitted to.
    pub(crate) fn shows(self, verified: bool, listed: bool) -> bool {
        match self {
            Self::Optional => true,
            Self::OptionalWithList => verified || listed,
            Self::Required => verified,
        }
    }
}

/// No room for another credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// The credentials of one authenticator, or of one account.
#[derive(Debug, Default)]
pub(crate) struct Store {
    credentials: BTreeMap<Vec<u8>, Credential>,
    created: u64,
    changes: u64,
}

impl Store {
    /// How often it changed.
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    pub fn clear(&mut self) {
        self.changes += u64::from(!self.credentials.is_empty());
        self.credentials.clear();
    }

    /// The credential of this id, if it is bound to this RP ID.
    pub fn find(&self, rp_id: &str, id: &[u8]) -> Option<&Credential> {
        self.find_bound(&lab_attestation::sha256(rp_id.as_bytes()), id)
    }

    /// The credential of this id, if it is bound to the RP ID of this hash.
    pub fn find_bound(&self, rp_id_hash: &[u8; 32], id: &[u8]) -> Option<&Credential> {
        self.get(id).filter(|credential| credential.rp_id_hash == *rp_id_hash)
    }

    pub fn get(&self, id: &[u8]) -> Option<&Credential> {
        self.credentials.get(id)
    }

    pub fn has(&self, id: &[u8]) -> bool {
        self.credentials.contains_key(id)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.credentials.len()
    }

    /// Every credential, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.values()
    }

    pub fn set_sign_count(&mut self, id: &[u8], sign_count: u32) {
        if let Some(credential) = self.credentials.get_mut(id) {
            self.changes += u64::from(credential.sign_count != sign_count);
            credential.sign_count = sign_count;
        }
    }

    pub fn set_user(&mut self, id: &[u8], user: UserEntity) {
        if let Some(credential) = self.credentials.get_mut(id) {
            self.changes += u64::from(credential.user != user);
            credential.user = user;
        }
    }

    /// Takes a credential out.
    pub fn remove(&mut self, id: &[u8]) -> Option<Credential> {
        let removed = self.credentials.remove(id);
        self.changes += u64::from(removed.is_some());
        removed
    }

    /// The discoverable credentials of an RP ID, newest first.
    pub fn discoverable(&self, rp_id: &str) -> Vec<&Credential> {
        let bound = |credential: &&Credential| credential.discoverable && credential.rp_id.as_deref() == Some(rp_id);
        let mut found: Vec<_> = self.iter().filter(bound).collect();
        found.sort_by_key(|credential| std::cmp::Reverse(credential.created));
        found
    }

    /// How many slots for discoverable credentials are in use.
    pub fn slots_used(&self) -> usize {
        self.iter().filter(|credential| credential.discoverable).count()
    }

    /// Whether a credential of this account can still be added. One that replaces another needs no
    /// slot of its own (`ctap-2.2 §6.1.2` step 17).
    pub fn has_room(&self, rp_id: &str, user_id: &[u8], discoverable: bool, slots: Option<usize>) -> Result<(), Full> {
        let slots_left = slots.is_none_or(|slots| self.slots_used() < slots);
        let replaces = || self.replaced(Some(rp_id), user_id).is_some();
        let room = self.credentials.len() < MAX_CREDENTIALS && (!discoverable || slots_left || replaces());
        if room { Ok(()) } else { Err(Full) }
    }

    fn replaced(&self, rp_id: Option<&str>, user_id: &[u8]) -> Option<&Credential> {
        let same = |credential: &&Credential| {
            credential.discoverable && credential.rp_id.as_deref() == rp_id && credential.user.id == user_id
        };
        self.iter().find(same)
    }

    /// Adds a credential as the newest. A discoverable one takes the place of the one with the same
    /// RP ID and user id.
    pub fn insert(&mut self, mut credential: Credential) {
        if credential.discoverable
            && let Some(old) = self.replaced(credential.rp_id.as_deref(), &credential.user.id).map(|old| old.id.clone())
        {
            self.credentials.remove(&old);
        }
        self.created += 1;
        self.changes += 1;
        credential.created = self.created;
        self.credentials.insert(credential.id.clone(), credential);
    }

    /// Adds a credential that was kept, unless another stands in its place.
    pub fn restore(&mut self, credential: Credential) -> Result<(), &'static str> {
        if self.has(&credential.id) {
            return Err("credential ids");
        }
        if credential.discoverable && self.replaced(credential.rp_id.as_deref(), &credential.user.id).is_some() {
            return Err("accounts");
        }
        self.insert(credential);
        Ok(())
    }

    /// Moves every credential of `other` here, in the order in which they were created.
    pub fn absorb(&mut self, other: &mut Self) {
        self.changes += other.changes;
        let mut moved: Vec<_> = std::mem::take(&mut other.credentials).into_values().collect();
        moved.sort_by_key(|credential| credential.created);
        moved.into_iter().for_each(|credential| self.insert(credential));
    }

    /// Every credential, oldest first.
    pub fn all(&self) -> Vec<Credential> {
        let mut all: Vec<_> = self.iter().cloned().collect();
        all.sort_by_key(|credential| credential.created);
        all
    }
}
