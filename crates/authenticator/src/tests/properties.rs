//! Whatever comes, in whatever order: it never panics, and it never waits for ever.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::cbor::{self, Value};
use lab_protocol::ctap2::{Command, Descriptor, KeyAgreement, Permissions, client_pin, get_assertion, make_credential};
use lab_protocol::{Event, Message, Step};
use proptest::prelude::*;

use crate::models;
use crate::pin::AgreementKey;
use crate::testing::*;

#[derive(Debug, Clone)]
enum Act {
    Send(Vec<u8>),
    Happen(Event),
    Wait(i64),
}

fn options() -> impl Strategy<Value = Vec<(String, bool)>> {
    let one = (prop::sample::select(vec!["rk", "up", "uv", "tomato"]), any::<bool>());
    prop::collection::btree_map(one.prop_map(|(name, _)| name.to_owned()), any::<bool>(), 0..4)
        .prop_map(|options| options.into_iter().collect())
}

fn descriptors() -> impl Strategy<Value = Vec<Descriptor>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..70).prop_map(Descriptor::new), 0..4)
}

fn create_bytes() -> impl Strategy<Value = Vec<u8>> {
    let level = prop::option::of(0..5_i64);
    (options(), descriptors(), prop::collection::vec(any::<u8>(), 0..3), level).prop_map(
        |(options, list, user, level)| {
            let extensions = level.map(|level| (Value::from("credProtect"), Value::from(level))).into_iter().collect();
            let user = lab_protocol::ctap2::UserEntity { id: user, ..Default::default() };
            make_credential::Request { options, exclude_list: list, user, extensions, ..create() }.encode()
        },
    )
}

fn get_bytes() -> impl Strategy<Value = Vec<u8>> {
    (options(), prop::option::of(descriptors()))
        .prop_map(|(options, allow_list)| get_assertion::Request { options, allow_list, ..get() }.encode())
}

fn client_pin_bytes() -> impl Strategy<Value = Vec<u8>> {
    let bytes = || prop::option::of(prop::collection::vec(any::<u8>(), 0..70));
    let numbers = (0..12_i64, prop::option::of(0..4_i64), prop::option::of(any::<u8>()));
    (numbers, bytes(), bytes(), bytes(), any::<bool>(), any::<bool>()).prop_map(
        |((sub_command, protocol, permissions), param, new_pin, pin_hash, with_key, with_rp)| {
            let key = AgreementKey::from_secret(&[5; 32]).unwrap().public();
            client_pin::Request {
                sub_command: client_pin::SubCommand(sub_command),
                pin_uv_auth_protocol: protocol,
                key_agreement: with_key.then(|| KeyAgreement::p256(key.0, key.1)),
                pin_uv_auth_param: param,
                new_pin_enc: new_pin,
                pin_hash_enc: pin_hash,
                permissions: permissions.map(|bits| Permissions(bits.into())),
                rp_id: with_rp.then(|| RP.to_owned()),
                unknown: vec![],
            }
            .encode()
        },
    )
}

/// A message: well-formed, broken somewhere, or noise.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let command = |command: Command| move |body: Vec<u8>| [&[command.0], &body[..]].concat();
    let whole = prop_oneof![
        3 => create_bytes().prop_map(command(Command::MAKE_CREDENTIAL)),
        3 => get_bytes().prop_map(command(Command::GET_ASSERTION)),
        3 => client_pin_bytes().prop_map(command(Command::CLIENT_PIN)),
        2 => prop::sample::select(vec![4_u8, 7, 8, 11]).prop_map(|command| vec![command]),
    ];
    let broken = (whole.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    });
    let noise = prop::collection::vec(any::<u8>(), 0..60);
    prop_oneof![4 => whole, 2 => broken, 1 => noise]
}

fn act() -> impl Strategy<Value = Act> {
    use Event::{Cancel, Deny, NotVerified, PowerCycle, Tick, Touch, Verified};
    let events = vec![Touch, Touch, Verified, Verified, Deny, NotVerified, Cancel, PowerCycle, Tick];
    prop_oneof![
        4 => message().prop_map(Act::Send),
        6 => prop::sample::select(events).prop_map(Act::Happen),
        1 => (-40..40_i64).prop_map(Act::Wait),
    ]
}

/// Every reply with a body is canonical CBOR, four levels deep at most.
fn canonical(step: &Step) -> bool {
    let Step::Done(reply) = step else { return true };
    reply.len() < 2 || reply[0] != 0 || cbor::decode(&reply[1..], cbor::Rules::CTAP2).is_ok()
}

/// A step that waits ends at its time, which is at most 30 seconds away.
fn check(step: &Step, at: Timestamp) {
    if let Step::Waiting { until, .. } = step {
        assert!(*until <= at + SignedDuration::from_secs(100), "{until} is too far from {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_message_and_no_order_of_events_breaks_it(model in 0..10_usize, acts in prop::collection::vec(act(), 1..24)) {
        let mut bench = Bench::with((*models::built_in()[model]).clone(), 9);
        let (mut at, mut last) = (now(), Step::Done(vec![]));
        for act in acts {
            let step = match act {
                Act::Send(message) => bench.engine.start(Message::Cbor(&message), at),
                Act::Happen(event) => bench.engine.event(event, at),
                Act::Wait(seconds) => {
                    at += SignedDuration::from_secs(seconds);
                    bench.engine.event(Event::Tick, at)
                }
            };
            check(&step, at);
            prop_assert!(canonical(&step));
            last = step;
        }
        // A message that found it busy is done while the other still waits: one tick ends that too.
        if let Step::Waiting { until, .. } = last {
            prop_assert!(matches!(bench.engine.event(Event::Tick, until), Step::Done(reply) if !reply.is_empty()));
        }
        bench.engine.event(Event::Tick, Timestamp::MAX);
        prop_assert_eq!(bench.engine.event(Event::Tick, Timestamp::MAX), Step::Done(vec![]));
        prop_assert!(matches!(bench.send(Command::GET_INFO, &[], at), Step::Done(reply) if reply[0] == 0));
    }

    #[test]
    fn any_ctap1_message_is_answered(bytes in prop::collection::vec(any::<u8>(), 0..80), touched in any::<bool>()) {
        let mut bench = Bench::of("yubikey-5-nfc");
        if touched {
            bench.engine.event(Event::Touch, now());
        }
        let Step::Done(reply) = bench.engine.start(Message::Msg(&bytes), now()) else { panic!("it waits") };
        prop_assert!(reply.len() == 2 || reply.ends_with(&[0x90, 0]));
    }
}
