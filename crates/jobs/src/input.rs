//! Reading what users hand in: bounded, and with errors that name the file and the place.

pub mod anchors;
pub mod cases;
pub mod crls;
mod har;
pub mod tenants;

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The most bytes of one input file that are read.
pub const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The operating system refused.
    #[error("{}: {}", shown(.path), cause(.source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// More bytes than are read.
    #[error("{}: expected at most {limit} bytes, found more", shown(.path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many are read.
        limit: u64,
    },
    /// Not UTF-8.
    #[error("{}: expected UTF-8, found something else at byte offset {offset}", shown(.path))]
    Utf8 {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: usize,
    },
    /// A certificate that is none.
    #[error("{}: expected a certificate as a trust anchor, found something else: {message}", shown(.path))]
    Anchor {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A revocation list that is none.
    #[error("{}: expected a certificate revocation list in DER, found something else: {message}", shown(.path))]
    Crl {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// An anchor that a case may not name.
    #[error("$.anchors: expected a PEM text or a file in the case's own folder, found “{name}”")]
    Outside {
        /// What it names.
        name: String,
    },
    /// An index of anchors that is none.
    #[error("{}: {message}", shown(.path))]
    Index {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// An example that does not exist.
    #[error("there is no example tenant “{name}”: expected {}", .known.join(", "))]
    Example {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A tenant that cannot be read.
    #[error(transparent)]
    Tenant(#[from] lab_entra::TenantError),
}

/// A path as messages name it.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new("-") { "(standard input)".to_owned() } else { path.display().to_string() }
}

/// What the operating system says, without its error number.
#[must_use]
pub fn cause(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "you have no permission".to_owned(),
        ErrorKind::IsADirectory => "expected a file, found a folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text).to_lowercase()
        }
    }
}

/// Reads a text file; `-` is standard input, which the caller hands in as `stdin`.
///
/// # Errors
/// [`InputError::Io`], [`InputError::TooLarge`], [`InputError::Utf8`].
pub fn read_text(path: &Path, stdin: &mut dyn std::io::Read) -> Result<String, InputError> {
    String::from_utf8(read_bytes(path, stdin, MAX_FILE)?)
        .map_err(|error| InputError::Utf8 { path: path.to_owned(), offset: error.utf8_error().valid_up_to() })
}

/// Reads a file of at most `limit` bytes; `-` is standard input.
///
/// # Errors
/// [`InputError::Io`], [`InputError::TooLarge`].
pub fn read_bytes(path: &Path, stdin: &mut dyn std::io::Read, limit: u64) -> Result<Vec<u8>, InputError> {
    let io = |source| InputError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        stdin.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    } else {
        fs::File::open(path).map_err(io)?.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    }
    if bytes.len() as u64 > limit {
        return Err(InputError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}
