//! `models list` and `models show`.

use lab_authenticator::{Confidence, Field, Model};
use lab_peers::passkey_rs;
use serde_json::{Value, json};

use super::{Catalogue, Choice};
use crate::error::JobError;
use crate::report::{Block, Cell, Document, Report, Tone};

/// Every model in a line.
#[must_use]
pub fn list(catalogue: &Catalogue) -> Report {
    let peer = &passkey_rs::FACTS;
    let mut result: Vec<Value> = catalogue.models().iter().map(|model| summary(model)).collect();
    result.push(json!({
        "id": peer.id, "name": peer.name, "aaguid": peer.aaguid, "passkey_type": "synced",
        "attestation": peer.attestation, "attestation_as_built": peer.attestation, "kind": "peer",
    }));
    let mut rows: Vec<Vec<Cell>> = catalogue.models().iter().map(|model| row(model)).collect();
    rows.push(vec![peer.id.into(), peer.name.into(), peer.aaguid.into(), "synced".into(), peer.attestation.into()]);
    let mut document = Document::new();
    document.table(&["id", "model", "AAGUID", "passkeys", "format"], rows);
    document.aside("`passkey-lab models show ID` shows all that is known of one, and how sure that is");
    Report { command: "models-list", result: Value::Array(result), notes: Vec::new(), document }
}

fn summary(model: &Model) -> Value {
    json!({
        "id": model.id, "name": model.name, "aaguid": model.aaguid(),
        "passkey_type": model.passkeys.passkey_type.value,
        "attestation": model.attestation.format.value,
        "attestation_as_built": model.attestation_as_built().format,
        "kind": model.identity.kind.value,
    })
}

fn row(model: &Model) -> Vec<Cell> {
    let built = model.attestation_as_built();
    let attestation = match built.instead_of {
        Some(real) => Cell::new(format!("{} (real: {real})", built.format), Tone::Doubt),
        None => built.format.into(),
    };
    vec![
        model.id.as_str().into(),
        model.name.as_str().into(),
        model.aaguid().into(),
        model.passkeys.passkey_type.value.into(),
        attestation,
    ]
}

/// All that is known of one model.
///
/// # Errors
/// [`JobError::Model`].
pub fn show(catalogue: &Catalogue, id: &str) -> Result<Report, JobError> {
    match catalogue.choose(id)? {
        Choice::Emulated(model) => Ok(show_model(&model)),
        Choice::PasskeyRs => Ok(show_peer()),
    }
}

fn show_model(model: &Model) -> Report {
    let gaps: Vec<String> = model.as_built().gaps.iter().map(ToString::to_string).collect();
    let mut result = serde_json::to_value(model).unwrap_or(Value::Null);
    if let Value::Object(members) = &mut result {
        members.insert("gaps".into(), gaps.clone().into());
    }
    let mut document = Document::new();
    document.heading(format!("{} ({})", model.name, model.id));
    document.fields(vec![("vendor", format!("{} ({})", model.vendor.name, model.vendor.country).into())]);
    model.notes.iter().for_each(|note| _ = document.text(note.as_str()));
    for group in model.fields().chunk_by(|a, b| part(a) == part(b)) {
        document.heading(group.first().map_or("", part));
        document.table(&["fact", "value", "confidence", "source", "note"], group.iter().map(fact).collect());
    }
    if !gaps.is_empty() {
        document.heading("Gaps: what the emulation does not have");
        document.push(Block::Fields(gaps.iter().map(|gap| ("–".to_owned(), Cell::new(gap, Tone::Doubt))).collect()));
    }
    document.heading("Sources");
    document.fields(model.sources.iter().map(|(key, text)| (key.as_str(), text.as_str().into())).collect());
    Report { command: "models-show", result, notes: Vec::new(), document }
}

/// The part of the model that a fact belongs to: `identity` of `identity.aaguid`.
fn part<'f>(field: &'f Field<'_>) -> &'f str {
    field.key.split_once('.').map_or("facts", |(part, _)| part)
}

fn fact(field: &Field<'_>) -> Vec<Cell> {
    let tone = match field.confidence {
        Confidence::High => Tone::Good,
        Confidence::Unverified => Tone::Bad,
        _ => Tone::Doubt,
    };
    vec![
        field.key.split_once('.').map_or(field.key.as_str(), |(_, name)| name).into(),
        Cell::new(&field.value, Tone::Strong),
        Cell::new(field.confidence, tone),
        field.source.into(),
        field.note.unwrap_or_default().into(),
    ]
}

fn show_peer() -> Report {
    let facts = &passkey_rs::FACTS;
    let result = json!({
        "id": facts.id, "name": facts.name, "vendor": facts.vendor, "aaguid": facts.aaguid,
        "backup_eligible": facts.backup_eligible, "backup_state": facts.backup_state,
        "transports": facts.transports, "attestation": facts.attestation, "source": facts.source,
    });
    let mut document = Document::new();
    document.heading(format!("{} ({})", facts.name, facts.id));
    document.fields(vec![
        ("vendor", facts.vendor.into()),
        ("AAGUID", facts.aaguid.into()),
        ("BE, BS", format!("{}, {}", facts.backup_eligible, facts.backup_state).into()),
        ("transports", facts.transports.join(", ").into()),
        ("attestation", facts.attestation.into()),
        ("source", facts.source.into()),
    ]);
    document
        .text("Not written here: it runs behind the same seam as the emulated models, so what it sends is its own.");
    Report { command: "models-show", result, notes: Vec::new(), document }
}
