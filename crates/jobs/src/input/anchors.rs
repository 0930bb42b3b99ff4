//! Trust anchors from files: a folder of certificates, with or without an index.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lab_attestation::trust::{Anchor, AnchorError, Anchors, Origin};
use serde::Deserialize;

use super::{InputError, read_text};

/// The most certificates of one folder that are read.
pub const MAX_ANCHORS: usize = 10_000;

/// A folder of anchors (`--anchors DIR`).
#[derive(Debug, Default)]
pub struct AnchorFolder {
    /// The anchors by the SHA-256 of their certificate, in lower-case hexadecimal.
    pub by_sha256: BTreeMap<String, Anchor>,
    /// Whether the folder has an `index.json`: then each case names its anchor, and others do not count.
    pub indexed: bool,
}

#[derive(Deserialize)]
struct IndexRow {
    file: String,
    sha256: String,
}

impl AnchorFolder {
    /// Reads `index.json` and what it names; without one, every `.pem`, `.crt`, `.cer` and `.der` file.
    ///
    /// # Errors
    /// A file that cannot be read or is no certificate, or an index that names a file outside the folder.
    pub fn read(folder: &Path) -> Result<Self, InputError> {
        let index = folder.join("index.json");
        if index.is_file() {
            return Self::read_indexed(folder, &index);
        }
        let io = |source| InputError::Io { path: folder.to_owned(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(io)?.take(MAX_ANCHORS) {
            files.push(entry.map_err(io)?.path());
        }
        files.retain(|path| matches!(path.extension().and_then(|e| e.to_str()), Some("pem" | "crt" | "cer" | "der")));
        files.sort();
        let anchors = files.iter().map(|path| read_anchor(path)).collect::<Result<Vec<_>, _>>()?;
        let by_sha256 = anchors.into_iter().flatten().map(|anchor| (hash(&anchor), anchor)).collect();
        Ok(Self { by_sha256, indexed: false })
    }

    fn read_indexed(folder: &Path, index: &Path) -> Result<Self, InputError> {
        let wrong = |message: String| InputError::Index { path: index.to_owned(), message };
        let text = read_text(index, &mut std::io::empty())?;
        let rows: Vec<IndexRow> = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("expected an array of objects with “file” and “sha256”: {error}")))?;
        let mut by_sha256 = BTreeMap::new();
        for row in rows.iter().take(MAX_ANCHORS) {
            if Path::new(&row.file).components().count() != 1 || row.file.starts_with('.') {
                return Err(wrong(format!("expected the name of a file in this folder, found “{}”", row.file)));
            }
            let anchors = read_anchor(&folder.join(&row.file))?;
            by_sha256.extend(anchors.into_iter().map(|anchor| (row.sha256.to_lowercase(), anchor)));
        }
        Ok(Self { by_sha256, indexed: true })
    }
}

/// Reads a folder as [`AnchorFolder::read`] does, or one file as [`read_anchor`] does.
///
/// # Errors
/// As those; a folder without a certificate.
pub fn read(path: &Path) -> Result<Vec<Anchor>, InputError> {
    if !path.is_dir() {
        return read_anchor(path);
    }
    let anchors: Vec<_> = AnchorFolder::read(path)?.by_sha256.into_values().collect();
    if anchors.is_empty() {
        let message = "the folder has no .pem, .crt, .cer or .der file".to_owned();
        return Err(InputError::Anchor { path: path.to_owned(), message });
    }
    Ok(anchors)
}

/// Reads the certificates of one file, PEM or DER.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn read_anchor(path: &Path) -> Result<Vec<Anchor>, InputError> {
    let io = |source| InputError::Io { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(io)?;
    let wrong = |message: String| InputError::Anchor { path: path.to_owned(), message };
    match std::str::from_utf8(&bytes).ok().filter(|text| text.contains("-----BEGIN")) {
        Some(text) => pem(text).map_err(|error| wrong(error.to_string())),
        None => {
            Anchor::from_der(&bytes, Origin::Given).map(|anchor| vec![anchor]).map_err(|error| wrong(error.to_string()))
        }
    }
}

/// Every certificate of a PEM text.
fn pem(text: &str) -> Result<Vec<Anchor>, AnchorError> {
    let anchors = Anchors::from_pem_texts([text]).map_err(|(_, error)| error)?;
    Ok(anchors.iter().cloned().collect())
}

/// SHA-256 of a certificate, in lower-case hexadecimal.
fn hash(anchor: &Anchor) -> String {
    lab_attestation::sha256(anchor.der()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The anchors that a case names itself: PEM texts, or files beside the case.
///
/// # Errors
/// As [`read_anchor`]; a file name must not leave the case's own folder.
pub fn of_case(anchors: &[String], beside: Option<&Path>) -> Result<Vec<Anchor>, InputError> {
    let mut all = Vec::new();
    for (index, anchor) in anchors.iter().enumerate() {
        if anchor.contains("-----BEGIN") {
            let wrong = |error: &dyn std::fmt::Display| InputError::Anchor {
                path: PathBuf::from(format!("$.anchors[{index}]")),
                message: error.to_string(),
            };
            all.extend(pem(anchor).map_err(|error| wrong(&error))?);
        } else {
            all.extend(read_anchor(&inside(anchor, beside)?)?);
        }
    }
    Ok(all)
}

fn inside(name: &str, beside: Option<&Path>) -> Result<PathBuf, InputError> {
    let plain = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    match beside.filter(|_| plain) {
        Some(folder) => Ok(folder.join(name)),
        None => Err(InputError::Outside { name: name.to_owned() }),
    }
}
