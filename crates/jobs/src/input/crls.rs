//! Revocation lists from a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::{InputError, read_bytes};

/// The most lists of one folder that are read.
const MAX_LISTS: usize = 64;

/// The bytes of every `.crl` file of a folder, by name.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, InputError> {
    let io = |source| InputError::Io { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.extension().is_some_and(|extension| extension == "crl") && paths.len() < MAX_LISTS {
            paths.push(path);
        }
    }
    paths.sort();
    let limit = lab_attestation::x509::MAX_CRL as u64;
    paths.into_iter().map(|path| Ok((path.clone(), read_bytes(&path, &mut std::io::empty(), limit)?))).collect()
}
