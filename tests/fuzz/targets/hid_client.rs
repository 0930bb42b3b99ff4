//! Any packets from a device: the client gets a reply or an error, and never waits for ever.
#![no_main]

use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};
use lab_hid::{Channel, Command, HidDevice, Link, LinkError, PACKET, Packet, split};

/// Answers CTAPHID_INIT, then says what the fuzzer says.
struct Noise<'n> {
    now: Timestamp,
    opened: Vec<Packet>,
    noise: std::slice::Chunks<'n, u8>,
}

impl Link for Noise<'_> {
    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn send(&mut self, _: &Packet) -> Result<(), LinkError> {
        Ok(())
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        self.now += SignedDuration::from_millis(1);
        if let Some(packet) = self.opened.pop() {
            return Ok(Some(packet));
        }
        let Some(chunk) = self.noise.next() else {
            self.now = until;
            return Ok(None);
        };
        let mut packet = [0; PACKET];
        packet.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        if chunk.first().is_some_and(|first| first & 1 == 0) {
            packet[..4].copy_from_slice(&7_u32.to_be_bytes());
        }
        Ok(Some(packet))
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let init = [&[1; 8][..], &7_u32.to_be_bytes(), &[2, 0, 0, 0, 5]].concat();
    let opened = split(Channel::BROADCAST, Command::INIT, &init).unwrap().collect();
    let link = Noise { now: Timestamp::UNIX_EPOCH, opened, noise: bytes.chunks(PACKET) };
    let mut device = HidDevice::open(link, [1; 8]).unwrap();
    let mut patience = 3;
    let mut on_wait = |_| {
        patience -= 1;
        if patience > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let _ = device.request(Command::CBOR, &[4], &mut on_wait);
    let _ = HidDevice::open(device.link_mut(), [2; 8]);
});
