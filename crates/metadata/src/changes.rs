//! What two BLOBs say differently, model by model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lab_attestation::sha256;

use crate::entry::{Entry, ModelKey, StatusReport};
use crate::payload::Payload;

/// The differences of one model. Of one that is new or gone, everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChange {
    /// The model.
    pub key: ModelKey,
    /// Its entry before; `None` for a new model.
    pub before: Option<Arc<Entry>>,
    /// Its entry after; `None` for one that is gone.
    pub after: Option<Arc<Entry>>,
    /// Status reports that came.
    pub new_statuses: Vec<StatusReport>,
    /// Status reports that went.
    pub gone_statuses: Vec<StatusReport>,
    /// Roots that came: subject and SHA-256.
    pub new_roots: Vec<RootName>,
    /// Roots that went.
    pub gone_roots: Vec<RootName>,
    /// Members of the statement that differ otherwise, by name.
    pub members: Vec<String>,
}

/// A root, as a person and as a program names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootName {
    /// The subject.
    pub subject: String,
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    pub sha256: String,
}

/// What became of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// Something about it changed.
    Changed,
}

impl Fate {
    /// The name used in JSON results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

impl ModelChange {
    /// What became of the model.
    #[must_use]
    pub const fn fate(&self) -> Fate {
        match (&self.before, &self.after) {
            (None, _) => Fate::Added,
            (_, None) => Fate::Removed,
            _ => Fate::Changed,
        }
    }

    /// Its name, the newest.
    #[must_use]
    pub fn description(&self) -> &str {
        self.after.as_ref().or(self.before.as_ref()).map_or("", |entry| entry.description())
    }
}

/// The models that differ, by identifier. The order of entries and of their members is no difference.
#[must_use]
pub fn changes(before: &Payload, after: &Payload) -> Vec<ModelChange> {
    let (before, after) = (by_key(before), by_key(after));
    let keys: BTreeSet<&ModelKey> = before.keys().chain(after.keys()).collect();
    keys.into_iter().filter_map(|key| change(key, before.get(key), after.get(key))).collect()
}

/// Of several entries of one model the first counts, as in a look-up.
fn by_key(payload: &Payload) -> BTreeMap<ModelKey, Arc<Entry>> {
    let mut found = BTreeMap::new();
    for entry in payload.entries() {
        if let Some(key) = entry.key() {
            found.entry(key.clone()).or_insert_with(|| Arc::clone(entry));
        }
    }
    found
}

fn change(key: &ModelKey, before: Option<&Arc<Entry>>, after: Option<&Arc<Entry>>) -> Option<ModelChange> {
    let reports = |entry: Option<&Arc<Entry>>| entry.map(|entry| entry.status_reports().to_vec()).unwrap_or_default();
    let (new_statuses, gone_statuses) = both(&reports(before), &reports(after));
    let (new_roots, gone_roots) = both(&roots(before), &roots(after));
    let members = match (before, after) {
        (Some(before), Some(after)) => members(before, after),
        _ => Vec::new(),
    };
    let change = ModelChange {
        key: key.clone(),
        before: before.cloned(),
        after: after.cloned(),
        new_statuses,
        gone_statuses,
        new_roots,
        gone_roots,
        members,
    };
    let same = change.fate() == Fate::Changed
        && change.new_statuses.is_empty()
        && change.gone_statuses.is_empty()
        && change.new_roots.is_empty()
        && change.gone_roots.is_empty()
        && change.members.is_empty();
    (!same).then_some(change)
}

/// What only the second has, and what only the first has.
fn both<T: PartialEq + Clone>(before: &[T], after: &[T]) -> (Vec<T>, Vec<T>) {
    let only = |these: &[T], those: &[T]| these.iter().filter(|this| !those.contains(this)).cloned().collect();
    (only(after, before), only(before, after))
}

fn roots(entry: Option<&Arc<Entry>>) -> Vec<RootName> {
    let anchors = entry.into_iter().flat_map(|entry| entry.roots().iter());
    let name = |der: &[u8]| sha256(der).iter().map(|byte| format!("{byte:02x}")).collect();
    anchors.map(|anchor| RootName { subject: anchor.label().to_owned(), sha256: name(anchor.der()) }).collect()
}

/// The members of the statement that differ, roots left out; and those of the entry, statuses and their date
/// left out.
fn members(before: &Entry, after: &Entry) -> Vec<String> {
    use crate::member::Member as _;
    let flat = |entry: &Entry| {
        let mut all = BTreeMap::new();
        if let serde_json::Value::Object(members) = entry.members.write() {
            for (name, value) in members {
                match value {
                    serde_json::Value::Object(inner) if name == "metadataStatement" => all.extend(inner),
                    other => _ = all.insert(name, other),
                }
            }
        }
        all.remove("statusReports");
        all.remove("timeOfLastStatusChange");
        all.remove("attestationRootCertificates");
        all
    };
    let (before, after) = (flat(before), flat(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}
