use std::collections::BTreeSet;

use lab_protocol::Event;

use crate::packet::{Channel, Command, ErrorCode};
use crate::testing::*;

#[test]
fn init_gives_a_channel_of_its_own_and_says_what_the_device_is() {
    let mut bench = Bench::new();
    let reply = bench.say(Channel::BROADCAST, Command::INIT, &[1, 2, 3, 4, 5, 6, 7, 8], at(0));
    let [(Channel::BROADCAST, Command::INIT, data)] = &reply[..] else { panic!("{reply:?}") };
    assert_eq!(data[..8], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(data[12..], [2, 5, 7, 1, 0x05]);
    let channels: BTreeSet<_> = (0..20).map(|_| bench.open()).collect();
    assert_eq!(channels.len(), 20);
    assert!(!channels.contains(&Channel::RESERVED) && !channels.contains(&Channel::BROADCAST));
}

#[test]
fn a_nonce_has_eight_bytes() {
    let mut bench = Bench::new();
    for nonce in [&[0; 7][..], &[0; 9], &[]] {
        let reply = bench.say(Channel::BROADCAST, Command::INIT, nonce, at(0));
        assert_eq!(reply, error(Channel::BROADCAST, ErrorCode::INVALID_LEN));
    }
}

#[test]
fn init_on_a_channel_starts_it_anew() {
    let mut bench = Bench::new();
    let channel = bench.open();
    let parts = packets(channel, Command::PING, &[9; 100]);
    bench.feed([parts[0]], at(0));
    let reply = bench.say(channel, Command::INIT, &[3; 8], at(0));
    let [(on, Command::INIT, data)] = &reply[..] else { panic!("{reply:?}") };
    assert_eq!((*on, &data[8..12]), (channel, &channel.0.to_be_bytes()[..]));
    assert_eq!(bench.feed([parts[1]], at(0)), []);
    assert_eq!(bench.say(channel, Command::PING, b"on", at(0)), [(channel, Command::PING, b"on".to_vec())]);
}

#[test]
fn init_on_a_channel_that_waits_cancels_without_a_word() {
    let mut bench = Bench::new();
    let channel = bench.open();
    bench.say(channel, Command::CBOR, &[TOUCH], at(0));
    let reply = bench.say(channel, Command::INIT, &[3; 8], at(10));
    assert!(matches!(&reply[..], [(_, Command::INIT, _)]), "{reply:?}");
    assert!(bench.device.engine().waiting.is_none());
    assert_eq!(bench.event(Event::Touch, at(20)), []);
}

#[test]
fn no_channel_no_answer_but_an_error() {
    let mut bench = Bench::new();
    bench.open();
    for channel in [Channel::RESERVED, Channel::BROADCAST, Channel(0x0102_0304)] {
        let reply = bench.say(channel, Command::PING, b"x", at(0));
        assert_eq!(reply, error(channel, ErrorCode::INVALID_CHANNEL), "{channel}");
    }
    for channel in [Channel::RESERVED, Channel(0x0102_0304)] {
        let reply = bench.say(channel, Command::INIT, &[0; 8], at(0));
        assert_eq!(reply, error(channel, ErrorCode::INVALID_CHANNEL), "{channel}");
    }
}

#[test]
fn thousands_of_clients_leave_room_for_the_next_and_for_the_one_at_work() {
    let mut bench = Bench::new();
    let first = bench.open();
    let busy = bench.open();
    bench.say(busy, Command::CBOR, &[TOUCH, 1], at(0));
    for _ in 0..5000 {
        bench.open();
    }
    let latest = bench.open();
    assert_eq!(bench.event(Event::Touch, at(1)), [(busy, Command::CBOR, vec![0, 1])]);
    assert_eq!(bench.say(latest, Command::PING, &[1], at(2)), [(latest, Command::PING, vec![1])]);
    assert_eq!(bench.say(first, Command::PING, &[1], at(2)), error(first, ErrorCode::INVALID_CHANNEL));
}

#[test]
fn power_lost_is_everything_lost() {
    let mut bench = Bench::new();
    let channel = bench.open();
    bench.say(channel, Command::CBOR, &[TOUCH], at(0));
    assert_eq!(bench.event(Event::PowerCycle, at(5)), []);
    assert_eq!(bench.device.deadline(), None);
    assert_eq!(bench.say(channel, Command::PING, &[1], at(6)), error(channel, ErrorCode::INVALID_CHANNEL));
    assert_ne!(bench.open(), channel);
}

#[test]
fn a_client_that_vanishes_leaves_the_device_to_others() {
    let mut bench = Bench::new();
    let (gone, other) = (bench.open(), bench.open());
    bench.say(gone, Command::LOCK, &[10], at(0));
    bench.say(gone, Command::CBOR, &[TOUCH], at(0));
    bench.device.close(gone, at(1));
    assert_eq!(bench.sent(), []);
    assert_eq!(bench.say(other, Command::PING, &[1], at(2)), [(other, Command::PING, vec![1])]);
    assert_eq!(bench.say(gone, Command::PING, &[1], at(2)), error(gone, ErrorCode::INVALID_CHANNEL));
}
