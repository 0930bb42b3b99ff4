//! `models import`: a list of AAGUIDs, read, compared with what is known, and written in one form.

use lab_authenticator::lists::{AaguidList, LeftOut, ListError, Row};
use serde_json::{Value, json};

use super::Catalogue;
use super::catalogue::Broken;
use crate::error::JobError;
use crate::report::{Cell, Document, Report, Tone};

/// A list that was read.
#[derive(Debug)]
pub struct Imported {
    /// What is new in it, and what of it cannot be used.
    pub report: Report,
    /// The rows that can be used, in the form that a folder of models takes.
    pub csv: String,
}

/// Reads a list of AAGUIDs. `file` names it in errors.
///
/// # Errors
/// It is no list at all; with [`Broken::Refuse`] also a list with broken rows.
pub fn import(catalogue: &Catalogue, file: &str, text: &str, broken: Broken) -> Result<Imported, JobError> {
    let list = AaguidList::from_csv(file, text)?;
    if broken == Broken::Refuse && !list.problems.is_empty() {
        return Err(JobError::ModelRows { file: list.file, problems: list.problems });
    }
    let (known, new): (Vec<&Row>, Vec<&Row>) =
        list.rows.iter().partition(|row| catalogue.of_aaguid(row.aaguid).is_some());
    Ok(Imported { report: report(catalogue, &list, &new, &known), csv: list.to_csv() })
}

fn report(catalogue: &Catalogue, list: &AaguidList, new: &[&Row], known: &[&Row]) -> Report {
    let model = |row: &Row| catalogue.of_aaguid(row.aaguid).map_or(String::new(), |model| model.id.clone());
    let result = json!({
        "file": list.file, "source": list.source,
        "new": new.iter().map(|row| json!({"aaguid": row.aaguid, "name": row.name, "model": row.id()})).collect::<Vec<_>>(),
        "known": known.iter().map(|row| json!({"aaguid": row.aaguid, "name": row.name, "model": model(row)})).collect::<Vec<_>>(),
        "left_out": list.left_out.iter().map(left_out).collect::<Vec<_>>(),
        "repeated": list.repeated.iter().map(problem).collect::<Vec<_>>(),
        "problems": list.problems.iter().map(problem).collect::<Vec<_>>(),
        "ignored_columns": list.ignored,
    });
    let mut document = Document::new();
    document.heading(format!("{}: rows that can be used: {}", list.file, list.rows.len()));
    let mut counts = vec![
        ("source", list.source.as_str().into()),
        ("new", new.len().into()),
        ("known", known.len().into()),
        ("repeated", list.repeated.len().into()),
        ("left out", list.left_out.len().into()),
        ("broken", Cell::new(list.problems.len(), if list.problems.is_empty() { Tone::Good } else { Tone::Bad })),
    ];
    if !list.ignored.is_empty() {
        counts.push(("columns ignored", list.ignored.join(", ").into()));
    }
    document.fields(counts);
    let rows = new.iter().map(|row| vec![row.id().into(), row.name.as_str().into()]);
    document.table(&["new model", "name"], rows.collect());
    for error in list.problems.iter().chain(&list.repeated) {
        document.text(Cell::new(error, Tone::Bad));
    }
    for row in &list.left_out {
        let place = format!("{}:{}: “{}” is left out: {}", list.file, row.place, row.name, row.reason);
        document.text(Cell::new(place, Tone::Doubt));
    }
    Report { command: "models-import", result, notes: Vec::new(), document }
}

fn left_out(row: &LeftOut) -> Value {
    json!({"aaguid": row.aaguid, "name": row.name, "line": row.place.line, "reason": row.reason})
}

pub(super) fn problem(error: &ListError) -> Value {
    json!({
        "file": error.file, "line": error.place.line, "column": error.place.column,
        "key": error.column, "message": error.kind.to_string(),
    })
}
