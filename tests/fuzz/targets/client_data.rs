//! Any bytes as client data.
#![no_main]

use lab_protocol::webauthn::client_data::{CollectedClientData, decode_utf8};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = decode_utf8(bytes) {
        let _ = CollectedClientData::parse(text);
    }
});
