//! Any packets in any order at a device: it answers in packets, and a fresh channel is served in the end.
#![no_main]

use jiff::{SignedDuration, Timestamp};
use lab_hid::{Channel, Command, DeviceEnd, Frame, PACKET, Packet, split};
use lab_protocol::{Capabilities, Engine, Event, HidFacts, Message, Status, Step};

/// Waits for a touch where the message says so, and echoes everything else.
#[derive(Default)]
struct Echo(Option<Timestamp>);

impl Engine for Echo {
    fn start(&mut self, message: Message<'_>, now: Timestamp) -> Step {
        match message {
            Message::Cbor([first, ..]) if first & 1 == 1 => {
                let until = now + SignedDuration::from_secs(30);
                self.0 = Some(until);
                Step::Waiting { status: Status::UpNeeded, until }
            }
            Message::Cbor(bytes) | Message::Msg(bytes) => Step::Done(bytes.to_vec()),
        }
    }

    fn event(&mut self, event: Event, now: Timestamp) -> Step {
        match self.0.take() {
            None => Step::Done(Vec::new()),
            Some(until) if event == Event::Tick && now < until => {
                self.0 = Some(until);
                Step::Waiting { status: Status::UpNeeded, until }
            }
            Some(_) => Step::Done(vec![0]),
        }
    }

    fn hid_facts(&self) -> HidFacts {
        HidFacts { version: [0; 3], capabilities: Capabilities::WINK.with(Capabilities::CBOR) }
    }

    fn revision(&self) -> u64 {
        0
    }

    fn export(&self) -> Vec<u8> {
        Vec::new()
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut device = DeviceEnd::new(Echo::default());
    let mut now = Timestamp::UNIX_EPOCH;
    for chunk in bytes.chunks(PACKET + 1) {
        let [first, rest @ ..] = chunk else { continue };
        now += SignedDuration::from_millis(i64::from(*first) * 4);
        let mut packet: Packet = [0; PACKET];
        packet.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        // Half of them on a channel that exists.
        if first & 1 == 1 {
            packet[..3].copy_from_slice(&[0x4c, 0, 0]);
        }
        device.packet(&packet, now);
        if first & 6 == 6 {
            device.event(Event::Touch, now);
        }
        while device.next_packet().is_some() {}
    }
    now += SignedDuration::from_secs(40);
    device.tick(now);
    while device.next_packet().is_some() {}
    let mut say = |channel, command, message: &[u8]| {
        let packets = split(channel, command, message).unwrap();
        packets.for_each(|packet| device.packet(&packet, now));
        let answer = device.next_packet().unwrap();
        while device.next_packet().is_some() {}
        answer
    };
    let opened = say(Channel::BROADCAST, Command::INIT, &[1; 8]);
    let channel = Channel(u32::from_be_bytes(opened[15..19].try_into().unwrap()));
    let pong = say(channel, Command::PING, b"still there");
    assert!(matches!(Frame::read(&pong), Frame::Initialization { command: Command::PING, .. }));
});
