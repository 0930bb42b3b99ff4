//! `key credentials clean`: deletes what the ledger has, and nothing else.

use lab_client::manage::credentials::{Credential, RelyingParty};
use lab_protocol::ctap2::StatusCode;
use serde::Serialize;

use super::KeyName;
use super::client::{Denial, KeyClient};
use super::guard;
use super::judging;
use super::ledger::{Book, Entry, Ledger};
use super::register::passkeys;
use crate::error::JobError;
use crate::report::{Cell, Document, Report};

/// What cleaning came to.
#[derive(Debug, Clone, Serialize)]
pub struct Cleaning {
    key: KeyName,
    /// Deleted from the key, and from the ledger.
    deleted: Vec<Entry>,
    /// Not on the key, and taken out of the ledger.
    forgotten: Vec<Entry>,
    /// Not on this key: they stay in the ledger.
    kept: Vec<Entry>,
}

/// The entry of a credential that is on a key: same relying party, same random handle, and the same id where
/// the key told one.
pub(super) fn entry_of<'l>(ledger: &'l Ledger, party: &RelyingParty, credential: &Credential) -> Option<&'l Entry> {
    let is_it = |entry: &&Entry| {
        entry.user_handle.0 == credential.user.id
            && entry.user_handle.0.starts_with(guard::TAG)
            && !guard::held(std::slice::from_ref(party), &entry.rp_id).is_empty()
            && entry.credential_id.as_ref().is_none_or(|id| id.0 == credential.id.id)
    };
    ledger.entries().iter().find(is_it)
}

/// Deletes from the key what the ledger has. `agree` is told what, and may say no.
///
/// An entry that is not on the key stays, for it may be on another one; it goes where the key is certainly
/// the entry's (its serial number says so), or where `forget` says that there is no other.
///
/// # Errors
/// The key gives no answer or does not show what it holds; the ledger cannot be kept.
pub fn clean(
    key: &KeyName,
    client: &mut dyn KeyClient,
    book: &mut Book<'_>,
    forget: bool,
    agree: &mut dyn FnMut(&[String]) -> bool,
) -> Result<Cleaning, JobError> {
    let key = judging::identify(key, client)?;
    let mut cleaning = Cleaning { key, deleted: Vec::new(), forgotten: Vec::new(), kept: Vec::new() };
    if book.ledger().entries().is_empty() {
        return Ok(cleaning);
    }
    let found = found(client, book.ledger())?;
    let says = says(&found, &cleaning.key);
    if !found.is_empty() && !agree(&says) {
        cleaning.kept = book.ledger().entries().to_vec();
        return Ok(cleaning);
    }
    for (entry, credential) in found {
        match client.delete(credential.id) {
            Ok(()) | Err(Denial::Refused { status: Some(StatusCode::NO_CREDENTIALS), .. }) => {}
            Err(denial) => return Err(denial.into()),
        }
        book.strike(&[&entry.user_handle.0])?;
        cleaning.deleted.push(entry);
    }
    let rest = book.ledger().entries().to_vec();
    let gone = |entry: &Entry| forget || entry.key.is_certainly(&cleaning.key);
    (cleaning.forgotten, cleaning.kept) = rest.into_iter().partition(gone);
    let handles: Vec<&[u8]> = cleaning.forgotten.iter().map(|entry| &entry.user_handle.0[..]).collect();
    if !handles.is_empty() {
        book.strike(&handles)?;
    }
    Ok(cleaning)
}

/// The entries whose credentials are on the key.
fn found(client: &mut dyn KeyClient, ledger: &Ledger) -> Result<Vec<(Entry, Credential)>, Denial> {
    let parties = client.credentials()?;
    let pairs = parties.iter().flat_map(|party| {
        party
            .credentials
            .iter()
            .filter_map(move |credential| Some((entry_of(ledger, party, credential)?.clone(), credential.clone())))
    });
    Ok(pairs.collect())
}

fn says(found: &[(Entry, Credential)], key: &KeyName) -> Vec<String> {
    let each = found.iter().map(|(entry, _)| {
        format!("the passkey of {} for “{}” will be deleted from {key}", entry.rp_id, entry.user_name)
    });
    each.collect()
}

impl Cleaning {
    /// The report.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut document = Document::new();
        document.text(format!("{} deleted from {}", passkeys(self.deleted.len()), self.key));
        let rows = |entries: &[Entry], what: &'static str| {
            let row =
                |entry: &Entry| vec![entry.rp_id.clone().into(), entry.user_name.clone().into(), Cell::from(what)];
            entries.iter().map(row).collect::<Vec<_>>()
        };
        let all = [
            rows(&self.deleted, "deleted"),
            rows(&self.forgotten, "was not on the key: forgotten"),
            rows(&self.kept, "not on this key: stays in the ledger"),
        ];
        document.table(&["relying party", "user", "now"], all.concat());
        if !self.kept.is_empty() {
            document.hint(Some(
                "plug in the key that has them and clean again; --forget takes out what is on no key any more",
            ));
        }
        let result = serde_json::to_value(self).unwrap_or_default();
        Report { command: "key-clean", result, notes: Vec::new(), document }
    }
}
