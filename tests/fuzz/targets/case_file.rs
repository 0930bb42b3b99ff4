//! Any text as a file of recorded cases: each is a case, or an error that names the place.
#![no_main]

use lab_jobs::input::cases;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        match cases::read("fuzz.json", text) {
            Ok(cases) => cases.iter().flat_map(|case| case.as_ref().err()).for_each(|error| {
                assert!(error.to_string().starts_with("fuzz.json"));
            }),
            Err(error) => assert!(error.to_string().starts_with("fuzz.json")),
        }
    }
});
