//! Any commands and events in any order at an authenticator: it answers each, and what it keeps can be restored.
#![no_main]

use lab_fuzz::{authenticator, run};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut engine = authenticator("lab-every-option");
    run(&mut engine, bytes);
    let state = engine.export();
    let mut again = authenticator("lab-every-option");
    again.restore(&state).unwrap();
    assert_eq!(again.export(), state);
});
