//! A BLOB from a file, and what it is verified with.

use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_attestation::x509::Crl;
use lab_metadata::open::FIDO_SOURCE;
use lab_metadata::{MAX_BLOB, Opened, Opening, fido_roots, open};

use crate::error::JobError;
use crate::input::anchors::AnchorFolder;
use crate::input::{InputError, crls};
use crate::world::World;

/// Whom a BLOB may be signed by, and the revocation lists at hand.
#[derive(Debug)]
pub struct Roots {
    anchors: Anchors,
    crls: Vec<(PathBuf, Vec<u8>)>,
}

/// A BLOB that was opened.
#[derive(Debug)]
pub struct Loaded {
    /// Its file.
    pub file: String,
    /// What was found.
    pub opened: Opened,
    /// The time of the verification.
    pub at: Timestamp,
    bytes: Vec<u8>,
}

impl Roots {
    /// The certificates and lists (`*.crl`) of a folder; without one, the root that FIDO uses and the one
    /// of this run's laboratory.
    ///
    /// # Errors
    /// A file that cannot be read or is none.
    pub fn read(folder: Option<&Path>, world: &World) -> Result<Self, JobError> {
        let Some(folder) = folder else {
            let mut anchors = fido_roots();
            let own = Anchor::from_der(world.vendors().stand_in_root(), Origin::StandIn);
            anchors.extend(own.map_err(|error| JobError::Emulation(error.to_string())));
            return Ok(Self { anchors, crls: Vec::new() });
        };
        let anchors = AnchorFolder::read(folder)?.by_sha256.into_values().collect();
        Ok(Self { anchors, crls: crls::read(folder)? })
    }

    /// Reads a BLOB and opens it; `-` is standard input.
    ///
    /// # Errors
    /// A file that cannot be read, or a revocation list that is none.
    pub fn open(&self, file: &Path, stdin: &mut dyn Read, at: Timestamp) -> Result<Loaded, JobError> {
        let bytes = crate::input::read_bytes(file, stdin, MAX_BLOB as u64)?;
        self.open_bytes(crate::input::shown(file), bytes, at)
    }

    /// Opens a BLOB that is at hand already.
    ///
    /// # Errors
    /// A revocation list that is none.
    pub(super) fn open_bytes(&self, file: String, bytes: Vec<u8>, at: Timestamp) -> Result<Loaded, JobError> {
        let lists = self.crls.iter().map(|(path, der)| {
            Crl::parse(der).map_err(|error| InputError::Crl { path: path.clone(), message: error.to_string() })
        });
        let lists = lists.collect::<Result<Vec<_>, _>>()?;
        let opening = Opening { anchors: &self.anchors, crls: &lists, at, source: FIDO_SOURCE };
        Ok(Loaded { file, opened: open(&bytes, &opening), at, bytes })
    }
}

impl Loaded {
    /// The day on which its next update was due, where nothing but the validity of its chain is wrong.
    pub(super) fn expired(&self) -> Option<Timestamp> {
        let chain = self.opened.trace.decided_by()?;
        let only = self.opened.trace.failures().count() == 1 && chain.id == "metadata/chain";
        let next_update = self.opened.payload.as_ref()?.next_update;
        let then = next_update.to_zoned(TimeZone::UTC).ok()?.timestamp();
        (only && then < self.at).then_some(then)
    }

    /// The same BLOB, opened at another time.
    ///
    /// # Errors
    /// As [`Roots::open`].
    pub(super) fn at(self, at: Timestamp, roots: &Roots) -> Result<Self, JobError> {
        roots.open_bytes(self.file, self.bytes, at)
    }

    /// The sentence of the check that decided; `None` for a BLOB that verifies.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let trace = &self.opened.trace;
        let check = trace.decided_by().or_else(|| trace.unsupported())?;
        let message = trace.entry(check.id).map(|entry| entry.message()).unwrap_or_default();
        Some((check.id, crate::trace_view::capitalised(message)))
    }
}
