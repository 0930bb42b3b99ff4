//! Any bytes as the state of an authenticator: what is read is written to the same bytes, what is not is refused.
#![no_main]

use lab_fuzz::authenticator;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut engine = authenticator("lab-every-option");
    let before = engine.export();
    match engine.restore(bytes) {
        Ok(()) => assert_eq!(engine.export(), bytes),
        Err(_) => assert_eq!(engine.export(), before),
    }
});
