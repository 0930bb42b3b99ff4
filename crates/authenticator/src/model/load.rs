//! A model from the text of its file.

use std::collections::BTreeMap;

use lab_protocol::nearest::nearest;
use toml::de::DeTable;

use super::error::{ModelError, ModelErrorKind};
use super::read::{File, FromNode, Node, Table};
use super::sections::{Attestation, GetInfo, Identity, Metadata, Passkeys, UserVerification};
use super::sourced::{Field, Sourced};
use super::{Model, Quirk, Vendor};

/// The longest model file that is read, in bytes.
const MAX_FILE: usize = 64 * 1024;

impl Model {
    /// Reads a model file: built-in ones and users' own alike. `name` names the file in errors.
    ///
    /// # Errors
    /// The first thing that is wrong with it, with its place.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ModelError> {
        let file = File { name, text };
        if text.len() > MAX_FILE {
            return Err(file.error(0, "", ModelErrorKind::Size { found: text.len(), allowed: MAX_FILE }));
        }
        let document = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            file.error(offset, "", ModelErrorKind::Syntax(error.message().to_owned()))
        })?;
        let model = model(Table::new(file, String::new(), 0, document.get_ref()))?;
        sources_are_named(file, document.get_ref(), &model)?;
        match model.check().into_iter().next() {
            None => Ok(model),
            Some(violation) => Err(file.error(offset_of(document.get_ref(), violation.key), violation.key, violation)),
        }
    }
}

fn model(mut table: Table<'_>) -> Result<Model, ModelError> {
    let model = Model {
        id: table.read("id")?,
        name: table.read("name")?,
        vendor: vendor(&table.require("vendor")?)?,
        notes: table.read_some("notes")?.unwrap_or_default(),
        sources: sources(&table.require("sources")?)?,
        identity: Identity::read(table.require(Identity::SECTION)?.table()?)?,
        passkeys: Passkeys::read(table.require(Passkeys::SECTION)?.table()?)?,
        user_verification: UserVerification::read(table.require(UserVerification::SECTION)?.table()?)?,
        get_info: table.node(GetInfo::SECTION).map(|node| GetInfo::read(node.table()?)).transpose()?,
        attestation: Attestation::read(table.require(Attestation::SECTION)?.table()?)?,
        metadata: table.node(Metadata::SECTION).map(|node| Metadata::read(node.table()?)).transpose()?,
        quirks: table.read_some::<Vec<Sourced<Quirk>>>("quirks")?.unwrap_or_default(),
    };
    table.finish()?;
    Ok(model)
}

fn vendor(node: &Node<'_>) -> Result<Vendor, ModelError> {
    let mut table = node.table()?;
    let vendor = Vendor { name: table.read("name")?, country: table.read("country")? };
    table.finish()?;
    Ok(vendor)
}

fn sources(node: &Node<'_>) -> Result<BTreeMap<String, String>, ModelError> {
    node.table()?.members().map(|(key, node)| Ok((key.to_owned(), String::from_node(&node)?))).collect()
}

/// Every fact cites a source that `[sources]` names.
fn sources_are_named(file: File<'_>, document: &DeTable<'_>, model: &Model) -> Result<(), ModelError> {
    let fields = model.fields();
    let Some(Field { key, source, .. }) = fields.iter().find(|field| model.source(field.source).is_none()) else {
        return Ok(());
    };
    let nearest = nearest(source, model.sources.keys().map(String::as_str)).map(str::to_owned);
    let kind = ModelErrorKind::UnknownSource { found: (*source).to_owned(), nearest };
    Err(file.error(offset_of(document, key), &format!("{key}.source"), kind))
}

/// Where the deepest part of `path` stands that the document has.
fn offset_of(document: &DeTable<'_>, path: &str) -> usize {
    let (mut table, mut offset) = (Some(document), 0);
    for key in path.split('.') {
        let found = table.and_then(|table| table.iter().find(|(found, _)| found.get_ref() == key));
        let Some((found, value)) = found else { break };
        offset = found.span().start;
        table = value.get_ref().as_table();
    }
    offset
}
