use lab_protocol::Event;

use crate::packet::{Command, ErrorCode};
use crate::testing::*;

#[test]
fn cancel_ends_the_message_that_waits_with_its_own_reply() {
    let mut bench = Bench::new();
    let channel = bench.open();
    assert_eq!(bench.say(channel, Command::CBOR, &[TOUCH], at(0)), [keepalive(channel)]);
    assert_eq!(bench.say(channel, Command::CANCEL, &[], at(1)), [(channel, Command::CBOR, vec![CANCELLED])]);
    assert_eq!(bench.say(channel, Command::PING, &[1], at(1)), [(channel, Command::PING, vec![1])]);
}

#[test]
fn cancel_is_silent_where_nothing_waits() {
    let mut bench = Bench::new();
    let (one, two) = (bench.open(), bench.open());
    assert_eq!(bench.say(one, Command::CANCEL, &[], at(0)), []);
    bench.say(one, Command::CBOR, &[TOUCH, 1], at(0));
    assert_eq!(bench.say(two, Command::CANCEL, &[], at(1)), [], "it is not that channel's message");
    assert_eq!(bench.event(Event::Touch, at(2)), [(one, Command::CBOR, vec![0, 1])]);
}

#[test]
fn cancel_does_not_end_a_message_that_still_comes_in() {
    let mut bench = Bench::new();
    let channel = bench.open();
    let parts = packets(channel, Command::CBOR, &[&[ECHO][..], &[7; 99]].concat());
    bench.feed([parts[0]], at(0));
    assert_eq!(bench.say(channel, Command::CANCEL, &[], at(0)), []);
    assert_eq!(bench.feed([parts[1]], at(0)), [(channel, Command::CBOR, [&[0][..], &[7; 99]].concat())]);
}

#[test]
fn a_cancel_without_channel_is_an_error() {
    let mut bench = Bench::new();
    let unknown = crate::packet::Channel(9);
    assert_eq!(bench.say(unknown, Command::CANCEL, &[], at(0)), error(unknown, ErrorCode::INVALID_CHANNEL));
}

#[test]
fn whoever_waits_hears_from_the_device_ten_times_a_second() {
    let mut bench = Bench::new();
    let channel = bench.open();
    assert_eq!(bench.say(channel, Command::CBOR, &[TOUCH, 1], at(0)), [keepalive(channel)]);
    let mut heard = 0;
    for millis in 1..=1000 {
        heard += bench.tick(at(millis)).len();
    }
    assert_eq!(heard, 10);
    assert_eq!(bench.device.deadline(), Some(at(1100)));
    assert_eq!(bench.event(Event::Touch, at(1001)), [(channel, Command::CBOR, vec![0, 1])]);
    assert_eq!(bench.device.deadline(), None);
}

#[test]
fn whoever_waits_too_long_gets_the_engine_s_reply() {
    let mut bench = Bench::new();
    let channel = bench.open();
    bench.say(channel, Command::CBOR, &[TOUCH], at(0));
    assert_eq!(bench.tick(at(30_000)), [(channel, Command::CBOR, vec![TIMED_OUT])]);
}
