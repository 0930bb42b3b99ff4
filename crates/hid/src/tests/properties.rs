use jiff::SignedDuration;
use proptest::prelude::*;

use lab_protocol::Event;

use crate::packet::{Channel, Command, Frame, MAX_MESSAGE, Packet};
use crate::testing::*;
use crate::{Assembled, Assembler, split};

fn assemble(packets: Vec<Packet>) -> (Channel, Command, Vec<u8>) {
    let mut packets = packets.iter().map(Frame::read);
    let Some(Frame::Initialization { channel, command, length, data }) = packets.next() else {
        panic!("no first packet")
    };
    let mut assembled = Assembler::start(length, data).unwrap();
    for frame in packets {
        let (Assembled::Part(assembler), Frame::Continuation { channel: on, sequence, data }) = (assembled, frame)
        else {
            panic!("a packet too many")
        };
        assert_eq!(on, channel);
        assembled = assembler.push(sequence, data).unwrap();
    }
    let Assembled::Whole(message) = assembled else { panic!("a packet is missing") };
    (channel, command, message)
}

/// What somebody on the wire can do.
#[derive(Debug, Clone)]
enum Deed {
    Packet { channel: usize, marked: u8, length: u16, data: u8 },
    Noise(Vec<u8>),
    Message { channel: usize, command: u8, length: usize },
    Event(Event),
    Close(usize),
    Pass(u16),
}

fn deed() -> impl Strategy<Value = Deed> {
    let events = prop::sample::select(vec![Event::Touch, Event::Deny, Event::Cancel, Event::Tick]);
    let commands = prop::sample::select(vec![0x01, 0x03, 0x04, 0x06, 0x08, 0x10, 0x11, 0x3b, 0x3f, 0x55]);
    prop_oneof![
        4 => (0..6_usize, any::<u8>(), 0..300_u16, any::<u8>())
            .prop_map(|(channel, marked, length, data)| Deed::Packet { channel, marked, length, data }),
        1 => prop::collection::vec(any::<u8>(), 64).prop_map(Deed::Noise),
        4 => (0..6_usize, commands, prop_oneof![0..70_usize, Just(8), Just(1)])
            .prop_map(|(channel, command, length)| Deed::Message { channel, command, length }),
        1 => events.prop_map(Deed::Event),
        1 => (0..4_usize).prop_map(Deed::Close),
        2 => (0..700_u16).prop_map(Deed::Pass),
    ]
}

proptest! {
    #[test]
    fn split_and_assemble_are_inverse(
        channel in any::<u32>(),
        command in 0..0x80_u8,
        message in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            prop::collection::vec(any::<u8>(), MAX_MESSAGE - 60..=MAX_MESSAGE),
        ],
    ) {
        let whole = (Channel(channel), Command(command), message);
        let packets: Vec<_> = split(whole.0, whole.1, &whole.2).unwrap().collect();
        prop_assert_eq!(packets.len(), 1 + whole.2.len().saturating_sub(57).div_ceil(59));
        prop_assert_eq!(assemble(packets), whole);
    }

    /// Whatever others do, the device goes on: a client that starts anew is served at the latest when
    /// the message of the others has run out.
    #[test]
    fn any_packets_in_any_order_leave_the_device_at_work(deeds in prop::collection::vec(deed(), 0..80)) {
        let mut bench = Bench::new();
        let own: Vec<_> = (0..4).map(|_| bench.open()).collect();
        let named = |at: usize| own.get(at).copied().unwrap_or(Channel(if at == 4 { u32::MAX } else { 0 }));
        let mut now = at(0);
        for deed in deeds {
            let answers = match deed {
                Deed::Packet { channel, marked, length, data } => {
                    let mut packet = [data; 64];
                    packet[..4].copy_from_slice(&named(channel).0.to_be_bytes());
                    packet[4] = marked;
                    packet[5..7].copy_from_slice(&length.to_be_bytes());
                    bench.feed([packet], now)
                }
                Deed::Noise(bytes) => bench.feed([Packet::try_from(bytes).unwrap()], now),
                Deed::Message { channel, command, length } => {
                    bench.say(named(channel), Command(command), &vec![TOUCH; length], now)
                }
                Deed::Event(event) => bench.event(event, now),
                Deed::Close(channel) => {
                    bench.device.close(named(channel), now);
                    bench.sent()
                }
                Deed::Pass(millis) => {
                    now += SignedDuration::from_millis(millis.into());
                    bench.tick(now)
                }
            };
            prop_assert!(answers.len() <= 3, "{:?}", answers);
        }
        now += SignedDuration::from_secs(31);
        bench.tick(now);
        let fresh = bench.open();
        let reply = bench.say(fresh, Command::PING, &[5; 100], now);
        prop_assert_eq!(reply, [(fresh, Command::PING, vec![5; 100])]);
    }

    /// A channel's message is answered as if it were alone, whatever strangers send in between.
    #[test]
    fn strangers_do_not_disturb_a_message(
        message in prop::collection::vec(any::<u8>(), 58..600),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 64), 0..12),
    ) {
        let mut bench = Bench::new();
        let own = bench.open();
        let mut strangers = noise.into_iter().map(|bytes| Packet::try_from(bytes).unwrap());
        let mut answers = Vec::new();
        for packet in packets(own, Command::PING, &message) {
            answers.extend(bench.feed([packet], at(0)));
            let stranger = strangers.next().filter(|packet| packet[..4] != own.0.to_be_bytes());
            answers.extend(bench.feed(stranger, at(0)));
        }
        answers.retain(|(channel, ..)| *channel == own);
        prop_assert_eq!(answers, [(own, Command::PING, message)]);
    }
}
