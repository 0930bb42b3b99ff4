//! One index over everything that has an id: checks, rules, findings, switches, models, platforms, lies.

mod pages;

use lab_protocol::nearest::nearest;
use serde_json::{Map, Value, json};

use crate::error::JobError;
use crate::models::Catalogue;
use crate::report::{Block, Cell, Document, Report, Tone};

/// One page of the manual.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// What results call it.
    id: String,
    /// What kind of thing it is.
    kind: &'static str,
    /// It in one sentence.
    summary: String,
    /// What else there is to say, by name.
    fields: Vec<(&'static str, String)>,
    /// What to do.
    hint: Option<String>,
}

/// Every page in a line.
#[must_use]
pub fn list(catalogue: &Catalogue) -> Report {
    let pages = pages::all(catalogue);
    let rows = pages.iter().map(|page| vec![page.id.as_str().into(), page.kind.into(), page.summary.as_str().into()]);
    let mut document = Document::new();
    document.table(&["id", "kind", "what"], rows.collect());
    let result = pages.iter().map(|page| json!({"id": page.id, "kind": page.kind, "summary": page.summary}));
    Report { command: "explain", result: result.collect(), notes: Vec::new(), document }
}

/// One page.
///
/// # Errors
/// [`JobError::Unexplained`], with the nearest ids.
pub fn one(catalogue: &Catalogue, id: &str) -> Result<Report, JobError> {
    let pages = pages::all(catalogue);
    let wanted = id.split_once(':').map_or(id, |(name, _)| name);
    let Some(page) = pages.iter().find(|page| page.id == id || page.id == wanted) else {
        let part = pages.iter().filter(|page| id.len() > 2 && page.id.contains(id)).map(|page| page.id.clone());
        let mut near: Vec<_> =
            nearest(id, pages.iter().map(|page| page.id.as_str())).map(str::to_owned).into_iter().chain(part).collect();
        near.dedup();
        near.truncate(5);
        return Err(JobError::Unexplained { id: id.to_owned(), nearest: near });
    };
    Ok(Report { command: "explain", result: page_json(page), notes: Vec::new(), document: page_document(page) })
}

fn page_json(page: &Page) -> Value {
    let mut members = Map::new();
    members.insert("id".into(), page.id.clone().into());
    members.insert("kind".into(), page.kind.into());
    members.insert("summary".into(), page.summary.clone().into());
    members.extend(page.fields.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into())));
    members.extend(page.hint.iter().map(|hint| ("hint".to_owned(), hint.clone().into())));
    Value::Object(members)
}

fn page_document(page: &Page) -> Document {
    let mut document = Document::new();
    document.heading(format!("{} ({})", page.id, page.kind)).text(Cell::new(&page.summary, Tone::Strong));
    let fields = page.fields.iter().map(|(name, text)| ((*name).to_owned(), text.as_str().into()));
    document.push(Block::Fields(fields.collect()));
    document.hint(page.hint.as_ref());
    document
}
