use crate::packet::{Channel, Command, ErrorCode};
use crate::testing::*;

#[test]
fn while_one_channel_has_the_device_the_others_hear_that_it_is_busy() {
    let mut bench = Bench::new();
    let (one, two) = (bench.open(), bench.open());
    let parts = packets(one, Command::PING, &[9; 100]);
    assert_eq!(bench.feed([parts[0]], at(0)), []);
    assert_eq!(bench.say(two, Command::PING, b"x", at(0)), error(two, ErrorCode::CHANNEL_BUSY));
    assert_eq!(bench.feed([parts[1]], at(0)), [(one, Command::PING, vec![9; 100])]);
}

#[test]
fn interleaved_messages_leave_the_first_whole() {
    let mut bench = Bench::new();
    let (one, two) = (bench.open(), bench.open());
    let first = packets(one, Command::PING, &[1; 100]);
    let second = packets(two, Command::PING, &[2; 100]);
    let seen = bench.feed([first[0], second[0], second[1], first[1]], at(0));
    assert_eq!(seen, [(two, Command::ERROR, vec![6]), (one, Command::PING, vec![1; 100])]);
}

#[test]
fn init_is_answered_while_another_channel_is_busy() {
    let mut bench = Bench::new();
    let one = bench.open();
    let parts = packets(one, Command::PING, &[9; 100]);
    bench.feed([parts[0]], at(0));
    let two = bench.open();
    assert_ne!(one, two);
    let reply = bench.say(two, Command::INIT, &[1; 8], at(0));
    assert!(matches!(&reply[..], [(on, Command::INIT, _)] if *on == two), "{reply:?}");
    assert_eq!(bench.feed([parts[1]], at(0)), [(one, Command::PING, vec![9; 100])]);
}

#[test]
fn the_channel_that_waits_is_busy_itself() {
    let mut bench = Bench::new();
    let one = bench.open();
    assert_eq!(bench.say(one, Command::CBOR, &[TOUCH], at(0)), [keepalive(one)]);
    assert_eq!(bench.say(one, Command::PING, &[1], at(1)), error(one, ErrorCode::CHANNEL_BUSY));
    assert_eq!(bench.event(lab_protocol::Event::Touch, at(2)), [(one, Command::CBOR, vec![0])]);
}

#[test]
fn packets_of_no_message_are_silence() {
    let mut bench = Bench::new();
    let (one, two) = (bench.open(), bench.open());
    let parts = packets(one, Command::PING, &[9; 200]);
    assert_eq!(bench.feed([parts[1], parts[2]], at(0)), []);
    bench.feed([parts[0]], at(0));
    let mut foreign = parts[1];
    foreign[..4].copy_from_slice(&two.0.to_be_bytes());
    let mut nobody = parts[1];
    nobody[..4].copy_from_slice(&[0; 4]);
    assert_eq!(
        bench.feed([foreign, nobody, parts[1], parts[2], parts[3], parts[3]], at(0)),
        [(one, Command::PING, vec![9; 200])]
    );
}

#[test]
fn a_lock_keeps_the_others_out_until_it_is_released_or_runs_out() {
    let mut bench = Bench::new();
    let (one, two) = (bench.open(), bench.open());
    assert_eq!(bench.say(one, Command::LOCK, &[11], at(0)), error(one, ErrorCode::INVALID_PAR));
    assert_eq!(bench.say(one, Command::LOCK, &[5], at(0)), [(one, Command::LOCK, vec![])]);
    assert_eq!(bench.say(two, Command::PING, &[1], at(1)), error(two, ErrorCode::CHANNEL_BUSY));
    assert_eq!(bench.say(one, Command::PING, &[1], at(1)), [(one, Command::PING, vec![1])]);
    assert_eq!(bench.say(one, Command::LOCK, &[0], at(2)), [(one, Command::LOCK, vec![])]);
    assert_eq!(bench.say(two, Command::LOCK, &[5], at(3)), [(two, Command::LOCK, vec![])]);
    assert_eq!(bench.say(one, Command::PING, &[1], at(5002)), error(one, ErrorCode::CHANNEL_BUSY));
    assert_eq!(bench.say(one, Command::PING, &[1], at(5003)), [(one, Command::PING, vec![1])]);
    assert_ne!(bench.open(), Channel::RESERVED);
}
