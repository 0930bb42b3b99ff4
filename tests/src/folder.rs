//! A folder of files that a program makes: written, or compared with what would be written.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::fixtures::File;

/// A folder of generated JSON files; what is no JSON in it (a README) is left alone.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Writes every file, and removes every other JSON file.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, files: &[File]) -> io::Result<()> {
        for path in self.found()?.into_keys().filter(|path| files.iter().all(|file| file.path != *path)) {
            fs::remove_file(self.0.join(path))?;
        }
        for file in files {
            let path = self.0.join(&file.path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, &file.text)?;
        }
        Ok(())
    }

    /// What differs, a few lines for each file; empty where nothing does.
    ///
    /// # Errors
    /// What the file system says.
    pub fn differences(&self, files: &[File]) -> io::Result<Vec<String>> {
        let mut found = self.found()?;
        let mut all = Vec::new();
        for file in files {
            match found.remove(&file.path) {
                None => all.push(format!("{}: missing", file.path)),
                Some(text) => all.extend(difference(&file.path, &text, &file.text)),
            }
        }
        all.extend(found.into_keys().map(|path| format!("{path}: nothing makes this file")));
        Ok(all)
    }

    /// Every JSON file with its text, by its path with `/`.
    ///
    /// # Errors
    /// What the file system says.
    pub fn found(&self) -> io::Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        if self.0.exists() {
            collect(&self.0, "", &mut found)?;
        }
        Ok(found)
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))?;
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), found)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.insert(format!("{prefix}{name}"), fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The lines that differ, as a patch has them.
fn difference(path: &str, found: &str, made: &str) -> Vec<String> {
    let (found, made): (Vec<_>, Vec<_>) = (found.lines().collect(), made.lines().collect());
    let gone = found.iter().filter(|line| !made.contains(line)).map(|line| format!("{path}: - {line}"));
    let come = made.iter().filter(|line| !found.contains(line)).map(|line| format!("{path}: + {line}"));
    let all: Vec<String> = gone.chain(come).collect();
    if all.is_empty() && found != made { vec![format!("{path}: the same lines in another order")] } else { all }
}
