//! `tenant pseudonymise`: a tenant that can be shown to others, in which everybody decides the same.
//!
//! Whatever names a person, a group, a device or an organisation is replaced: the same text by the same
//! pseudonym throughout. What decides stays: policy settings, AAGUIDs, types, dates, numbers, and the ids
//! that are the same in every tenant. Whatever the lab does not know is replaced too, if it is a text.

mod names;
mod vocabulary;

use lab_entra::{Tenant, TenantFile};
use lab_protocol::Random;
use serde_json::{Map, Value, json};

use self::names::Names;
use self::vocabulary::{Treatment, treatment};
use super::folder::NewFile;
use super::init::pretty;
use crate::error::JobError;
use crate::input::InputError;
use crate::report::{Document, Report};

/// A tenant under other names.
#[derive(Debug)]
pub struct Pseudonymised {
    /// The files of its folder.
    pub files: Vec<NewFile>,
    /// How much was replaced.
    pub report: Report,
}

/// Replaces the names of a tenant; `random` draws the ids that stand in their place.
///
/// # Errors
/// The tenant that comes out makes no sense, which would be a fault of the lab.
pub fn pseudonymise(tenant: &Tenant, random: &mut dyn Random) -> Result<Pseudonymised, JobError> {
    let mut walk = Walk { names: Names::new(random), kept: 0 };
    let Value::Object(resources) = tenant.to_json() else {
        return Err(JobError::Emulation("a tenant is no JSON object".to_owned()));
    };
    let mut files = Vec::with_capacity(resources.len());
    for (resource, value) in resources {
        let value = match resource.as_str() {
            "passkeys" => walk.by_owner(value),
            _ => walk.value(&Place { resource: &resource, key: "", parent: "" }, value),
        };
        files.push(NewFile::new(format!("{resource}.json"), pretty(&value)));
    }
    let texts: Vec<_> = files.iter().map(|file| TenantFile { name: &file.name, text: &file.text }).collect();
    Tenant::from_files(&texts).map_err(InputError::from)?;
    let report = report(&walk, &files);
    Ok(Pseudonymised { files, report })
}

fn report(walk: &Walk<'_>, files: &[NewFile]) -> Report {
    let counts = walk.names.counts();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let mut document = Document::new();
    document.heading("What was replaced");
    document.table(
        &["kind", "different texts"],
        counts.iter().map(|(kind, count)| vec![(*kind).into(), count.into()]).collect(),
    );
    document.fields(vec![("files", names.join(", ").into()), ("texts kept", walk.kept.into())]);
    document.hint(Some(
        "Read the files before you hand them on: dates, models and the sizes of groups are as they were, and \
         somebody who knows the organisation may recognise it by them.",
    ));
    let replaced: Map<_, _> = counts.into_iter().map(|(kind, count)| (kind.to_owned(), Value::from(count))).collect();
    let result = json!({"files": names, "replaced": replaced, "kept": walk.kept});
    Report { command: "tenant-pseudonymise", result, notes: Vec::new(), document }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
struct Place<'p> {
    /// The resource, as a key of the tenant.
    resource: &'p str,
    /// The property.
    key: &'p str,
    /// The property that the object stands in.
    parent: &'p str,
}

/// A walk through the JSON of a tenant.
struct Walk<'r> {
    names: Names<'r>,
    kept: usize,
}

impl Walk<'_> {
    /// Passkeys stand under the names of their owners.
    fn by_owner(&mut self, value: Value) -> Value {
        let Value::Object(map) = value else {
            return self.value(&Place { resource: "passkeys", key: "", parent: "" }, value);
        };
        let each = map.into_iter().map(|(owner, methods)| {
            let place =
                Place { resource: "passkeys", key: if owner.starts_with('@') { &owner } else { "" }, parent: "" };
            let methods = self.value(&place, methods);
            let owner = if owner.starts_with('@') { owner } else { self.names.identity(&owner) };
            (owner, methods)
        });
        Value::Object(each.collect())
    }

    fn value(&mut self, place: &Place<'_>, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(place, text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(place, item)).collect(),
            Value::Object(map) => {
                // A directory role is called the same in every tenant.
                let role = map.contains_key("roleTemplateId");
                let each = map.into_iter().map(|(key, value)| {
                    let inside = Place { key: &key, parent: place.key, ..*place };
                    let value = if role && key == "displayName" { value } else { self.value(&inside, value) };
                    (key, value)
                });
                Value::Object(each.collect())
            }
            other => other,
        }
    }

    fn text(&mut self, place: &Place<'_>, text: String) -> String {
        match treatment(place.resource, place.parent, place.key) {
            _ if text.is_empty() => text,
            Treatment::Keep => {
                self.kept += 1;
                text
            }
            Treatment::Identity => self.names.identity(&text),
            Treatment::Method => self.names.method(&text),
            Treatment::Thumbprint => self.names.thumbprint(&text),
            Treatment::Domain => self.names.host(&text),
            Treatment::Context => self.names.inside(&text),
            Treatment::Name(kind) => self.names.name(kind, &text),
            Treatment::Unknown => self.names.unknown(&text),
        }
    }
}

#[cfg(test)]
mod tests;
