//! `metadata check`: a BLOB verified step by step, and every entry read.

use std::collections::BTreeMap;

use lab_authenticator::lists::AaguidList;
use lab_metadata::{Entry, ModelKey, Payload};
use lab_protocol::Aaguid;
use serde_json::{Value, json};

use super::{Loaded, today};
use crate::report::{Cell, Document, Report, Tone};
use crate::trace_view;

/// The most rows of a table that a person is shown; JSON has them all.
const SHOWN: usize = 40;

/// The result of a check.
#[derive(Debug)]
pub struct Checked {
    /// The report.
    pub report: Report,
    /// Whether the BLOB verifies.
    pub verified: bool,
}

/// Verifies a BLOB, reads every entry, and holds the vendor table of Microsoft's against it. Problems of
/// entries are their vendors' and leave the BLOB what it is.
#[must_use]
pub fn check(loaded: &Loaded, table: &AaguidList, all: bool) -> Checked {
    let verified = loaded.opened.verified();
    let fault = loaded.fault();
    let mut document = Document::new();
    match &fault {
        None => document.text(Cell::new("VERIFIED", Tone::Good)),
        Some((id, message)) => {
            document.text(Cell::new(format!("NOT VERIFIED by {id}"), Tone::Bad)).text(message.as_str())
        }
    };
    let trace = trace_view::entries(&loaded.opened.trace);
    trace_view::show(&mut document, "Checks", &trace, true);
    let mut result = json!({
        "verified": verified,
        "decided_by": fault.as_ref().map(|(id, _)| id),
        "message": fault.map_or_else(|| "Every check passed.".to_owned(), |(_, message)| message),
        "signers": signers(loaded),
        "trace": trace,
    });
    let mut notes = Vec::new();
    if let (Some(payload), Value::Object(members)) = (&loaded.opened.payload, &mut result) {
        let read = Read::of(payload);
        read.show(&mut document, all);
        members.insert("no".to_owned(), payload.no.into());
        members.insert("next_update".to_owned(), payload.next_update.to_string().into());
        members.insert("entries".to_owned(), read.json());
        let compared = Compared::of(payload, table, loaded);
        compared.show(&mut document, all);
        members.insert("vendor_table".to_owned(), compared.json());
        notes.push(format!("the vendor table is {}", table.source));
    }
    Checked { report: Report { command: "metadata-check", result, notes, document }, verified }
}

fn signers(loaded: &Loaded) -> Vec<Value> {
    let signer = |signer: &lab_metadata::open::Signer| {
        json!({
            "subject": signer.subject,
            "not_after": signer.not_after.to_string(),
            "revocation": signer.revocation.name(),
            "message": signer.revocation.to_string(),
        })
    };
    loaded.opened.signers.iter().map(signer).collect()
}

/// What reading every entry found.
struct Read {
    entries: usize,
    clean: usize,
    problems: Vec<Line>,
    unknown: Vec<Line>,
}

/// Something about one entry.
struct Line {
    model: String,
    name: String,
    path: String,
    message: String,
}

impl Read {
    fn of(payload: &Payload) -> Self {
        let mut read = Self { entries: payload.len(), clean: 0, problems: Vec::new(), unknown: Vec::new() };
        for (place, entry) in payload.entries().enumerate() {
            let model = entry.key().map_or_else(|| format!("entry {place}"), ToString::to_string);
            let line = |path: &str, message: String| Line {
                model: model.clone(),
                name: entry.description().to_owned(),
                path: path.to_owned(),
                message,
            };
            let findings = &entry.findings;
            read.clean += usize::from(findings.problems.is_empty());
            let problems = findings.problems.iter().map(|problem| line(&problem.path, problem.to_string()));
            read.problems.extend(problems);
            read.unknown.extend(findings.unknown.iter().map(|unknown| line(&unknown.path, unknown.to_string())));
            if payload.repeated().contains(&place) {
                read.problems
                    .push(line("$", "an earlier entry has the same identifier, and nobody finds this one".to_owned()));
            }
        }
        read
    }

