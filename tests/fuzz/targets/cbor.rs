//! Any bytes: decoded strictly or refused, and what is decoded encodes to the same bytes.
#![no_main]

use lab_protocol::cbor::{self, Rules};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = cbor::decode(bytes, Rules::RELYING_PARTY);
    if let Ok(value) = cbor::decode(bytes, Rules::CTAP2) {
        let again = cbor::encode(&value);
        let text = format!("{value:?}");
        // Floats have several encodings, which CTAP2 does not normalise.
        if !text.contains("Float") {
            assert_eq!(again, bytes);
        }
    }
});
