//! Any bytes as a compact JWS, and its signature under a key of each kind.
#![no_main]

use lab_attestation::jws::{Jws, object};
use lab_attestation::signature::PublicKey;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = object(bytes);
    if let Ok(jws) = Jws::parse(bytes, 1 << 16) {
        let rsa = PublicKey::Rsa { n: &[0xc1; 256], e: &[1, 0, 1] };
        for key in [rsa, PublicKey::Ed25519 { x: &[7; 32] }, PublicKey::Unknown] {
            assert!(jws.verify(&key).is_err());
        }
    }
});
