//! Any APDU, after a touch: an answer that ends in a status word.
#![no_main]

use jiff::Timestamp;
use lab_protocol::{Event, Message, Step};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut engine = lab_fuzz::authenticator("yubikey-5-nfc");
    engine.event(Event::Touch, Timestamp::UNIX_EPOCH);
    let step = engine.start(Message::Msg(bytes), Timestamp::UNIX_EPOCH);
    assert!(matches!(step, Step::Done(reply) if reply.len() >= 2));
});
