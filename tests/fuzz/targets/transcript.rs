//! Any text as a transcript: what is read is written to the same transcript, and played back to any request.
#![no_main]

use std::ops::ControlFlow;

use lab_client::transcript::{Replay, Transcript};
use lab_protocol::{Device as _, Random};

/// Random bytes that are all the same.
struct Ones;

impl Random for Ones {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(1);
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(transcript) = Transcript::from_lines(text) else { return };
    assert_eq!(Transcript::from_lines(&transcript.to_lines()).as_ref(), Ok(&transcript));
    let mut replay = Replay::new(&transcript, None, &mut Ones);
    for exchange in &transcript.exchanges {
        let _ = replay.call(exchange.request.message(), &mut |_| ControlFlow::Continue(()));
    }
});
