//! Writing the folder of a tenant: the whole of it, or nothing.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::JobError;
use crate::input::InputError;

/// A file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its name in the folder.
    pub name: String,
    /// What it holds.
    pub text: String,
    /// Whether its owner may run it.
    pub executable: bool,
}

impl NewFile {
    /// A file that is read only.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), executable: false }
    }
}

/// Adds files to a folder, which is made where it is missing. Nothing that is there is overwritten.
///
/// # Errors
/// [`JobError::Usage`] names the files that exist already; nothing is written then, nor when the system refuses one.
pub fn add(folder: &Path, files: &[NewFile]) -> Result<(), JobError> {
    let there: Vec<String> = files
        .iter()
        .map(|file| folder.join(&file.name))
        .filter(|path| fs::symlink_metadata(path).is_ok())
        .map(shown)
        .collect();
    if !there.is_empty() {
        return Err(JobError::Usage {
            what: format!("expected names that are free, found {}", there.join(", ")),
            hint: Some("name another folder; what exists is never overwritten".to_owned()),
        });
    }
    fs::create_dir_all(folder).map_err(|source| refused(folder, source))?;
    let mut written = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        if let Err(source) = write(&path, file) {
            written.iter().for_each(|path: &PathBuf| _ = fs::remove_file(path));
            return Err(refused(&path, source));
        }
        written.push(path);
    }
    Ok(())
}

/// Makes a folder with these files. It may exist if it is empty.
///
/// # Errors
/// [`JobError::Usage`] where something is in it; an error of the system. Nothing is left behind.
pub fn create(folder: &Path, files: &[NewFile]) -> Result<(), JobError> {
    vacant(folder)?;
    let draft = draft(folder).ok_or_else(|| JobError::Usage {
        what: format!("expected the name of a folder, found {}", folder.display()),
        hint: None,
    })?;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|source| refused(parent, source))?;
    }
    let whole = fill(&draft, files).and_then(|()| {
        // An empty folder of this name makes way; a full one does not let itself be removed.
        match fs::remove_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::rename(&draft, folder),
        }
    });
    whole.map_err(|source| {
        let _ = fs::remove_dir_all(&draft);
        refused(folder, source)
    })
}

/// Whether [`create`] could make this folder, before the work is done.
///
/// # Errors
/// [`JobError::Usage`] where something is in it, or it is no folder.
pub fn vacant(folder: &Path) -> Result<(), JobError> {
    let found = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some().then_some("a folder with something in it"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Some("a file"),
        Err(source) => return Err(refused(folder, source)),
    };
    let Some(found) = found else { return Ok(()) };
    Err(JobError::Usage {
        what: format!("{}: expected a folder that does not exist or is empty, found {found}", folder.display()),
        hint: Some("name another folder with --output; what exists is never overwritten".to_owned()),
    })
}

fn draft(folder: &Path) -> Option<PathBuf> {
    let mut name = OsString::from(".");
    name.push(folder.file_name()?);
    name.push(format!(".{}.part", std::process::id()));
    Some(folder.with_file_name(name))
}

fn fill(draft: &Path, files: &[NewFile]) -> io::Result<()> {
    fs::create_dir(draft)?;
    files.iter().try_for_each(|file| write(&draft.join(&file.name), file))
}

fn write(path: &Path, file: &NewFile) -> io::Result<()> {
    let mut open: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    open.write_all(file.text.as_bytes())?;
    if file.executable {
        allow_running(&open)?;
    }
    open.sync_all()
}

#[cfg(unix)]
fn allow_running(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = file.metadata()?.permissions();
    permissions.set_mode(permissions.mode() | 0o100);
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn allow_running(_: &File) -> io::Result<()> {
    Ok(())
}

fn refused(path: &Path, source: io::Error) -> JobError {
    InputError::Io { path: path.to_owned(), source }.into()
}

fn shown(path: PathBuf) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests;
