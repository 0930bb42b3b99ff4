//! The payload of a FIDO metadata BLOB, without its signature: read in outline, then every entry, and judged.

#![no_main]

use lab_metadata::standing::{InHand, standing};
use lab_metadata::{Entry, Payload};
use lab_metadata::member::Member as _;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(payload) = Payload::parse(bytes.to_vec()) else { return };
    let at = "2026-11-20T12:00:00Z".parse().expect("a time");
    for entry in payload.entries() {
        let _ = standing(entry, InHand::default(), at);
        let again = Entry::read(&entry.members.write().to_string());
        assert_eq!(again.members, entry.members, "what was read is read again");
    }
});
