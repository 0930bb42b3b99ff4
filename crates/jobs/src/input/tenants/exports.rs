//! The files that an export of a tenant left: any number, in any folders.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::file_name;
use crate::input::{InputError, read_text};

/// The most files that one import reads.
pub const MAX_FILES: usize = 200_000;
/// The most bytes that they may have together.
pub const MAX_BYTES: usize = 512 << 20;
/// How deep folders are looked into.
const MAX_DEPTH: usize = 4;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its path, as the user would write it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Reads files, and every `*.json` of folders, in the order of their names.
///
/// # Errors
/// [`InputError::Io`], [`InputError::Utf8`], and [`InputError::TooLarge`] for one file or all of them.
pub fn read(paths: &[PathBuf], stdin: &mut dyn Read) -> Result<Vec<Piece>, InputError> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() { collect(path, 0, &mut files)? } else { files.push(path.clone()) }
    }
    let mut pieces = Vec::with_capacity(files.len());
    let mut left = MAX_BYTES;
    for path in files.into_iter().take(MAX_FILES + 1) {
        let text = read_text(&path, stdin)?;
        left = match left.checked_sub(text.len()) {
            Some(left) if pieces.len() < MAX_FILES => left,
            _ => return Err(InputError::TooLarge { path, limit: MAX_BYTES as u64 }),
        };
        pieces.push(Piece { name: file_name(&path), text });
    }
    Ok(pieces)
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), InputError> {
    let io = |source| InputError::Io { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)?.take(MAX_FILES) {
        entries.push(entry.map_err(io)?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() && depth < MAX_DEPTH {
            collect(&path, depth + 1, files)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_in_order_and_what_cannot_be_read_is_named() {
        let folder = std::env::temp_dir().join(format!("passkey-lab-exports-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("users")).unwrap();
        for (name, text) in [("b.json", "{}"), ("a.JSON", "[]"), ("notes.txt", "x"), ("users/1.json", "1")] {
            fs::write(folder.join(name), text).unwrap();
        }
        let read = |paths: &[PathBuf]| read(paths, &mut "7".as_bytes());
        let texts: Vec<_> = read(std::slice::from_ref(&folder)).unwrap().into_iter().map(|piece| piece.text).collect();
        assert_eq!(texts, ["[]", "{}", "1"]);
        assert_eq!(read(&[PathBuf::from("-")]).unwrap()[0].text, "7");
        fs::write(folder.join("c.json"), b"\xff\xfe").unwrap();
        assert!(
            matches!(read(std::slice::from_ref(&folder)), Err(InputError::Utf8 { path, .. }) if path.ends_with("c.json"))
        );
        assert!(matches!(read(&[folder.join("none.json")]), Err(InputError::Io { .. })));
        fs::remove_dir_all(&folder).unwrap();
    }
}
