//! Tenants: a folder, a file, standard input, or a built-in example.

pub mod exports;

use std::fs;
use std::path::Path;

use lab_entra::{Tenant, TenantFile};

use super::{InputError, read_text};

/// The most files of a tenant's folder that are looked at.
const MAX_FILES: usize = 64;

/// A built-in tenant and its files.
struct Example {
    name: &'static str,
    about: &'static str,
    files: &'static [(&'static str, &'static str)],
}

macro_rules! example {
    ($name:literal, $about:literal, [$($file:literal),*]) => {
        Example {
            name: $name,
            about: $about,
            files: &[$(($file, include_str!(concat!("../../../../fixtures/tenants/", $name, "/", $file)))),*],
        }
    };
}

static EXAMPLES: &[Example] = &[
    example!(
        "admins-attested",
        "administrators with attested Microsoft Authenticator only, a pilot group with attested keys, everybody else synced",
        ["fido2.json", "groups.json", "lab.json", "passkeys.json", "users.json"]
    ),
    example!(
        "contradictory",
        "a policy grown over two years: every contradiction that `tenant check` knows, and people locked out by them",
        ["fido2.json", "groups.json", "lab.json", "passkeys.json", "users.json"]
    ),
    example!(
        "fresh-default",
        "just migrated: the Default passkey profile alone, attestation off, everybody in scope",
        ["fido2.json", "groups.json", "lab.json", "passkeys.json", "temporaryAccessPass.json", "users.json"]
    ),
    example!(
        "hardware-keys-only",
        "attested hardware keys of several vendors by AAGUID, one model in the control room, nothing synced",
        ["fido2.json", "groups.json", "lab.json", "passkeys.json", "users.json"]
    ),
    example!(
        "large",
        "10 profiles, 20 groups and 280 AAGUIDs, just under the 20 KB that Entra stores",
        ["fido2.json", "groups.json", "lab.json", "passkeys.json", "users.json"]
    ),
    example!(
        "large-over-limit",
        "the same with an eleventh profile and one group more: over both limits",
        ["fido2.json", "groups.json", "lab.json", "passkeys.json", "users.json"]
    ),
    example!(
        "legacy-block-list",
        "never opted in to profiles: attestation on, a list of blocked models, one group in scope",
        ["fido2.json", "groups.json", "lab.json", "passkeys.json", "users.json"]
    ),
];

/// The names of the built-in tenants, each with a sentence about it.
pub fn examples() -> impl Iterator<Item = (&'static str, &'static str)> {
    EXAMPLES.iter().map(|example| (example.name, example.about))
}

/// Reads the tenant that `--tenant` names.
///
/// # Errors
/// An unknown example, a file that cannot be read, or a tenant that makes no sense.
pub fn read(name: &str, stdin: &mut dyn std::io::Read) -> Result<Tenant, InputError> {
    if let Some(example) = name.strip_prefix("example:") {
        return Ok(Tenant::from_files(&example_files(example)?)?);
    }
    let path = Path::new(name);
    let files = if path.is_dir() { read_folder(path)? } else { vec![(file_name(path), read_text(path, stdin)?)] };
    let files: Vec<_> = files.iter().map(|(name, text)| TenantFile { name, text }).collect();
    Ok(Tenant::from_files(&files)?)
}

/// The files of a built-in tenant.
///
/// # Errors
/// [`InputError::Example`].
pub fn example_files(name: &str) -> Result<Vec<TenantFile<'static>>, InputError> {
    let example = EXAMPLES.iter().find(|example| example.name == name);
    let example = example.ok_or_else(|| InputError::Example {
        name: name.to_owned(),
        known: EXAMPLES.iter().map(|example| example.name.to_owned()).collect(),
    })?;
    Ok(example.files.iter().map(|(name, text)| TenantFile { name, text }).collect())
}

fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, InputError> {
    let io = |source| InputError::Io { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)?.take(MAX_FILES) {
        paths.push(entry.map_err(io)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| Ok((path.display().to_string(), read_text(path, &mut std::io::empty())?))).collect()
}

fn file_name(path: &Path) -> String {
    if path == Path::new("-") { "(standard input)".to_owned() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_folder_of_the_fixtures_is_an_example_with_all_its_files() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tenants");
        let mut on_disk: Vec<(String, Vec<String>)> = Vec::new();
        for tenant in fs::read_dir(folder).unwrap() {
            let tenant = tenant.unwrap().path();
            if !tenant.is_dir() {
                continue;
            }
            let files = read_folder(&tenant).unwrap().into_iter();
            let names = files.map(|(name, _)| Path::new(&name).file_name().unwrap().to_str().unwrap().to_owned());
            on_disk.push((tenant.file_name().unwrap().to_str().unwrap().to_owned(), names.collect()));
        }
        on_disk.sort();
        let mut built_in: Vec<(String, Vec<String>)> = EXAMPLES
            .iter()
            .map(|example| {
                (example.name.to_owned(), example.files.iter().map(|(name, _)| (*name).to_owned()).collect())
            })
            .collect();
        built_in.sort();
        assert_eq!(built_in, on_disk);
    }

    #[test]
    fn an_unknown_example_names_those_that_exist() {
        let error = read("example:nobody", &mut std::io::empty()).unwrap_err();
        assert!(error.to_string().contains("there is no example tenant “nobody”"), "{error}");
    }
}
