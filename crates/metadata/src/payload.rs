//! The payload of a BLOB (`fido-mds-3 §3.1.6`): indexed at once, its entries read when they are asked for.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use lab_protocol::Aaguid;
use lab_protocol::trace::Reason;
use serde_json::{Map, Value};

use crate::entry::{Entry, key_identifier};
use crate::index::{Names, outline};
use crate::member::{Findings, Place};
use crate::{MAX_ENTRIES, MAX_ENTRY};

/// Why a text is no payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not UTF-8.
    #[error("byte {offset} of the payload is not UTF-8")]
    Utf8 {
        /// Where.
        offset: usize,
    },
    /// Not JSON.
    #[error("the payload is not JSON at byte {offset}: {detail}")]
    Json {
        /// Where.
        offset: usize,
        /// What is wrong.
        detail: String,
    },
    /// A member that occurs twice.
    #[error("the member “{name}” of the payload occurs twice")]
    Twice {
        /// Its name.
        name: String,
    },
    /// A member that every payload has.
    #[error("the payload has no member “{name}”")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// A member of another type.
    #[error("{0}")]
    Member(crate::member::Problem),
    /// More entries than are read.
    #[error("the payload has more than {MAX_ENTRIES} entries")]
    TooMany,
    /// A longer entry than is read.
    #[error("entry {index} has {found} bytes, at most {MAX_ENTRY} are read")]
    LongEntry {
        /// Its place, counted from 0.
        index: usize,
        /// Its length.
        found: usize,
    },
}

impl Reason for PayloadError {
    fn hint(&self) -> Option<&str> {
        Some("Fetch the BLOB again from its source; an edited one cannot verify.")
    }
}

/// What a BLOB says. Whether anybody vouches for it is not known here: see [`crate::Blob`].
#[derive(Debug)]
pub struct Payload {
    json: String,
    /// The terms under which it may be used, as they came.
    pub legal_header: Option<String>,
    /// Its number: the next BLOB has a greater one.
    pub no: u64,
    /// When the next BLOB is due.
    pub next_update: Date,
    /// Members that the lab does not know.
    pub other: Map<String, Value>,
    entries: Vec<Slot>,
    by_aaguid: HashMap<Aaguid, usize>,
    by_key_identifier: HashMap<[u8; 20], usize>,
    repeated: Vec<usize>,
}

/// An entry, read when it is first asked for.
#[derive(Debug)]
struct Slot {
    range: Range<usize>,
    read: OnceLock<Arc<Entry>>,
}

impl Payload {
    /// Reads the outline of a payload.
    ///
    /// # Errors
    /// The first place where it is none.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, PayloadError> {
        let json = String::from_utf8(bytes)
            .map_err(|error| PayloadError::Utf8 { offset: error.utf8_error().valid_up_to() })?;
        let outline = outline(&json)?;
        let mut members = outline.members;
        let legal_header = member(&mut members, "legalHeader")?;
        let no = member(&mut members, "no")?.ok_or(PayloadError::Missing { name: "no" })?;
        let next_update = member(&mut members, "nextUpdate")?.ok_or(PayloadError::Missing { name: "nextUpdate" })?;
        let mut payload = Self {
            json,
            legal_header,
            no,
            next_update,
            other: members,
            entries: Vec::with_capacity(outline.entries.len()),
            by_aaguid: HashMap::with_capacity(outline.entries.len()),
            by_key_identifier: HashMap::new(),
            repeated: Vec::new(),
        };
        for located in outline.entries {
            payload.index(&located.names);
            payload.entries.push(Slot { range: located.range, read: OnceLock::new() });
        }
        Ok(payload)
    }

    /// Of two entries with one identifier the first is found, and the second is reported.
    fn index(&mut self, names: &Names) {
        let place = self.entries.len();
        let aaguid = names.aaguid.as_deref().and_then(|text| text.parse().ok());
        let mut repeated = aaguid.is_some_and(|aaguid| *self.by_aaguid.entry(aaguid).or_insert(place) != place);
        for identifier in names.key_identifiers.iter().filter_map(|text| key_identifier(text)) {
            repeated |= *self.by_key_identifier.entry(identifier).or_insert(place) != place;
        }
        if repeated {
            self.repeated.push(place);
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at this place, counted from 0.
    #[must_use]
    pub fn entry(&self, place: usize) -> Option<&Arc<Entry>> {
        let slot = self.entries.get(place)?;
        let json = self.json.get(slot.range.clone()).unwrap_or_default();
        Some(slot.read.get_or_init(|| Arc::new(Entry::read(json))))
    }

    /// Every entry, in the order of the BLOB; reads those that nobody has asked for yet.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        (0..self.entries.len()).filter_map(|place| self.entry(place))
    }

    /// The entry of a FIDO2 model, in constant time.
    #[must_use]
    pub fn by_aaguid(&self, aaguid: Aaguid) -> Option<&Arc<Entry>> {
        self.by_aaguid.get(&aaguid).and_then(|place| self.entry(*place))
    }

    /// The entry of a U2F model, by SHA-1 of the public key of an attestation certificate; in constant time.
    #[must_use]
    pub fn by_key_identifier(&self, identifier: &[u8; 20]) -> Option<&Arc<Entry>> {
        self.by_key_identifier.get(identifier).and_then(|place| self.entry(*place))
    }

    /// The places of entries whose identifier an earlier one has: nobody finds them.
    #[must_use]
    pub fn repeated(&self) -> &[usize] {
        &self.repeated
    }
}

fn member<T: crate::member::Member>(
    members: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Option<T>, PayloadError> {
    let mut findings = Findings::default();
    let value = crate::member::take(members, name, &Place::Root, &mut findings);
    match findings.problems.pop() {
        Some(problem) => Err(PayloadError::Member(problem)),
        None => Ok(value),
    }
}
