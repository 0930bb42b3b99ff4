//! Whatever is managed, in whatever order, authorised or not: what is kept stays sound, and the revision tells
//! of every change.

use lab_protocol::ctap2::{Command, Descriptor, Permissions, bio_enrollment, config, credential_management, get_info};
use lab_protocol::{Event, Message, Step};
use proptest::prelude::*;

use crate::engine::Authenticator;
use crate::testing::*;

#[derive(Debug, Clone)]
enum Act {
    Register { rp: u8, user: u8, discoverable: bool },
    Credentials { sub_command: i64, nth: usize },
    Config { sub_command: i64, length: Option<i64>, force: Option<bool> },
    Blobs { length: usize, split: usize, good: bool },
    Fingers { sub_command: i64, nth: usize, event: Event },
    U2f { ins: u8, p1: u8, nth: usize },
    Noise { command: u8, bytes: Vec<u8> },
    Happen(Event),
    Reset,
    Token,
}

fn act() -> impl Strategy<Value = Act> {
    let events = vec![Event::Touch, Event::Verified, Event::NotVerified, Event::Deny, Event::Tick, Event::PowerCycle];
    let event = prop::sample::select(events);
    let commands = vec![0x06, 0x09, 0x0a, 0x0c, 0x0d, 0x40, 0x41];
    prop_oneof![
        4 => (0..3_u8, 0..4_u8, any::<bool>())
            .prop_map(|(rp, user, discoverable)| Act::Register { rp, user, discoverable }),
        4 => (0..9_i64, 0..6_usize).prop_map(|(sub_command, nth)| Act::Credentials { sub_command, nth }),
        2 => (0..6_i64, prop::option::of(0..70_i64), prop::option::of(any::<bool>()))
            .prop_map(|(sub_command, length, force)| Act::Config { sub_command, length, force }),
        2 => (10..300_usize, 0..300_usize, any::<bool>())
            .prop_map(|(length, split, good)| Act::Blobs { length, split, good }),
        4 => (0..9_i64, 0..6_usize, event.clone())
            .prop_map(|(sub_command, nth, event)| Act::Fingers { sub_command, nth, event }),
        2 => (0..4_u8, prop::sample::select(vec![3_u8, 7, 8, 0]), 0..6_usize)
            .prop_map(|(ins, p1, nth)| Act::U2f { ins, p1, nth }),
        2 => (prop::sample::select(commands), prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(command, bytes)| Act::Noise { command, bytes }),
        2 => event.prop_map(Act::Happen),
        1 => Just(Act::Reset),
        1 => Just(Act::Token),
    ]
}

/// Every permission that needs no RP ID.
const ALL: Permissions = Permissions(0x3c);

/// A token, where the authenticator still gives one.
fn token(bench: &mut Bench) -> Option<Token> {
    let state = &bench.engine.state;
    let usable = state.pin.is_some() && !state.force_pin_change && state.pin_retries == 8;
    usable.then(|| bench.authorized(ALL))
}

fn nth_id(engine: &Authenticator, nth: usize) -> Vec<u8> {
    engine.credentials().get(nth).map_or(vec![7; 16], |credential| credential.id.clone())
}

fn nth_template(engine: &Authenticator, nth: usize) -> Vec<u8> {
    engine.state.templates.get(nth).map_or(vec![7; 2], |template| template.id.clone())
}

/// Gives `event` until it is done, at last the time that it waits.
fn finish(bench: &mut Bench, mut step: Step, event: Event) {
    for event in [event, Event::Tick] {
        if let Step::Waiting { until, .. } = step {
            step = bench.engine.event(event, if event == Event::Tick { until } else { now() });
        }
    }
    assert!(matches!(step, Step::Done(_)), "{step:?}");
}

fn play(bench: &mut Bench, held: &mut Option<Token>, act: Act) {
    match act {
        Act::Token => *held = token(bench),
        Act::Happen(event) => _ = bench.engine.event(event, now()),
        Act::Reset => finish_command(bench, Command::RESET, &[], Event::Touch),
        Act::Noise { command, bytes } => finish_command(bench, Command(command), &bytes, Event::Touch),
        Act::Register { rp, user, discoverable } => {
            let mut request = create_for(user);
            request.rp.id = format!("{rp}.example");
            request.options = vec![("rk".into(), discoverable)];
            finish_command(bench, Command::MAKE_CREDENTIAL, &request.encode(), Event::Verified);
        }
        Act::U2f { ins, p1, nth } => {
            let id = nth_id(&bench.engine, nth);
            let data = [&[1; 64][..], &[u8::try_from(id.len()).unwrap()], &id].concat();
            let data = if ins == 1 { &data[..64] } else { &data };
            let length = u16::try_from(data.len()).unwrap().to_be_bytes();
            let apdu = [&[0, ins, p1, 0, 0], &length[..], data].concat();
            assert!(matches!(bench.engine.start(Message::Msg(&apdu), now()), Step::Done(reply) if reply.len() >= 2));
        }
        managed => {
            if let Some(token) = held.as_ref() {
                manage(bench, token, managed);
            }
        }
    }
}

