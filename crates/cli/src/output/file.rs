//! `--output FILE`: the whole result, or the file as it was.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use lab_jobs::input::cause;

/// Writes `text` beside `path` and renames it; a pipe or device is written as it is.
///
/// # Errors
/// A sentence that names the file; nothing is left behind.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    let wrong = |why: &str| format!("{}: the result cannot be written: {why}", path.display());
    let there = fs::metadata(path).ok();
    match &there {
        Some(there) if there.is_dir() => return Err(wrong("expected a file, found a folder")),
        Some(there) if !there.is_file() => return fs::write(path, text).map_err(|error| wrong(&cause(&error))),
        _ => {}
    }
    // A link stays a link: what it leads to is replaced.
    let target =
        if there.is_some() { fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() };
    let draft = draft(&target).ok_or_else(|| wrong("expected the name of a file"))?;
    let written = fill(&draft, text, there.as_ref()).and_then(|()| fs::rename(&draft, &target));
    written.map_err(|error| {
        let _ = fs::remove_file(&draft);
        wrong(&if error.kind() == io::ErrorKind::NotFound {
            "the folder does not exist".to_owned()
        } else {
            cause(&error)
        })
    })
}

fn draft(target: &Path) -> Option<PathBuf> {
    let mut name = OsString::from(".");
    name.push(target.file_name()?);
    name.push(format!(".{}.part", std::process::id()));
    Some(target.with_file_name(name))
}

fn fill(draft: &Path, text: &str, there: Option<&fs::Metadata>) -> io::Result<()> {
    let mut file = File::create_new(draft)?;
    file.write_all(text.as_bytes())?;
    if let Some(there) = there {
        file.set_permissions(there.permissions())?;
    }
    file.sync_all()
}
