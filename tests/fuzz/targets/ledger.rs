//! Any text as a ledger of what was written to keys: what is read is written to the same ledger.
#![no_main]

use lab_jobs::real_key::Ledger;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(ledger) = text.parse::<Ledger>() else { return };
    assert_eq!(ledger.text().parse::<Ledger>().as_ref(), Ok(&ledger));
    for entry in ledger.entries() {
        assert!(ledger.find(&entry.rp_id, &entry.user_handle.0).is_some());
    }
});
