use lab_protocol::Capabilities;

use crate::packet::{Channel, Command, ErrorCode, MAX_MESSAGE};
use crate::split;
use crate::testing::*;

#[test]
fn a_ping_of_any_length_comes_back() {
    let mut bench = Bench::new();
    let channel = bench.open();
    for length in [0, 1, 57, 58, 116, 117, 1024, MAX_MESSAGE] {
        let message: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0]).collect();
        let reply = bench.say(channel, Command::PING, &message, at(0));
        assert_eq!(reply, [(channel, Command::PING, message)], "{length}");
    }
}

#[test]
fn a_message_longer_than_packets_carry_is_refused() {
    assert!(split(Channel(1), Command::PING, &vec![0; MAX_MESSAGE + 1]).is_err());
    let mut bench = Bench::new();
    let channel = bench.open();
    let mut packet = packets(channel, Command::PING, &[0; 57])[0];
    packet[5..7].copy_from_slice(&7610_u16.to_be_bytes());
    assert_eq!(bench.feed([packet], at(0)), error(channel, ErrorCode::INVALID_LEN));
}

#[test]
fn an_answer_longer_than_packets_carry_is_an_error() {
    let mut bench = Bench::new();
    let channel = bench.open();
    let reply = bench.say(channel, Command::CBOR, &[LONG, 0xff, 0xff], at(0));
    assert_eq!(reply, error(channel, ErrorCode::OTHER));
    assert_eq!(bench.say(channel, Command::PING, b"on", at(0)), [(channel, Command::PING, b"on".to_vec())]);
}

#[test]
fn sequence_numbers_are_in_order() {
    for sequence in [[0, 2], [0, 0], [1, 2]] {
        let mut bench = Bench::new();
        let channel = bench.open();
        let mut parts = packets(channel, Command::PING, &[9; 57 + 59 + 59]);
        parts[1][4] = sequence[0];
        parts[2][4] = sequence[1];
        assert_eq!(bench.feed(parts, at(0)), error(channel, ErrorCode::INVALID_SEQ), "{sequence:?}");
        assert_eq!(bench.say(channel, Command::PING, b"on", at(0)), [(channel, Command::PING, b"on".to_vec())]);
    }
}

#[test]
fn a_message_inside_a_message_ends_both() {
    let mut bench = Bench::new();
    let channel = bench.open();
    let parts = packets(channel, Command::PING, &[9; 100]);
    assert_eq!(bench.feed([parts[0]], at(0)), []);
    let reply = bench.say(channel, Command::PING, b"x", at(0));
    assert_eq!(reply, error(channel, ErrorCode::INVALID_SEQ));
    assert_eq!(bench.feed([parts[1]], at(0)), [], "the rest is of no message");
}

#[test]
fn an_unfinished_message_times_out_after_half_a_second() {
    let mut bench = Bench::new();
    let channel = bench.open();
    let parts = packets(channel, Command::PING, &[9; 200]);
    assert_eq!(bench.feed([parts[0]], at(0)), []);
    assert_eq!(bench.device.deadline(), Some(at(500)));
    assert_eq!(bench.tick(at(499)), []);
    assert_eq!(bench.feed([parts[1]], at(499)), [], "each packet has its own half second");
    assert_eq!(bench.tick(at(998)), []);
    assert_eq!(bench.tick(at(999)), error(channel, ErrorCode::MSG_TIMEOUT));
    assert_eq!(bench.device.deadline(), None);
}

#[test]
fn a_packet_that_lay_in_a_queue_is_in_time_until_a_tick_says_otherwise() {
    let mut bench = Bench::new();
    let channel = bench.open();
    let parts = packets(channel, Command::PING, &[9; 200]);
    assert_eq!(bench.feed([parts[0], parts[1]], at(0)), []);
    assert_eq!(bench.feed([parts[2]], at(700)), []);
    assert_eq!(bench.tick(at(1200)), error(channel, ErrorCode::MSG_TIMEOUT));
    assert_eq!(bench.feed([parts[3]], at(1200)), []);
}

#[test]
fn lengths_that_a_command_does_not_have() {
    let mut bench = Bench::new();
    let channel = bench.open();
    for (command, message) in
        [(Command::CBOR, &[][..]), (Command::MSG, &[]), (Command::WINK, &[1]), (Command::LOCK, &[])]
    {
        let reply = bench.say(channel, command, message, at(0));
        assert_eq!(reply, error(channel, ErrorCode::INVALID_LEN), "{command}");
    }
}

#[test]
fn commands_that_it_does_not_have() {
    let mut bench = Bench::new();
    let channel = bench.open();
    for command in [Command(0), Command(0x3a), Command(0x40), Command(0x7f), Command::KEEPALIVE, Command::ERROR] {
        assert_eq!(bench.say(channel, command, &[1], at(0)), error(channel, ErrorCode::INVALID_CMD), "{command}");
    }
}

#[test]
fn capabilities_say_what_it_does() {
    let mut bench = Bench::new();
    let channel = bench.open();
    bench.device.engine_mut().capabilities = Some(Capabilities::NMSG);
    for (command, message) in [(Command::CBOR, &[ECHO][..]), (Command::MSG, &[0]), (Command::WINK, &[])] {
        assert_eq!(bench.say(channel, command, message, at(0)), error(channel, ErrorCode::INVALID_CMD), "{command}");
    }
    bench.device.engine_mut().capabilities = None;
    assert_eq!(bench.say(channel, Command::WINK, &[], at(0)), [(channel, Command::WINK, vec![])]);
    assert_eq!(bench.device.winks(), 1);
    let apdu = [0, 3, 0, 0];
    assert_eq!(bench.say(channel, Command::MSG, &apdu, at(0)), [(channel, Command::MSG, vec![0, 3, 0, 0, 0x90, 0])]);
    assert_eq!(bench.say(channel, Command::CBOR, &[ECHO, 5], at(0)), [(channel, Command::CBOR, vec![0, 5])]);
}

#[test]
fn the_last_word_on_a_packet_is_the_tampering_s() {
    let mut bench = Bench::new();
    let channel = bench.open();
    bench.device.engine_mut().flips = true;
    let reply = bench.say(channel, Command::PING, &[0; 57], at(0));
    let mut flipped = vec![0; 57];
    flipped[56] = 1;
    assert_eq!(reply, [(channel, Command::PING, flipped)]);
}