fn finish_command(bench: &mut Bench, command: Command, parameters: &[u8], event: Event) {
    let step = bench.send(command, parameters, now());
    finish(bench, step, event);
}

fn manage(bench: &mut Bench, token: &Token, act: Act) {
    match act {
        Act::Credentials { sub_command, nth } => {
            let credential = bench.engine.credentials().get(nth).cloned();
            let params = credential_management::Params {
                rp_id_hash: Some(credential.as_ref().map_or(vec![1; 32], |it| it.rp_id_hash.to_vec())),
                credential_id: Some(Descriptor::new(nth_id(&bench.engine, nth))),
                user: credential.map(|credential| credential.user),
                ..Default::default()
            };
            let request = token.credential_management(credential_management::SubCommand(sub_command), Some(params));
            finish_command(bench, Command::CREDENTIAL_MANAGEMENT, &request.encode(), Event::Touch);
        }
        Act::Config { sub_command, length, force } => {
            let params = config::Params {
                new_min_pin_length: length,
                force_change_pin: force,
                min_pin_length_rp_ids: length.map(|length| vec![RP.to_owned(); usize::try_from(length).unwrap()]),
                ..Default::default()
            };
            let request = token.config(config::SubCommand(sub_command), Some(params));
            finish_command(bench, Command::CONFIG, &request.encode(), Event::Touch);
        }
        Act::Blobs { length, split, good } => {
            let mut whole = vec![3; length.max(17) - 16];
            whole.extend(&lab_attestation::sha256(&whole)[..16]);
            whole[0] ^= u8::from(!good);
            let split = split.min(whole.len());
            let first = token.write(&whole[..split], 0, Some(whole.len()));
            finish_command(bench, Command::LARGE_BLOBS, &first.encode(), Event::Touch);
            let second = token.write(&whole[split..], u32::try_from(split).unwrap(), None);
            finish_command(bench, Command::LARGE_BLOBS, &second.encode(), Event::Touch);
        }
        Act::Fingers { sub_command, nth, event } => {
            let params = bio_enrollment::Params {
                template_id: Some(nth_template(&bench.engine, nth)),
                template_friendly_name: Some("finger".repeat(nth)),
                ..Default::default()
            };
            let request = token.bio(bio_enrollment::SubCommand(sub_command), Some(params));
            finish_command(bench, Command::BIO_ENROLLMENT, &request.encode(), event);
        }
        _ => {}
    }
}

/// What must hold whatever happened.
fn sound(engine: &Authenticator) {
    let credentials = engine.credentials();
    let discoverable = || credentials.iter().filter(|credential| credential.discoverable);
    assert!(discoverable().count() <= 100);
    let accounts: std::collections::BTreeSet<_> = discoverable().map(|it| (&it.rp_id, &it.user.id)).collect();
    assert_eq!(accounts.len(), discoverable().count(), "one credential for each account");
    let state = &engine.state;
    assert!(state.templates.len() <= 5 && state.min_pin_length <= 63 && state.min_pin_length_rp_ids.len() <= 4);
    let (array, hash) = state.large_blob_array.split_last_chunk::<16>().unwrap();
    assert_eq!(lab_attestation::sha256(array)[..16], *hash);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_kept_stays_sound_and_every_change_is_told(acts in prop::collection::vec(act(), 1..30)) {
        let mut bench = Bench::of("lab-every-option");
        let mut held = token(&mut bench);
        let (mut revision, mut bytes) = (bench.engine.revision(), bench.engine.export());
        for act in acts {
            let told = format!("{act:?}");
            play(&mut bench, &mut held, act);
            sound(&bench.engine);
            let after = (bench.engine.revision(), bench.engine.export());
            prop_assert!(after.0 >= revision, "{}", told);
            prop_assert!(after.0 > revision || after.1 == bytes, "{} is not told", told);
            // A right PIN takes an attempt and gives it back.
            prop_assert!(after.0 == revision || after.1 != bytes || told == "Token", "{} is told for nothing", told);
            (revision, bytes) = after;
        }
        let mut again = Bench::fresh_of("lab-every-option");
        again.engine.restore(&bytes).unwrap();
        prop_assert_eq!(again.engine.export(), bytes);
        let reply = again.call(Command::GET_INFO, &[]);
        prop_assert!(get_info::Response::parse(reply.ok()).is_ok());
    }
}
