//! A model from the text of its file.

use std::collections::BTreeMap;
use std::sync::Arc;

use lab_protocol::nearest::nearest;
use toml::de::DeTable;

use super::error::{ModelError, ModelErrorKind};
use super::inherit::{Heir, Inherited, Inherits, ParentError};
use super::read::{File, FromNode, Node, Table};
use super::sections::{Fingerprints, GetInfo, Metadata, Section, Usb};
use super::sourced::{Field, Sourced};
use super::{Model, OwnCa, Quirk, Vendor};
use crate::models;

/// The longest model file that is read, in bytes.
const MAX_FILE: usize = 64 * 1024;

/// Finds the models that can be inherited.
pub(crate) type Family<'f> = &'f dyn Fn(&str) -> Result<Arc<Model>, ParentError>;

impl Model {
    /// Reads a model file: built-in ones and users' own alike. `name` names the file in errors.
    ///
    /// # Errors
    /// The first thing that is wrong with it, with its place.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ModelError> {
        Self::from_toml_in(name, text, &models::parent)
    }

    /// As [`Model::from_toml`], with another family than the built-in models.
    pub(crate) fn from_toml_in(name: &str, text: &str, family: Family<'_>) -> Result<Self, ModelError> {
        let (model, errors) = read(File { name, text }, family)?;
        errors.into_iter().next().map_or(Ok(model), Err)
    }

    /// Everything that is wrong with a model file: the first thing that stops it from being read, or else
    /// every invariant that it breaks.
    #[must_use]
    pub fn examine(name: &str, text: &str) -> (Option<Self>, Vec<ModelError>) {
        match read(File { name, text }, &models::parent) {
            Ok((model, errors)) => (Some(model), errors),
            Err(error) => (None, vec![error]),
        }
    }
}

/// The model, and the invariants that it breaks.
fn read(file: File<'_>, family: Family<'_>) -> Result<(Model, Vec<ModelError>), ModelError> {
    if file.text.len() > MAX_FILE {
        return Err(file.error(0, "", ModelErrorKind::Size { found: file.text.len(), allowed: MAX_FILE }));
    }
    let document = DeTable::parse(file.text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        file.error(offset, "", ModelErrorKind::Syntax(error.message().to_owned()))
    })?;
    let document = document.get_ref();
    let model = model(Table::new(file, String::new(), 0, document), family)?;
    sources_are_named(file, document, &model)?;
    let violations = model.check().into_iter();
    let errors = violations.map(|found| file.error(offset_of(document, found.key), found.key, found)).collect();
    Ok((model, errors))
}

fn model(mut table: Table<'_>, family: Family<'_>) -> Result<Model, ModelError> {
    table.require("id")?;
    let sources = sources(&table.require("sources")?)?;
    let Some(node) = table.node("inherits") else {
        return facts(table, sources, None);
    };
    let inherits = Inherits::from_node(&node)?;
    let parent = family(&inherits.model).map_err(|error| node.error(error))?;
    let heir = Heir { inherits: &inherits, parent: &parent, sources: &sources };
    heir.check_without(&node)?;
    let mut model = facts(table, sources.clone(), Some(&heir))?;
    let cited: BTreeMap<_, _> = parent.sources.iter().map(|(key, text)| (heir.cited(key), text.clone())).collect();
    let used = |key: &str| model.fields().iter().any(|field| field.source == key);
    let inherited: Vec<_> = cited.into_iter().filter(|(key, _)| used(key)).collect();
    model.sources.extend(inherited);
    model.inherits = Some(inherits);
    Ok(model)
}

