//! `key credentials`: what a key holds.

use lab_client::manage::credentials::{Credential, RelyingParty};
use lab_protocol::Base64Url;
use serde::Serialize;

use super::KeyName;
use super::client::KeyClient;
use super::judging;
use super::ledger::Ledger;
use super::register::{Slots, passkeys};
use crate::error::JobError;
use crate::report::{Cell, Document, Report, Tone};

/// What a key holds.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    key: KeyName,
    slots: Slots,
    credentials: Vec<Row>,
}

/// One passkey.
#[derive(Debug, Clone, Serialize)]
struct Row {
    rp_id: String,
    user_name: Option<String>,
    user_display_name: Option<String>,
    user_handle: Base64Url,
    credential_id: Base64Url,
    cred_protect: Option<i64>,
    /// Whether the ledger knows it: `key credentials clean` deletes it.
    lab: bool,
}

/// Asks a key for everything that it holds.
///
/// # Errors
/// The key gives no answer, or does not show it.
pub fn credentials(key: &KeyName, client: &mut dyn KeyClient, ledger: &Ledger) -> Result<Held, JobError> {
    let key = judging::identify(key, client)?;
    let counts = client.slots()?;
    let parties = client.credentials()?;
    let rows = |party: &RelyingParty| {
        let row = |credential: &Credential| Row::of(party, credential, ledger);
        party.credentials.iter().map(row).collect::<Vec<_>>()
    };
    Ok(Held {
        key,
        slots: Slots { existing: Some(counts.existing), remaining: Some(counts.remaining) },
        credentials: parties.iter().flat_map(rows).collect(),
    })
}

impl Row {
    fn of(party: &RelyingParty, credential: &Credential, ledger: &Ledger) -> Self {
        Self {
            rp_id: party.rp.id.clone(),
            user_name: credential.user.name.clone(),
            user_display_name: credential.user.display_name.clone(),
            user_handle: credential.user.id.clone().into(),
            credential_id: credential.id.id.clone().into(),
            cred_protect: credential.cred_protect,
            lab: super::clean::entry_of(ledger, party, credential).is_some(),
        }
    }

    fn cells(&self) -> Vec<Cell> {
        let name = self.user_name.as_deref().or(self.user_display_name.as_deref()).unwrap_or("(no name)");
        let lab = if self.lab { Cell::new("lab", Tone::Doubt) } else { Cell::default() };
        vec![self.rp_id.as_str().into(), name.into(), self.credential_id.to_string().into(), lab]
    }
}

impl Held {
    /// The report.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut document = Document::new();
        let free = self.slots.remaining.map(|free| format!(", room for {free} more")).unwrap_or_default();
        document.text(format!("{} holds {}{free}", self.key, passkeys(self.credentials.len())));
        let rows = self.credentials.iter().map(Row::cells).collect();
        document.table(&["relying party", "user", "credential id", "written by"], rows);
        let result = serde_json::to_value(self).unwrap_or_default();
        Report { command: "key-credentials", result, notes: Vec::new(), document }
    }
}
