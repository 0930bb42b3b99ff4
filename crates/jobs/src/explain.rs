//! One index over everything that has an id: checks, rules, findings, switches, models, platforms, lies, conformance cases.

mod pages;

use lab_protocol::nearest::nearest;
use serde_json::{Map, Value, json};

use crate::error::JobError;
use crate::models::Catalogue;
use crate::report::{Block, Cell, Document, Report, Tone};

/// The most ids that are offered instead of one that does not exist.
const MOST_NEAR: usize = 5;

/// The fields that a page can have several of: arrays in JSON, however many there are.
const REPEATED: [&str; 8] = ["switch", "caught_by", "attestation", "cannot", "quirk", "from", "requires", "goes_wrong"];

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
    let mut document = Document::new();
    for group in pages.chunk_by(|a, b| a.kind == b.kind) {
        document.heading(group.first().map_or("", |page| plural(page.kind)));
        let rows = group.iter().map(|page| vec![page.id.as_str().into(), page.summary.as_str().into()]);
        document.table(&["id", "what"], rows.collect());
    }
    document.aside("`passkey-lab explain ID` shows one page");
    let result = pages.iter().map(|page| json!({"id": page.id, "kind": page.kind, "summary": page.summary}));
    Report { command: "explain", result: result.collect(), notes: Vec::new(), document }
}

/// The heading over all pages of a kind.
fn plural(kind: &str) -> &str {
    match kind {
        "check" => "Checks of the relying party, in the order of the specification",
        "rule" => "Rules of Entra ID",
        "finding" => "Findings of `tenant check`",
        "switch" => "Switches in lab.json, for what Microsoft leaves open",
        "scenario" => "Scenarios of the lab's own metadata, for --metadata lab:NAME",
        "lie" => "Lies for --lie",
        "case" => "Cases of `conformance authenticator`",
        "platform" => "Platforms for --platform",
        "model" => "Models for --model",
        other => other,
    }
}

/// One page.
///
/// # Errors
/// [`JobError::Unexplained`], with the nearest ids.
pub fn one(catalogue: &Catalogue, id: &str) -> Result<Report, JobError> {
    // A lie is written with its argument, such as aaguid-of:icloud-keychain.
    let wanted = id.split_once(':').map_or(id, |(name, _)| name);
    let fixed = pages::fixed().into_iter().find(|page| page.id == id || page.id == wanted);
    let page = fixed.or_else(|| catalogue.find(id).map(|model| pages::of_model(model)));
    let page = page.ok_or_else(|| unknown(id, &pages::all(catalogue)))?;
    Ok(Report { command: "explain", result: page_json(&page), notes: Vec::new(), document: page_document(&page) })
}

/// Whether results can name this id as the check that decided.
///
/// # Errors
/// [`JobError::Undecisive`], with the nearest ids that can.
pub fn decides(id: &str) -> Result<(), JobError> {
    let pages: Vec<Page> = pages::deciding();
    if pages.iter().any(|page| page.id == id) {
        return Ok(());
    }
    Err(JobError::Undecisive { id: id.to_owned(), nearest: near(id, &pages) })
}

fn unknown(id: &str, pages: &[Page]) -> JobError {
    JobError::Unexplained { id: id.to_owned(), nearest: near(id, pages) }
}

/// The ids that are nearest to one that does not exist, without repetition.
fn near(id: &str, pages: &[Page]) -> Vec<String> {
    let ids = || pages.iter().map(|page| page.id.as_str());
    let close = nearest(id, ids()).into_iter();
    let behind_the_slash = ids().filter(|known| known.rsplit('/').next() == Some(id));
    let part = ids().filter(|known| id.len() > 2 && known.contains(id));
    let mut found: Vec<String> = Vec::new();
    for candidate in close.chain(behind_the_slash).chain(part) {
        if found.len() < MOST_NEAR && !found.iter().any(|known| known == candidate) {
            found.push(candidate.to_owned());
        }
    }
    found
}

fn page_json(page: &Page) -> Value {
    let mut members = Map::new();
    members.insert("id".into(), page.id.clone().into());
    members.insert("kind".into(), page.kind.into());
    members.insert("summary".into(), page.summary.clone().into());
    for (name, text) in &page.fields {
        let name = name.to_lowercase().replace([' ', '\''], "_");
        if REPEATED.contains(&name.as_str()) {
            let texts = members.entry(name).or_insert_with(|| json!([]));
            texts.as_array_mut().into_iter().for_each(|texts| texts.push(text.clone().into()));
        } else {
            members.insert(name, text.clone().into());
        }
    }
    members.extend(page.hint.iter().map(|hint| ("hint".to_owned(), hint.clone().into())));
    Value::Object(members)
}

fn page_document(page: &Page) -> Document {
    let mut document = Document::new();
    document.heading(format!("{} ({})", page.id, page.kind)).text(Cell::new(&page.summary, Tone::Plain));
    let fields = page.fields.iter().map(|(name, text)| ((*name).to_owned(), text.as_str().into()));
    document.push(Block::Fields(fields.collect()));
    document.hint(page.hint.as_ref());
    document
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::pages;

    #[test]
    fn every_check_that_a_trace_can_name_has_one_page() {
        let ids: Vec<String> = pages::fixed().into_iter().map(|page| page.id).collect();
        let each: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(each.len(), ids.len(), "an id has two pages");
        for check in lab_relying_party::checks() {
            assert!(each.contains(check.id), "{} has no page", check.id);
        }
    }
}
