//! `tenant import`: what Graph's answers hold, as the folder of a tenant.
//!
//! Pages that `@odata.nextLink` joins, `{"value": [...]}`, answers of `/$batch`, and files by user or group
//! become one file for each resource. What an answer is, its own words say (`@odata.type`,
//! `@odata.context`), else the name of its file or the id of its request (`members-{id}`,
//! `fido2Methods-{id}`, `users.2.json`).

mod merge;
mod recognise;

use lab_entra::graph::JsonPath;
use lab_entra::limits::{self, Severity};
use lab_entra::{Tenant, TenantFile};
use serde_json::{Value, json};

use self::merge::Merged;
use super::folder::NewFile;
use super::init::pretty;
use crate::error::JobError;
use crate::input::InputError;
use crate::input::tenants::exports::Piece;
use crate::report::{Cell, Document, Report, Tone};

/// A tenant that was put together.
#[derive(Debug)]
pub struct Imported {
    /// The files of its folder.
    pub files: Vec<NewFile>,
    /// What each answer was, what was ignored, and what is missing.
    pub report: Report,
}

/// Puts a tenant together. Nothing is written.
///
/// # Errors
/// An answer that is no JSON, two answers that contradict each other, or a tenant that makes no sense.
pub fn import(pieces: &[Piece]) -> Result<Imported, JobError> {
    let mut merged = Merged::default();
    for piece in pieces {
        let value: Value = serde_json::from_str(piece.text.trim_start_matches('\u{feff}'))
            .map_err(|error| unreadable(piece, &error))?;
        recognise::answer(&piece.name, value, &mut |found| merged.take(found))?;
    }
    let log = merged.finish();
    let files: Vec<NewFile> = merged
        .resources()
        .into_iter()
        .map(|(name, value)| NewFile::new(format!("{name}.json"), pretty(&value)))
        .collect();
    let texts: Vec<_> = files.iter().map(|file| TenantFile { name: &file.name, text: &file.text }).collect();
    let tenant = Tenant::from_files(&texts).map_err(InputError::from)?;
    let report = report(&log, &files, &tenant);
    Ok(Imported { files, report })
}

fn unreadable(piece: &Piece, error: &serde_json::Error) -> JobError {
    let message = error.to_string();
    let problem = message.rsplit_once(" at line ").map_or(message.as_str(), |(problem, _)| problem);
    JobError::Usage {
        what: format!(
            "{}:{}:{}: expected an answer of Graph in JSON, found this problem: {problem}",
            piece.name,
            error.line().max(1),
            error.column().max(1)
        ),
        hint: Some("nothing was written; export the file again, or leave it out".to_owned()),
    }
}

/// What became of the answers.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The answer, what it is, and how many objects it has.
    pub(super) read: Vec<(String, String, usize)>,
    /// The answer, and why it is not used.
    pub(super) ignored: Vec<(String, String)>,
    /// What is not there, in sentences.
    pub(super) missing: Vec<String>,
}

fn report(log: &Log, files: &[NewFile], tenant: &Tenant) -> Report {
    let findings = limits::check(tenant);
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, infos) = (of(Severity::Error), of(Severity::Warning), of(Severity::Info));
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let mut document = Document::new();
    document.heading("What was read");
    let rows =
        log.read.iter().map(|(file, what, count)| vec![file.as_str().into(), what.as_str().into(), count.into()]);
    document.table(&["answer", "is", "objects"], rows.collect());
    if !log.ignored.is_empty() {
        document.heading("What was ignored");
        let rows = log.ignored.iter().map(|(file, why)| vec![file.as_str().into(), Cell::new(why, Tone::Doubt)]);
        document.table(&["answer", "why"], rows.collect());
    }
    log.missing.iter().for_each(|missing| _ = document.text(Cell::new(missing, Tone::Doubt)));
    document.heading("What was written");
    document.fields(vec![
        ("files", names.join(", ").into()),
        ("users", tenant.users().len().into()),
        ("groups", tenant.groups().len().into()),
        ("findings", format!("{errors} errors, {warnings} warnings, {infos} to know").into()),
    ]);
    document
        .hint((errors + warnings > 0).then_some("`passkey-lab tenant check` on the new folder says what was found."));
    let read = log.read.iter().map(|(file, what, count)| json!({"answer": file, "is": what, "objects": count}));
    let ignored = log.ignored.iter().map(|(file, why)| json!({"answer": file, "why": why}));
    let result = json!({
        "files": names, "users": tenant.users().len(), "groups": tenant.groups().len(),
        "read": read.collect::<Vec<_>>(), "ignored": ignored.collect::<Vec<_>>(), "missing": log.missing,
        "findings": {"error": errors, "warning": warnings, "info": infos},
    });
    Report { command: "tenant-import", result, notes: Vec::new(), document }
}

/// One answer, or a part of one.
#[derive(Debug)]
pub(super) struct Found {
    /// The file, and the place in it.
    pub(super) from: String,
    /// What it is.
    pub(super) what: What,
    /// Whether Graph says that there is another page.
    pub(super) more: bool,
}

/// What an answer is.
#[derive(Debug)]
pub(super) enum What {
    /// A resource that is one object.
    One(lab_entra::tenant::Resource, Value),
    /// Objects of a resource that has many.
    Many(lab_entra::tenant::Resource, Vec<Value>),
    /// Members of the group with this id.
    Members(String, Vec<Value>),
    /// Passkeys of the user with this id.
    Passkeys(String, Vec<Value>),
    /// None of a tenant's, and why.
    Nothing(String),
}

/// The place of a part of an answer.
fn place(from: &str, path: &JsonPath) -> String {
    if path.0.is_empty() { from.to_owned() } else { format!("{from} {path}") }
}

#[cfg(test)]
mod tests;
