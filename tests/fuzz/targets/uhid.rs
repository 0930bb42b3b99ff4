//! Any bytes as a word of the kernel's uhid: a report that comes out of it stands where the kernel puts it.
#![no_main]

use lab_hid::PACKET;
use lab_links::uhid::Event;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(Event::Output(Some(packet))) = Event::read(bytes) {
        let bare = bytes[4..4 + PACKET] == packet;
        let numbered = bytes[4] == 0 && bytes[5..5 + PACKET] == packet;
        assert!(bare || numbered);
    }
});
