//! A metadata BLOB to be measured: the real one beside the checkout, else the lab's own with icons, which make
//! real ones as long as they are.

use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_jobs::metadata::{Staging, lab_blob};
use lab_jobs::models::Catalogue;
use lab_jobs::world::World;
use lab_metadata::open::FIDO_SOURCE;
use lab_metadata::{Opening, Payload, fido_roots, open};

/// A BLOB, and what it is opened with.
pub struct Metadata {
    /// Which it is.
    pub what: &'static str,
    text: Vec<u8>,
    anchors: Anchors,
    at: Timestamp,
}

impl Default for Metadata {
    fn default() -> Self {
        Self::new()
    }
}

impl Metadata {
    /// The real BLOB where it is there, else the lab's.
    #[must_use]
    pub fn new() -> Self {
        let real = "../../../shared/vectors/mds/blobs/fido-mds3-real-no122.jwt.gz";
        match std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(real)) {
            Ok(file) => {
                let mut text = Vec::new();
                flate2::read::GzDecoder::new(file).read_to_end(&mut text).unwrap();
                let at = "2024-12-21T00:00:00Z".parse().unwrap();
                Self { what: "FIDO's BLOB no. 122", text, anchors: fido_roots(), at }
            }
            Err(_) => Self::of_the_lab(),
        }
    }

    fn of_the_lab() -> Self {
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let world = World::seeded(7, at);
        let catalogue = Catalogue::read(None).unwrap();
        let text = lab_blob(&catalogue, &Staging::default(), &world).unwrap().into_bytes();
        let anchor = Anchor::from_der(world.vendors().stand_in_root(), Origin::StandIn).unwrap();
        Self { what: "the lab's BLOB", text, anchors: [anchor].into_iter().collect(), at }
    }

    /// Its length in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Verifies and indexes it.
    #[must_use]
    pub fn open(&self) -> Payload {
        let opening = Opening { anchors: &self.anchors, crls: &[], at: self.at, source: FIDO_SOURCE };
        open(&self.text, &opening).into_blob().expect("it verifies").payload
    }
}

/// The peak of resident memory in MB, as Linux counts it.
#[must_use]
pub fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
