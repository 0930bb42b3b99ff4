//! What keeps a real key's own passkeys as they are.
//!
//! A discoverable credential with the RP ID and user handle of another one *replaces* it
//! (`ctap-2.2 §6.1.2`). So the lab's handles are random, and where the RP ID is one that real passkeys
//! have, the key first has to show what it holds.

use lab_client::manage::credentials::{Credential, RelyingParty};
use lab_protocol::{Random, base64url};
use sha2::{Digest, Sha256};

use super::client::{Denial, KeyClient};

/// How user handles of the lab begin.
pub const TAG: &[u8; 3] = b"LAB";
/// How long they are: as long as Entra's.
pub const LENGTH: usize = 51;
/// The endings of names that no real relying party has (RFC 2606, RFC 6761).
const LABORATORIES: [&str; 4] = [".localhost", ".test", ".example", ".invalid"];

/// Why a key is not written to.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GuardError {
    /// The key holds a passkey that the new one could be taken for.
    #[error(
        "the key holds a passkey of {rp_id} for {user} (user handle {user_handle}), and a new one for the same user \
         could replace it"
    )]
    Held {
        /// The RP ID.
        rp_id: String,
        /// The user of the passkey that is there.
        user: String,
        /// Its user handle.
        user_handle: String,
    },
    /// The key does not show what it holds.
    #[error("the key does not show what it holds for {rp_id}, so that a passkey there could be replaced: {why}")]
    Unlisted {
        /// The RP ID.
        rp_id: String,
        /// Why not.
        why: String,
    },
    /// A handle that is not the lab's.
    #[error("the user handle {0} is not one of the lab's, and no real key is ever given another")]
    Handle(String),
    /// A key made from a seed could be anybody's.
    #[error("--seed and a real key do not go together: its keys are its own, and handles from a seed would come again")]
    Seed,
    /// There is nothing to sign in with.
    #[error("the ledger has no passkey for {rp_id} that was registered with this lab")]
    NothingRegistered {
        /// The RP ID.
        rp_id: String,
    },
}

impl GuardError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Held { .. } => "rehearse with the lab's own RP ID (leave out --rp-id), or with another user",
            Self::Unlisted { .. } => {
                "rehearse with the lab's own RP ID (leave out --rp-id), or use a key with a PIN and credential management"
            }
            Self::Handle(_) => "leave the user handle to the lab",
            Self::Seed => "leave --seed out; --at may stay",
            Self::NothingRegistered { .. } => "`passkey-lab key register` makes one",
        }
        .to_owned()
    }

    /// 2 where the request is the fault, 3 where something is missing.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Held { .. } | Self::Handle(_) | Self::Seed => 2,
            Self::Unlisted { .. } | Self::NothingRegistered { .. } => 3,
        }
    }
}

/// A user handle of the lab.
pub fn handle(random: &mut dyn Random) -> Vec<u8> {
    let mut handle = vec![0; LENGTH];
    random.fill(&mut handle);
    handle.iter_mut().zip(TAG).for_each(|(place, tag)| *place = *tag);
    handle
}

/// Refuses a handle that is not the lab's.
///
/// # Errors
/// [`GuardError::Handle`].
pub fn of_the_lab(user_handle: &[u8]) -> Result<(), GuardError> {
    match user_handle.starts_with(TAG) {
        true => Ok(()),
        false => Err(GuardError::Handle(base64url::encode(user_handle))),
    }
}

/// Whether no real relying party can have this name.
#[must_use]
pub fn is_laboratory(rp_id: &str) -> bool {
    let ends = |ending: &str| rp_id.len() > ending.len() && rp_id.ends_with(ending);
    rp_id == "localhost" || LABORATORIES.iter().any(|ending| ends(ending))
}

/// What the key holds for a name that real passkeys have: nothing of this user.
///
/// # Errors
/// It holds something of this user, or does not show what it holds.
pub fn look(
    client: &mut dyn KeyClient,
    rp_id: &str,
    user_handle: &[u8],
    user_name: &str,
) -> Result<Result<Vec<Credential>, GuardError>, Denial> {
    let unlisted = |why: String| Ok(Err(GuardError::Unlisted { rp_id: rp_id.to_owned(), why }));
    let parties = match client.credentials() {
        Ok(parties) => parties,
        Err(Denial::Lacks(why)) => return unlisted(why),
        Err(denial @ Denial::Refused { .. }) => return unlisted(denial.to_string()),
        Err(denial) => return Err(denial),
    };
    Ok(judge(held(&parties, rp_id), rp_id, user_handle, user_name))
}

/// What a key holds for an RP ID; some keys cut long ones off, so that the hash counts.
#[must_use]
pub fn held(parties: &[RelyingParty], rp_id: &str) -> Vec<Credential> {
    let hash = Sha256::digest(rp_id.as_bytes());
    let of_it = |party: &&RelyingParty| party.rp_id_hash == hash.as_slice() || party.rp.id == rp_id;
    parties.iter().filter(of_it).flat_map(|party| party.credentials.clone()).collect()
}

/// Refuses a user that the key holds a passkey of, by handle or by name.
fn judge(
    held: Vec<Credential>,
    rp_id: &str,
    user_handle: &[u8],
    user_name: &str,
) -> Result<Vec<Credential>, GuardError> {
    let names = |credential: &Credential| {
        let names = [&credential.user.name, &credential.user.display_name];
        names.into_iter().flatten().any(|name| name.eq_ignore_ascii_case(user_name))
    };
    match held.iter().find(|credential| credential.user.id == user_handle || names(credential)) {
        Some(credential) => Err(GuardError::Held {
            rp_id: rp_id.to_owned(),
            user: credential.user.name.clone().unwrap_or_else(|| "a user without a name".to_owned()),
            user_handle: base64url::encode(&credential.user.id),
        }),
        None => Ok(held),
    }
}
