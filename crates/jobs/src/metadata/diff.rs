//! `metadata diff`: what changed between two BLOBs, for all models or for those on a tenant's lists.

use std::collections::BTreeMap;

use lab_entra::{Aaguid, Tenant};
use lab_metadata::ModelKey;
use lab_metadata::changes::{Fate, ModelChange, RootName, changes};
use serde_json::{Value, json};

use super::{Loaded, report_json, report_text, today, verdict};
use crate::report::csv::Csv;
use crate::report::{Cell, Document, Report, Tone};

/// The models that somebody cares for, and where they stand: lists of profiles, registered passkeys.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    models: BTreeMap<Aaguid, Vec<String>>,
}

/// Two BLOBs, compared.
#[derive(Debug)]
pub struct Difference {
    numbers: (u64, u64),
    changes: Vec<(ModelChange, Vec<String>)>,
    others: usize,
    notes: Vec<String>,
    at: jiff::Timestamp,
}

impl Watch {
    /// The AAGUIDs on the lists of a tenant's profiles, and those of the passkeys that are registered.
    #[must_use]
    pub fn of(tenant: &Tenant) -> Self {
        let mut watch = Self::default();
        for profile in tenant.policy().profiles.iter().chain(&tenant.policy().legacy) {
            for aaguid in &profile.keys.aaguids {
                watch.add(*aaguid, format!("list of “{}”", profile.name));
            }
        }
        let mut registered: BTreeMap<Aaguid, usize> = BTreeMap::new();
        let users = tenant.passkeys().into_iter().flat_map(|passkeys| &passkeys.by_user);
        for passkey in users.flat_map(|(_, methods)| &methods.value) {
            if let Some(aaguid) = passkey.aa_guid.as_deref().and_then(|text| text.parse().ok()) {
                *registered.entry(aaguid).or_default() += 1;
            }
        }
        for (aaguid, count) in registered {
            watch.add(aaguid, format!("{count} registered passkeys"));
        }
        watch
    }

    fn add(&mut self, aaguid: Aaguid, place: String) {
        let places = self.models.entry(aaguid).or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }

    fn places(&self, key: &ModelKey) -> Option<&Vec<String>> {
        match key {
            ModelKey::Aaguid(aaguid) => self.models.get(aaguid),
            _ => None,
        }
    }
}

/// Compares two BLOBs; with `watch`, only what concerns its models is shown, and the others are counted.
#[must_use]
pub fn diff(before: &Loaded, after: &Loaded, watch: Option<&Watch>) -> Difference {
    let mut notes = Vec::new();
    for loaded in [before, after] {
        if let Some((id, message)) = loaded.fault() {
            notes.push(format!("{} does not verify ({id}): {message}", loaded.file));
        }
    }
    let (Some(old), Some(new)) = (&before.opened.payload, &after.opened.payload) else {
        notes.push("a BLOB without a payload cannot be compared".to_owned());
        return Difference { numbers: (0, 0), changes: Vec::new(), others: 0, notes, at: after.at };
    };
    if new.no < old.no {
        notes.push(format!("no. {} is older than no. {}: the second BLOB should be the newer one", new.no, old.no));
    }
    let all = changes(old, new);
    let count = all.len();
    let shown = all.into_iter().filter_map(|change| match watch {
        None => Some((change, Vec::new())),
        Some(watch) => watch.places(&change.key).cloned().map(|places| (change, places)),
    });
    let changes: Vec<_> = shown.collect();
    let others = count - changes.len();
    Difference { numbers: (old.no, new.no), changes, others, notes, at: after.at }
}

impl Difference {
    /// 1 where anything differs, 0 where nothing does; 2 where a BLOB could not be read.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match (self.numbers, self.changes.is_empty()) {
            ((0, 0), _) => 2,
            (_, true) => 0,
            (_, false) => 1,
        }
    }

    /// What is worth knowing about the comparison.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The report: what speaks against a model comes first.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut document = Document::new();
        let (before, after) = self.numbers;
        let count = |fate| self.changes.iter().filter(|(change, _)| change.fate() == fate).count();
        document.text(Cell::new(
            format!(
                "no. {before} to no. {after}: {} added, {} removed, {} changed",
                count(Fate::Added),
                count(Fate::Removed),
                count(Fate::Changed)
            ),
            Tone::Strong,
        ));
        if self.others > 0 {
            document.text(format!("{} more differences concern models on none of the tenant's lists", self.others));
        }
        let rows = self.changes.iter().map(|(change, places)| self.row(change, places));
        document.table(&["identifier", "model", "what changed", "trusted now", "listed in"], rows.collect());
        let result = json!({
            "before": before,
            "after": after,
            "changes": self.changes.iter().map(|(change, places)| change_json(change, places)).collect::<Vec<_>>(),
            "others": self.others,
        });
        Report { command: "metadata-diff", result, notes: self.notes.clone(), document }
    }

    fn row(&self, change: &ModelChange, places: &[String]) -> Vec<Cell> {
        let now = match &change.after {
            Some(entry) => verdict(&today(entry, self.at)),
            None => Cell::new("no entry", Tone::Bad),
        };
        let key = change.key.to_string();
        vec![key.into(), change.description().into(), what(change).into(), now, places.join(", ").into()]
    }

    /// One record for each model that differs.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut csv = Csv::new(&["identifier", "description", "fate", "what", "listed_in"]);
        for (change, places) in &self.changes {
            let key = change.key.to_string();
            let (what, places) = (what(change), places.join("; "));
            csv.record([key.as_str(), change.description(), change.fate().name(), &what, &places]);
        }
        csv.finish()
    }
}

/// The differences of a model in one line.
fn what(change: &ModelChange) -> String {
    let mut parts = match change.fate() {
        Fate::Changed => Vec::new(),
        fate => vec![fate.name().to_owned()],
    };
    let listed = |name: &str, texts: Vec<String>| (!texts.is_empty()).then(|| format!("{name} {}", texts.join(", ")));
    let statuses = |reports: &[lab_metadata::StatusReport]| reports.iter().map(report_text).collect::<Vec<_>>();
    let roots = |roots: &[RootName]| roots.iter().map(|root| root.subject.clone()).collect::<Vec<_>>();
    parts.extend(listed("new:", statuses(&change.new_statuses)));
    parts.extend(listed("gone:", statuses(&change.gone_statuses)));
    if change.fate() == Fate::Changed {
        parts.extend(listed("new roots:", roots(&change.new_roots)));
        parts.extend(listed("roots gone:", roots(&change.gone_roots)));
        parts.extend(listed("also", change.members.clone()));
    }
    parts.join("; ")
}

fn change_json(change: &ModelChange, places: &[String]) -> Value {
    let roots = |roots: &[RootName]| {
        roots.iter().map(|root| json!({"subject": root.subject, "sha256": root.sha256})).collect::<Vec<_>>()
    };
    json!({
        "identifier": change.key.to_string(),
        "description": change.description(),
        "fate": change.fate().name(),
        "new_statuses": change.new_statuses.iter().map(report_json).collect::<Vec<_>>(),
        "gone_statuses": change.gone_statuses.iter().map(report_json).collect::<Vec<_>>(),
        "new_roots": roots(&change.new_roots),
        "gone_roots": roots(&change.gone_roots),
        "members": change.members,
        "listed_in": places,
    })
}
