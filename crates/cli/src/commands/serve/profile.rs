//! An empty folder for a browser's profile, which nobody else can have made or read.

use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::{MISSING, world};

/// The folder. It is deleted with all that a browser left in it.
#[derive(Debug)]
pub(super) struct Profile(PathBuf);

impl Profile {
    pub(super) fn make() -> Result<Self, Failure> {
        let name: String = world::nonce()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = std::env::temp_dir().join(format!("passkey-lab-{name}"));
        private().create(&path).map_err(|error| Failure {
            message: format!("{}: a folder for the browser's profile cannot be made: {error}", path.display()),
            hint: Some("TMPDIR names another place for it".to_owned()),
            status: MISSING,
        })?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // A browser that still runs keeps it in use; what is left is a temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn private() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}
