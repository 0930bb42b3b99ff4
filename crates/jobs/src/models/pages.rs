//! `models list` and `models show`.

use std::collections::BTreeSet;
use std::sync::Arc;

use lab_authenticator::{Confidence, Field, Inherits, Model, Named as _, models as built_in};
use lab_peers::passkey_rs;
use serde_json::{Value, json};

use super::{Catalogue, Choice};
use crate::error::JobError;
use crate::report::{Block, Cell, Document, Report, Tone};

/// Which models are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this kind: `platform`, `roaming`, `provider` or `peer`.
    pub kind: Option<String>,
    /// Only those made from rows of lists.
    pub generic: bool,
}

impl Filter {
    fn wants(&self, kind: &str, generic: bool) -> bool {
        self.kind.as_deref().is_none_or(|wanted| wanted == kind) && (generic || !self.generic)
    }
}

/// Every model in a line, those with a file of their own first.
#[must_use]
pub fn list(catalogue: &Catalogue, filter: &Filter) -> Report {
    let wanted = |model: &&Arc<Model>| filter.wants(model.identity.kind.value.name(), model.generic);
    let (generic, named): (Vec<_>, Vec<_>) = catalogue.models().iter().filter(wanted).partition(|model| model.generic);
    let peer = Some(&passkey_rs::FACTS).filter(|_| filter.wants("peer", false));
    let mut result: Vec<Value> = named.iter().chain(&generic).map(|model| summary(model)).collect();
    result.extend(peer.map(|peer| {
        json!({
            "id": peer.id, "name": peer.name, "aaguid": peer.aaguid, "passkey_type": "synced",
            "attestation": peer.attestation, "attestation_as_built": peer.attestation, "kind": "peer", "generic": false,
        })
    }));
    let mut rows: Vec<Vec<Cell>> = named.iter().map(|model| named_row(model)).collect();
    rows.extend(peer.map(|peer| vec![peer.id.into(), peer.aaguid.into(), "synced".into(), peer.attestation.into()]));
    let mut document = Document::new();
    tables(&mut document, rows, &generic);
    let of = |models: &[&Arc<Model>]| models.iter().map(|model| model.aaguid()).collect::<BTreeSet<_>>();
    let (named, generic) = (of(&named), of(&generic));
    document.text(format!(
        "{} distinct AAGUIDs: {} of models with a file of their own, {} of generic models",
        named.union(&generic).count(),
        named.len(),
        generic.len(),
    ));
    document.aside("`passkey-lab models show ID` shows all that is known of one, and how sure that is");
    Report { command: "models-list", result: Value::Array(result), notes: notes(catalogue), document }
}

/// What the user's lists leave out, and the built-in ones.
fn notes(catalogue: &Catalogue) -> Vec<String> {
    let rows = built_in::lists().iter().flat_map(|list| &list.left_out);
    let left_out = rows.map(|row| format!("left out: {} “{}”: {}", row.aaguid, row.name, row.reason));
    left_out.chain(catalogue.notes().iter().cloned()).collect()
}

/// A model in a line, as `models list` has it.
#[must_use]
pub fn summary(model: &Model) -> Value {
    json!({
        "id": model.id, "name": model.name, "aaguid": model.aaguid(),
        "passkey_type": model.passkeys.passkey_type.value,
        "attestation": model.attestation.format.value,
        "attestation_as_built": model.attestation.format.value,
        "kind": model.identity.kind.value,
        "generic": model.generic,
    })
}

/// Models as tables: those with a file of their own by id, the generic ones by name.
pub(super) fn tables(document: &mut Document, named: Vec<Vec<Cell>>, generic: &[&Arc<Model>]) {
    document.table(&["id", "AAGUID", "passkeys", "format"], named);
    if !generic.is_empty() {
        document.heading("Generic models, made from rows of lists: the id is “aaguid-” and the AAGUID");
        let row = |model: &&Arc<Model>| model_row(model, vec![model.aaguid().into(), model.name.as_str().into()]);
        document.table(&["AAGUID", "model", "passkeys", "format"], generic.iter().map(row).collect());
    }
}

pub(super) fn named_row(model: &Model) -> Vec<Cell> {
    model_row(model, vec![model.id.as_str().into(), model.aaguid().into()])
}

fn model_row(model: &Model, mut cells: Vec<Cell>) -> Vec<Cell> {
    cells.extend([model.passkeys.passkey_type.value.into(), model.attestation.format.as_str().into()]);
    cells
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
    let vendor = &model.vendor;
    let vendor = if model.generic { vendor.name.clone() } else { format!("{} ({})", vendor.name, vendor.country) };
    document.fields(vec![("vendor", vendor.into())]);
    if let Some(Inherits { model, confidence, because, .. }) = &model.inherits {
        let inherited =
            format!("What cites {model}/… is taken from that model, at most with confidence {confidence}: {because}.");
        document.text(Cell::new(inherited, Tone::Doubt));
    }
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
