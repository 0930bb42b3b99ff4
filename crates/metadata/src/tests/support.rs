//! Keys, chains and BLOBs for the tests of this crate.

use jiff::Timestamp;
use lab_attestation::emit::{Vendors, VendorsOptions};
use lab_attestation::keys::Backend;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_protocol::Random;
use lab_protocol::tamper::Root;
use serde_json::{Value, json};

use crate::Entry;
use crate::entry::PayloadEntry;
use crate::member::{Findings, Member as _, Place};
use crate::open::{FIDO_SOURCE, Opened, Opening, open};
use crate::write::{Draft, Signer, write};

/// Counts up: tests need the same bytes, not random ones.
pub(crate) struct Counter(pub(crate) u8);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(113);
            *byte = self.0;
        }
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The time of most tests.
pub(crate) fn noon() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

pub(crate) fn vendors() -> Vendors {
    let options = VendorsOptions {
        backend: Backend::Deterministic,
        seeded: true,
        not_before: at("2020-01-01T00:00:00Z"),
        not_after: at("2030-01-01T00:00:00Z"),
    };
    Vendors::new(options, &mut Counter(7))
}

pub(crate) fn anchors(vendors: &Vendors) -> Anchors {
    [Anchor::from_der(vendors.stand_in_root(), Origin::StandIn).unwrap()].into_iter().collect()
}

pub(crate) fn entry(json: &Value) -> Entry {
    Entry::read(&json.to_string())
}

/// An entry with these status reports and nothing else that could be wrong.
pub(crate) fn with_reports(reports: &Value) -> Entry {
    entry(&json!({
        "aaguid": "a25342c0-3cdc-4414-8e46-f4807fca511c",
        "statusReports": reports,
        "timeOfLastStatusChange": "2026-01-01",
        "metadataStatement": {
            "aaguid": "a25342c0-3cdc-4414-8e46-f4807fca511c",
            "description": "A key",
            "protocolFamily": "fido2",
            "attestationTypes": ["basic_full"],
            "attestationRootCertificates": [],
        },
    }))
}

pub(crate) fn draft(no: u64, next_update: &str, entries: &[Value]) -> Draft {
    let read = |value: &Value| PayloadEntry::read(value.clone(), &Place::Root, &mut Findings::default()).unwrap();
    Draft {
        legal_header: "For tests.".to_owned(),
        no,
        next_update: next_update.parse().unwrap(),
        entries: entries.iter().map(read).collect(),
    }
}

pub(crate) fn signed(vendors: &Vendors, draft: &Draft) -> String {
    let batch = vendors.metadata_signer(Root::StandIn).unwrap();
    write(draft, &Signer { key: &batch.key, chain: &batch.chain }, &mut Counter(1)).unwrap()
}

/// Opens a BLOB of the lab's at noon.
pub(crate) fn opened(vendors: &Vendors, text: &str) -> Opened {
    let anchors = anchors(vendors);
    open(text.as_bytes(), &Opening { anchors: &anchors, crls: &[], at: noon(), source: FIDO_SOURCE })
}
