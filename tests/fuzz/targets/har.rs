//! Any text as the bodies of a recording: what was sent, and what was answered before.
#![no_main]

use lab_jobs::input::cases;
use serde_json::json;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (answered, sent) = text.split_once('\0').unwrap_or(("", text));
    let entries = json!([
        {"response": {"content": {"text": answered}}},
        {"request": {"postData": {"text": sent}}},
    ]);
    for file in [json!({"log": {"entries": entries}}).to_string().as_str(), text] {
        match cases::read("fuzz.har", file) {
            Ok(cases) => cases.iter().flatten().for_each(|case| assert!(!case.id.is_empty())),
            Err(error) => assert!(error.to_string().starts_with("fuzz.har")),
        }
    }
});
