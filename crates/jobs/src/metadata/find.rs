//! `metadata find`: is this model trusted today?

use std::sync::Arc;

use jiff::Timestamp;
use lab_metadata::{Entry, ModelKey};
use serde_json::{Value, json};

use super::check::short_of;
use super::{Loaded, report_json, report_text, today, verdict, verdict_name};
use crate::models::Catalogue;
use crate::report::csv::Csv;
use crate::report::{Cell, Document, Report};

/// The most words of a query that are looked at.
const MAX_WORDS: usize = 16;

/// The entries that have every word of a query.
#[derive(Debug)]
pub struct Found {
    rows: Vec<Row>,
    notes: Vec<String>,
    at: Timestamp,
}

#[derive(Debug)]
struct Row {
    entry: Arc<Entry>,
    model: Option<String>,
    lacks: Option<String>,
}

/// Looks for words in names, identifiers, statuses, and the ids of the emulated models. Without words,
/// every entry.
#[must_use]
pub fn find(loaded: &Loaded, catalogue: &Catalogue, query: &str) -> Found {
    let words: Vec<String> = query.split_whitespace().take(MAX_WORDS).map(str::to_lowercase).collect();
    let mut rows = Vec::new();
    for entry in loaded.opened.payload.iter().flat_map(lab_metadata::Payload::entries) {
        let model = match entry.key() {
            Some(ModelKey::Aaguid(aaguid)) => catalogue.of_aaguid(*aaguid).map(|model| model.id.clone()),
            _ => None,
        };
        let text = text(entry, model.as_deref());
        if words.iter().all(|word| text.contains(word.as_str())) {
            rows.push(Row { entry: Arc::clone(entry), model, lacks: short_of(entry, loaded) });
        }
    }
    rows.sort_by(|a, b| {
        a.entry.description().cmp(b.entry.description()).then_with(|| a.entry.key().cmp(&b.entry.key()))
    });
    let mut notes: Vec<String> = Vec::new();
    if let Some((id, message)) = loaded.fault() {
        notes.push(format!("this BLOB does not verify ({id}), so nobody vouches for what it says: {message}"));
    }
    if rows.is_empty() {
        notes.push(format!("no entry has all of “{}”", words.join(" ")));
    }
    Found { rows, notes, at: loaded.at }
}

/// Everything that a word can be part of, in lower case.
fn text(entry: &Entry, model: Option<&str>) -> String {
    let key = entry.key().map(ToString::to_string).unwrap_or_default();
    let others = entry.members.attestation_certificate_key_identifiers.iter().flatten().cloned();
    let statuses = entry.status_reports().iter().filter_map(|report| report.status.as_ref().map(ToString::to_string));
    let words = [entry.description().to_owned(), key, model.unwrap_or_default().to_owned()];
    words.into_iter().chain(others).chain(statuses).collect::<Vec<_>>().join("\n").to_lowercase()
}

impl Found {
    /// The report: of one entry all that matters, of several a line each.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut document = Document::new();
        match self.rows.as_slice() {
            [] => {
                document.text("Nothing was found.");
            }
            [one] => page(&mut document, one, self.at),
            several => {
                let row = |row: &Row| {
                    let key = row.entry.key().map(ToString::to_string).unwrap_or_default();
                    vec![key.into(), row.entry.description().into(), verdict(&today(&row.entry, self.at))]
                };
                document.table(&["identifier", "model", "trusted today"], several.iter().map(row).collect());
                document.text(format!("{} entries", several.len()));
            }
        }
        let result = self.rows.iter().map(|row| row.json(self.at));
        Report { command: "metadata-find", result: result.collect(), notes: self.notes.clone(), document }
    }

    /// What is worth knowing about the search.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// One record for each entry.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut csv =
            Csv::new(&["identifier", "description", "verdict", "certification", "statuses", "entra", "model"]);
        for row in &self.rows {
            let standing = today(&row.entry, self.at);
            let statuses: Vec<String> = row.entry.status_reports().iter().map(report_text).collect();
            csv.record([
                row.entry.key().map(ToString::to_string).unwrap_or_default().as_str(),
                row.entry.description(),
                verdict_name(&standing),
                standing.certification.as_ref().map_or("", |level| level.as_str()),
                &statuses.join("; "),
                row.lacks.as_deref().unwrap_or("attestable"),
                row.model.as_deref().unwrap_or_default(),
            ]);
        }
        csv.finish()
    }
}

fn page(document: &mut Document, row: &Row, at: Timestamp) {
    let entry = &row.entry;
    let standing = today(entry, at);
    document.heading(entry.description());
    let statuses: Vec<String> = entry.status_reports().iter().map(report_text).collect();
    let mut fields: Vec<(&str, Cell)> = vec![
        ("identifier", entry.key().map(ToString::to_string).unwrap_or_default().into()),
        ("trusted today", verdict(&standing)),
        (
            "attested to Entra",
            row.lacks
                .as_ref()
                .map_or_else(|| "yes, as far as metadata goes".into(), |lack| format!("no: {lack}").into()),
        ),
        ("status reports", statuses.join(", ").into()),
    ];
    let remarks: Vec<String> = standing.remarks.iter().map(ToString::to_string).collect();
    if !remarks.is_empty() {
        fields.push(("remarks", remarks.join("; ").into()));
    }
    for root in entry.roots().iter() {
        fields.push(("root", root.label().into()));
    }
    if let Some(model) = &row.model {
        fields.push(("model of the lab", model.as_str().into()));
    }
    if let Some(problem) = entry.findings.problems.first() {
        fields.push(("problem", problem.to_string().into()));
    }
    document.fields(fields);
    document.hint(standing.refusals.first().and_then(lab_protocol::trace::Reason::hint));
}

impl Row {
    fn json(&self, at: Timestamp) -> Value {
        let (entry, standing) = (&self.entry, today(&self.entry, at));
        let statement = entry.statement();
        json!({
            "identifier": entry.key().map(ToString::to_string),
            "description": entry.description(),
            "family": statement.and_then(|statement| statement.protocol_family.as_ref()).map(ToString::to_string),
            "verdict": verdict_name(&standing),
            "certification": standing.certification.as_ref().map(ToString::to_string),
            "refusals": standing.refusals.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "remarks": standing.remarks.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "statuses": entry.status_reports().iter().map(report_json).collect::<Vec<_>>(),
            "time_of_last_status_change": entry.members.time_of_last_status_change.map(|date| date.to_string()),
            "roots": entry.roots().iter().map(lab_attestation::trust::Anchor::label).collect::<Vec<_>>(),
            "attestable_to_entra": self.lacks.is_none(),
            "lacks": self.lacks,
            "model": self.model,
            "problems": entry.findings.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}