    fn show(&self, document: &mut Document, all: bool) {
        document.heading("Entries");
        let good = self.problems.is_empty();
        let text = format!(
            "{} entries, {} of them without a problem; {} members or values that the lab does not know",
            self.entries,
            self.clean,
            self.unknown.len()
        );
        document.text(Cell::new(text, if good { Tone::Good } else { Tone::Doubt }));
        let row =
            |line: &Line| vec![line.model.as_str().into(), line.name.as_str().into(), line.message.as_str().into()];
        let most = if all { usize::MAX } else { SHOWN };
        document.table(&["entry", "model", "what is wrong"], self.problems.iter().take(most).map(row).collect());
        if all {
            document.table(&["entry", "model", "what is unknown"], self.unknown.iter().map(row).collect());
        }
    }

    fn json(&self) -> Value {
        let line =
            |line: &Line| json!({"entry": line.model, "name": line.name, "path": line.path, "message": line.message});
        json!({
            "read": self.entries,
            "clean": self.clean,
            "problems": self.problems.iter().map(line).collect::<Vec<_>>(),
            "unknown": self.unknown.iter().map(line).collect::<Vec<_>>(),
        })
    }
}

/// The vendor table, held against the BLOB.
struct Compared {
    /// Listed, and the BLOB has no entry, or one that would not pass; with the reason.
    listed_only: Vec<(Aaguid, String, String)>,
    /// It would pass by the BLOB, and is not listed.
    blob_only: Vec<(Aaguid, String)>,
}

impl Compared {
    fn of(payload: &Payload, table: &AaguidList, loaded: &Loaded) -> Self {
        let listed: BTreeMap<Aaguid, &str> = table.rows.iter().map(|row| (row.aaguid, row.name.as_str())).collect();
        let objection = |aaguid: &Aaguid| match payload.by_aaguid(*aaguid) {
            None => Some("no entry: the table knows a newer BLOB, or metadata lost it".to_owned()),
            Some(entry) => short_of(entry, loaded),
        };
        let listed_only =
            listed.iter().filter_map(|(aaguid, name)| Some((*aaguid, (*name).to_owned(), objection(aaguid)?)));
        let blob_only = payload.entries().filter_map(|entry| match entry.key() {
            Some(ModelKey::Aaguid(aaguid)) if !listed.contains_key(aaguid) && short_of(entry, loaded).is_none() => {
                Some((*aaguid, entry.description().to_owned()))
            }
            _ => None,
        });
        Self { listed_only: listed_only.collect(), blob_only: blob_only.collect() }
    }

    fn show(&self, document: &mut Document, all: bool) {
        document.heading("Microsoft's table of attestable keys");
        let text = format!(
            "{} models of the table are not attestable by this BLOB, {} attestable models are not in the table",
            self.listed_only.len(),
            self.blob_only.len()
        );
        document.text(text);
        if all {
            let row = |(aaguid, name, why): &(Aaguid, String, String)| {
                vec![aaguid.into(), name.as_str().into(), why.as_str().into()]
            };
            document.table(&["listed only", "model", "why not"], self.listed_only.iter().map(row).collect());
            let row = |(aaguid, name): &(Aaguid, String)| vec![aaguid.into(), name.as_str().into()];
            document.table(&["in the BLOB only", "model"], self.blob_only.iter().map(row).collect());
        } else {
            document.aside("-v lists them");
        }
    }

    fn json(&self) -> Value {
        let listed = self.listed_only.iter();
        let listed = listed.map(|(aaguid, name, why)| json!({"aaguid": aaguid, "name": name, "why": why}));
        let blob = self.blob_only.iter().map(|(aaguid, name)| json!({"aaguid": aaguid, "name": name}));
        json!({"listed_only": listed.collect::<Vec<_>>(), "blob_only": blob.collect::<Vec<_>>()})
    }
}

/// What an entry lacks of Microsoft's demands on models where attestation is enforced (entra.md §2.8).
pub(super) fn short_of(entry: &Entry, loaded: &Loaded) -> Option<String> {
    let standing = today(entry, loaded.at);
    let Some(statement) = entry.statement() else { return Some("no metadata statement".to_owned()) };
    if let Some(refusal) = standing.refusals.first() {
        return Some(refusal.to_string());
    }
    let demands = [
        (standing.certification.is_some(), "not FIDO certified"),
        (statement.is_fido2(), "older than FIDO 2.0"),
        (!entry.roots().is_empty(), "no roots"),
        (statement.verifies_users(), "no user verification or client PIN"),
        (statement.holds_discoverable_credentials(), "no resident keys"),
        (statement.has_hmac_secret(), "no hmac-secret or PRF"),
    ];
    demands.into_iter().find(|(holds, _)| !holds).map(|(_, lack)| lack.to_owned())
}
