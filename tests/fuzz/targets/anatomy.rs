//! Any bytes taken apart: at every level the parts follow each other and cover their range.
#![no_main]

use lab_jobs::anatomy::{self, Part};

fn covers(offset: usize, length: usize, parts: &[Part]) -> bool {
    let end = parts.iter().try_fold(offset, |at, part| {
        let inside = part.parts.is_empty() || covers(part.offset, part.length, &part.parts);
        (part.offset == at && inside).then_some(at + part.length)
    });
    end == Some(offset + length)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for document in anatomy::of_attestation_object(bytes) {
        assert!(covers(0, document.length, &document.parts));
    }
});