fn facts(
    mut table: Table<'_>,
    sources: BTreeMap<String, String>,
    heir: Option<&Heir<'_>>,
) -> Result<Model, ModelError> {
    let get_info = heir.and_then(|heir| heir.section(GetInfo::SECTION, heir.parent.get_info.as_ref()));
    let fingerprints = heir.and_then(|heir| heir.section(Fingerprints::SECTION, heir.parent.fingerprints.as_ref()));
    let usb = heir.and_then(|heir| heir.section(Usb::SECTION, heir.parent.usb.as_ref()));
    let same = heir.filter(|heir| heir.inherits.same_aaguid);
    let metadata = same.and_then(|heir| heir.section(Metadata::SECTION, heir.parent.metadata.as_ref()));
    let parent = heir.map(|heir| heir.parent);
    let model = Model {
        id: table.read("id")?,
        name: table.read("name")?,
        vendor: vendor(&mut table, parent)?,
        notes: table.read_some("notes")?.unwrap_or_default(),
        inherits: None,
        generic: false,
        sources,
        identity: required(&mut table, heir, parent.map(|parent| &parent.identity))?,
        passkeys: required(&mut table, heir, parent.map(|parent| &parent.passkeys))?,
        user_verification: required(&mut table, heir, parent.map(|parent| &parent.user_verification))?,
        fingerprints: optional(&mut table, fingerprints)?,
        usb: optional(&mut table, usb)?,
        get_info: optional(&mut table, get_info)?,
        attestation: required(&mut table, heir, parent.map(|parent| &parent.attestation))?,
        metadata: optional(&mut table, metadata)?,
        quirks: quirks(&mut table, heir)?,
        own_ca: own_ca(&mut table)?,
        own_authority: None,
    };
    table.finish()?;
    Ok(model)
}

/// A section that every model has.
fn required<S: Section>(table: &mut Table<'_>, heir: Option<&Heir<'_>>, parent: Option<&S>) -> Result<S, ModelError> {
    match heir.and_then(|heir| heir.section(S::SECTION, parent)) {
        None => S::read(table.require(S::SECTION)?.table()?, None),
        inherited => S::read(section(table, S::SECTION)?, inherited),
    }
}

/// A section that a model may have.
fn optional<S: Section>(table: &mut Table<'_>, parent: Option<Inherited<'_, S>>) -> Result<Option<S>, ModelError> {
    match (table.node(S::SECTION), parent) {
        (None, None) => Ok(None),
        (Some(node), None) => S::read(node.table()?, None).map(Some),
        (_, inherited) => S::read(section(table, S::SECTION)?, inherited).map(Some),
    }
}

/// The table of a section, whether or not the file has it.
fn section<'t>(table: &mut Table<'t>, key: &'static str) -> Result<Table<'t>, ModelError> {
    table.node(key).map_or_else(|| Ok(table.absent(key)), |node| node.table())
}

fn vendor(table: &mut Table<'_>, parent: Option<&Model>) -> Result<Vendor, ModelError> {
    let node = match (table.node("vendor"), parent) {
        (None, Some(parent)) => return Ok(parent.vendor.clone()),
        (Some(node), _) => node,
        (None, None) => return Err(table.missing("vendor")),
    };
    let mut table = node.table()?;
    let vendor = Vendor { name: table.read("name")?, country: table.read("country")? };
    table.finish()?;
    Ok(vendor)
}

/// A CA is the user's, so a model that inherits names it again.
fn own_ca(table: &mut Table<'_>) -> Result<Option<OwnCa>, ModelError> {
    let Some(node) = table.node("own-ca") else { return Ok(None) };
    let mut table = node.table()?;
    let own_ca = OwnCa { certificate: table.read("certificate")?, key: table.read("key")? };
    table.finish()?;
    Ok(Some(own_ca))
}

fn quirks(table: &mut Table<'_>, heir: Option<&Heir<'_>>) -> Result<Vec<Sourced<Quirk>>, ModelError> {
    let inherited = || heir.iter().flat_map(|heir| heir.parent.quirks.iter().filter_map(|it| heir.fact("quirks", it)));
    Ok(table.read_some("quirks")?.unwrap_or_else(|| inherited().collect()))
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
