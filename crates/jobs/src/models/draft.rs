//! `models draft`: a model file from a transcript.
//!
//! What the transcript shows is stated with high confidence. What it cannot show is taken from the built-in model of
//! the same AAGUID, where there is one, or assumed; both say so, and are for their reader to look at.

mod facts;
mod section;

use lab_authenticator::{Model, ModelError};
use lab_client::transcript::Transcript;
use serde_json::json;

use super::Catalogue;
use super::observed::Observed;
use crate::error::JobError;
use crate::report::{Document, Report};
use facts::Facts;

/// A model file, and what is to be said about it.
#[derive(Debug)]
pub struct Draft {
    /// The file.
    pub toml: String,
    /// The report; its notes are for standard error.
    pub report: Report,
}

/// Writes a model file.
///
/// # Errors
/// The transcript has no reply to authenticatorGetInfo.
pub fn draft(transcript: &Transcript, catalogue: &Catalogue) -> Result<Draft, JobError> {
    let observed = Observed::of(transcript);
    let Some(info) = &observed.info else {
        return Err(JobError::Usage {
            what: "the transcript has no reply to authenticatorGetInfo, so there is nothing to make a model of"
                .to_owned(),
            hint: Some("`key info --record FILE` records one".to_owned()),
        });
    };
    let known = catalogue.of_aaguid(info.aaguid).cloned();
    let facts = Facts { transcript, observed: &observed, info, known: known.as_deref() };
    let toml = facts.write();
    let (model, problems) = Model::examine("draft", &toml);
    let assumed = assumed(model.as_ref());
    let mut notes: Vec<String> = problems.iter().map(ModelError::to_string).collect();
    if !assumed.is_empty() {
        notes
            .push(format!("the transcript does not show {}; look at them before you rely on them", assumed.join(", ")));
    }
    if let Some(model) = &model {
        notes.extend(model.as_built().gaps.iter().map(|gap| format!("the emulation will differ: {gap}")));
    }
    let problems: Vec<String> = problems.iter().map(ModelError::to_string).collect();
    let result = json!({
        "id": facts.id(), "file": toml, "assumed": assumed, "problems": problems,
        "known": known.as_ref().map(|model| model.id.as_str()),
    });
    let mut document = Document::new();
    document.text(toml.as_str());
    Ok(Draft { toml, report: Report { command: "models-draft", result, notes, document } })
}

/// The facts that the transcript does not show.
fn assumed(model: Option<&Model>) -> Vec<String> {
    let fields = model.map(Model::fields).unwrap_or_default();
    fields.iter().filter(|field| field.source != facts::SEEN).map(|field| field.key.clone()).collect()
}
