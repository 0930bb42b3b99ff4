//! Any parameters of one command, at an authenticator without a PIN and at one with.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lab_fuzz::command(0x0c, bytes));
