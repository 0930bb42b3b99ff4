//! Any bytes as a COSE_Key, and the arithmetic behind it.
#![no_main]

use lab_attestation::signature;
use lab_protocol::cose::CredentialPublicKey;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = CredentialPublicKey::parse(bytes) {
        let _ = signature::check_key(&key);
        let _ = signature::verify(&key, b"message", bytes);
    }
});
