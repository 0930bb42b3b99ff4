//! What the lab wrote to keys, or may have written.
//!
//! An entry is there before a key is asked, and goes when the key refused or the credential was deleted.
//! So whatever ends a command, and whenever: the ledger never has less than the keys.

use std::str::FromStr;

use jiff::Timestamp;
use lab_protocol::{Aaguid, Base64Url};
use lab_relying_party::CredentialRecord;
use serde::{Deserialize, Serialize};

use super::KeyName;

/// The form of the file.
const SCHEMA: &str = "passkey-lab/ledger/1";
/// The most entries that are read.
pub const MAX_ENTRIES: usize = 10_000;

/// Every entry, in the order in which keys were asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    entries: Vec<Entry>,
}

/// One credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How far it came.
    pub state: State,
    /// When the key was asked.
    pub at: Timestamp,
    /// The RP ID.
    pub rp_id: String,
    /// The user handle: the lab's own, random, so that no other credential has it.
    pub user_handle: Base64Url,
    /// The user's name, as it was written.
    pub user_name: String,
    /// The key.
    pub key: KeyName,
    /// The credential id, once the key told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<Base64Url>,
    /// What a sign-in is held against, where the registration was valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<CredentialRecord>,
    /// The model that it named at registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<Aaguid>,
}

/// How far a credential came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The key was asked; whether it wrote is not known.
    Asked,
    /// The key said that it wrote.
    Written,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: String,
    entries: Vec<Entry>,
}

/// Why there is no ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The text is no ledger.
    #[error("the ledger cannot be read at {path}: {message}")]
    Unreadable {
        /// The place in the file.
        path: String,
        /// What is wrong there.
        message: String,
    },
    /// It is of another kind or of a later version.
    #[error("the ledger has the schema “{0}”, expected “{SCHEMA}”")]
    Schema(String),
    /// It has more entries than are read.
    #[error("the ledger has {0} entries, at most {MAX_ENTRIES} are read")]
    TooMany(usize),
    /// It could not be kept.
    #[error("the ledger cannot be written, so nothing is written to the key: {0}")]
    NotKept(String),
}

impl FromStr for Ledger {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let read: Result<Stored, _> = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text));
        let Stored { schema, entries } = read.map_err(|error| LedgerError::Unreadable {
            path: error.path().to_string(),
            message: error.inner().to_string(),
        })?;
        match entries.len() {
            _ if schema != SCHEMA => Err(LedgerError::Schema(schema.chars().take(60).collect())),
            found if found > MAX_ENTRIES => Err(LedgerError::TooMany(found)),
            _ => Ok(Self { entries }),
        }
    }
}

impl Ledger {
    /// A ledger without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Its entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        let stored = Stored { schema: SCHEMA.to_owned(), entries: self.entries.clone() };
        // Nothing in it can fail to be written as JSON.
        serde_json::to_string_pretty(&stored).map(|text| text + "\n").unwrap_or_default()
    }

    /// The entry of a credential, by its RP ID and user handle.
    #[must_use]
    pub fn find(&self, rp_id: &str, user_handle: &[u8]) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.rp_id == rp_id && entry.user_handle.0 == user_handle)
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

/// A ledger with the place where it is kept.
pub struct Book<'k> {
    ledger: Ledger,
    keep: &'k mut dyn FnMut(&str) -> Result<(), String>,
}

impl<'k> Book<'k> {
    /// A ledger that `keep` makes durable: it returns when the text is on the disk.
    pub fn new(ledger: Ledger, keep: &'k mut dyn FnMut(&str) -> Result<(), String>) -> Self {
        Self { ledger, keep }
    }

    /// What stands in it.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Enters a credential that a key is about to be asked for.
    ///
    /// # Errors
    /// It could not be kept, or there are too many.
    pub fn ask(&mut self, entry: Entry) -> Result<(), LedgerError> {
        if self.ledger.entries.len() >= MAX_ENTRIES {
            return Err(LedgerError::TooMany(MAX_ENTRIES + 1));
        }
        self.change(|entries| entries.push(entry))
    }

    /// Changes the entry with this user handle.
    ///
    /// # Errors
    /// It could not be kept.
    pub fn note(&mut self, user_handle: &[u8], change: impl FnMut(&mut Entry)) -> Result<(), LedgerError> {
        self.change(|entries| {
            entries.iter_mut().find(|entry| entry.user_handle.0 == user_handle).into_iter().for_each(change)
        })
    }

    /// Takes out the entries with these user handles.
    ///
    /// # Errors
    /// It could not be kept.
    pub fn strike(&mut self, user_handles: &[&[u8]]) -> Result<(), LedgerError> {
        self.change(|entries| entries.retain(|entry| !user_handles.contains(&&entry.user_handle.0[..])))
    }

    fn change(&mut self, change: impl FnOnce(&mut Vec<Entry>)) -> Result<(), LedgerError> {
        let mut changed = self.ledger.clone();
        change(&mut changed.entries);
        (self.keep)(&changed.text()).map_err(LedgerError::NotKept)?;
        self.ledger = changed;
        Ok(())
    }
}

impl std::fmt::Debug for Book<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Book").field(&self.ledger).finish()
    }
}
