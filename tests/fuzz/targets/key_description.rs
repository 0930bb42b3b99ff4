//! Any bytes as Android's key description: read, or refused with a sentence.
#![no_main]

use lab_attestation::asn1;
use lab_attestation::key_description::KeyDescription;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(elements) = asn1::elements(bytes, 1000) {
        assert_eq!(elements.iter().map(|element| element.whole.len()).sum::<usize>(), bytes.len());
    }
    match KeyDescription::parse(bytes) {
        Ok(description) => description.lists().iter().for_each(|list| {
            let _ = (list.origin(), list.purposes(), list.all_applications(), list.is_sorted());
        }),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
