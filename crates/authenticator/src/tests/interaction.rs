use std::collections::VecDeque;
use std::ops::ControlFlow;

use lab_protocol::ctap2::{Command, StatusCode};
use lab_protocol::{Device, DeviceError, Event, Message, Status, Step};

use crate::testing::*;
use crate::{InProcess, Person};

/// Where a registration stands after these events, and what it was waiting for before each.
fn after_events(id: &str, events: &[Event]) -> (Step, Vec<Status>) {
    let mut bench = Bench::of(id);
    let request = bench.create_by_pin(&create());
    let mut step = bench.send(Command::MAKE_CREDENTIAL, &request.encode(), now());
    let mut waited = vec![];
    for event in events {
        waited.push(waits(&step));
        step = bench.engine.event(*event, now());
    }
    (step, waited)
}

#[test]
fn a_pin_is_followed_by_a_touch_and_a_sensor_is_not() {
    let (step, waited) = after_events("yubikey-5-nfc", &[Event::Touch]);
    assert_eq!((status(&step), waited), (StatusCode::OK, vec![Status::UpNeeded]));
    let (step, waited) = after_events("windows-hello", &[Event::Verified]);
    assert_eq!((status(&step), waited), (StatusCode::OK, vec![Status::UvNeeded]));
}

#[test]
fn what_does_not_answer_the_question_changes_nothing() {
    let (step, _) = after_events("windows-hello", &[Event::Touch, Event::Tick]);
    assert_eq!(step, Step::Waiting { status: Status::UvNeeded, until: after(30) });
    let (step, _) = after_events("yubikey-5-nfc", &[Event::NotVerified]);
    assert_eq!(waits(&step), Status::UpNeeded);
}

#[test]
fn refusals_have_their_status() {
    let after = |id, event| status(&after_events(id, &[event]).0);
    assert_eq!(after("windows-hello", Event::Deny), StatusCode::OPERATION_DENIED);
    assert_eq!(after("windows-hello", Event::NotVerified), StatusCode::OPERATION_DENIED);
    assert_eq!(after("windows-hello", Event::Cancel), StatusCode::KEEPALIVE_CANCEL);
    assert_eq!(after("yubikey-5-nfc", Event::Deny), StatusCode::OPERATION_DENIED);
    assert_eq!(after("yubikey-5-nfc", Event::Cancel), StatusCode::KEEPALIVE_CANCEL);
}

#[test]
fn after_thirty_seconds_it_gives_up() {
    let mut bench = Bench::of("windows-hello");
    bench.send(Command::MAKE_CREDENTIAL, &create().encode(), now());
    assert_eq!(waits(&bench.engine.event(Event::Tick, after(29))), Status::UvNeeded);
    assert_eq!(status(&bench.engine.event(Event::Tick, after(30))), StatusCode::USER_ACTION_TIMEOUT);
    let mut bench = Bench::of("yubikey-5-nfc");
    bench.send(Command::MAKE_CREDENTIAL, &create_plain().encode(), now());
    assert_eq!(status(&bench.engine.event(Event::Touch, after(30))), StatusCode::OPERATION_DENIED, "too late");
    bench.send(Command::SELECTION, &[], now());
    assert_eq!(status(&bench.engine.event(Event::Tick, after(31))), StatusCode::USER_ACTION_TIMEOUT);
    assert_eq!(bench.engine.event(Event::Tick, after(99)), Step::Done(vec![]), "nobody waits");
}

#[test]
fn a_restart_unblocks_a_sensor() {
    let mut bench = Bench::of("windows-hello");
    for _ in 0..5 {
        bench.send(Command::MAKE_CREDENTIAL, &create().encode(), now());
        bench.engine.event(Event::NotVerified, now());
    }
    assert_eq!(bench.register_status(&create()), StatusCode::PIN_BLOCKED);
    bench.engine.event(Event::PowerCycle, now());
    assert_eq!(bench.register_status(&create()), StatusCode::OK);
}

#[test]
fn a_second_message_finds_it_busy_and_the_first_goes_on() {
    let mut bench = Bench::of("yubikey-5-nfc");
    bench.send(Command::SELECTION, &[], now());
    assert_eq!(status(&bench.send(Command::GET_INFO, &[], now())), StatusCode::CHANNEL_BUSY);
    assert_eq!(status(&bench.engine.event(Event::Touch, now())), StatusCode::OK);
    bench.send(Command::SELECTION, &[], now());
    assert_eq!(status(&bench.send(Command::GET_INFO, &[], after(30))), StatusCode::OK, "it had given up");
}

#[test]
fn losing_power_ends_a_command_without_a_reply() {
    let mut bench = Bench::of("yubikey-5-nfc");
    bench.send(Command::MAKE_CREDENTIAL, &create_plain().encode(), now());
    assert_eq!(bench.engine.event(Event::PowerCycle, now()), Step::Done(vec![]));
    assert_eq!(bench.engine.event(Event::Touch, now()), Step::Done(vec![]));
    assert!(bench.engine.credentials().is_empty());
}

#[test]
fn reset_is_for_keys_within_ten_seconds_of_power_up_and_needs_a_touch() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let id = bench.register(&create()).id();
    let count = bench.sign_in(&get_listed(&[&id])).count();
    assert_eq!(status(&bench.send(Command::RESET, &[], after(11))), StatusCode::NOT_ALLOWED);
    bench.engine.event(Event::PowerCycle, after(20));
    for (event, expected) in
        [(Event::Deny, StatusCode::OPERATION_DENIED), (Event::Cancel, StatusCode::KEEPALIVE_CANCEL)]
    {
        bench.send(Command::RESET, &[], after(30));
        assert_eq!(status(&bench.engine.event(event, after(30))), expected);
    }
    assert_eq!(bench.engine.credentials().len(), 1);
    bench.send(Command::RESET, &[], after(30));
    assert_eq!(status(&bench.engine.event(Event::Touch, after(35))), StatusCode::OK);
    assert!(bench.engine.credentials().is_empty());
    assert_eq!(bench.sign_in_status(&get_listed(&[&id])), StatusCode::NO_CREDENTIALS);
    assert!(bench.register(&create_plain()).data().sign_count > count, "the counter goes on");
    assert_eq!(status(&Bench::of("windows-hello").send(Command::RESET, &[], now())), StatusCode::OPERATION_DENIED);
}

#[test]
fn a_long_touch_is_a_finger_that_stays_for_five_seconds() {
    let mut bench = Bench::of("lab-every-option");
    bench.register(&create());
    bench.engine.state.change(|state| state.long_touch_for_reset = true);
    bench.engine.event(Event::PowerCycle, now());
    bench.send(Command::RESET, &[], now());
    let held = Step::Waiting { status: Status::UpNeeded, until: after(7) };
    assert_eq!(bench.engine.event(Event::Touch, after(2)), held);
    assert_eq!(bench.engine.event(Event::Touch, after(5)), held, "it is there already");
    assert_eq!(status(&bench.engine.event(Event::Deny, after(6))), StatusCode::OPERATION_DENIED, "lifted");
    assert_eq!(bench.engine.credentials().len(), 1);
    bench.send(Command::RESET, &[], after(8));
    bench.engine.event(Event::Touch, after(8));
    assert_eq!(status(&bench.engine.event(Event::Tick, after(13))), StatusCode::OK);
    assert!(bench.engine.credentials().is_empty());
    assert!(!bench.engine.state.long_touch_for_reset, "as delivered");
}

#[test]
fn an_obliging_person_holds_as_long_as_it_takes() {
    let mut bench = Bench::of("lab-every-option");
    bench.engine.state.change(|state| state.long_touch_for_reset = true);
    let mut device = InProcess::at(bench.engine, now(), Person::Auto);
    let reply = device.call(Message::Cbor(&[Command::RESET.0]), &mut |_| ControlFlow::Continue(()));
    assert_eq!(reply, Ok(vec![0]));
}

#[test]
fn selection_waits_for_the_person() {
    let after = |event| {
        let mut bench = Bench::of("yubikey-5-nfc");
        assert_eq!(waits(&bench.send(Command::SELECTION, &[], now())), Status::UpNeeded);
        status(&bench.engine.event(event, now()))
    };
    assert_eq!(after(Event::Touch), StatusCode::OK);
    assert_eq!(after(Event::Deny), StatusCode::OPERATION_DENIED);
    assert_eq!(after(Event::Cancel), StatusCode::KEEPALIVE_CANCEL);
}

#[test]
fn at_the_end_of_time_it_still_gives_up() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let end = jiff::Timestamp::MAX;
    let Step::Waiting { until, .. } = bench.send(Command::SELECTION, &[], end) else { panic!("it does not wait") };
    assert_eq!(status(&bench.engine.event(Event::Tick, until)), StatusCode::USER_ACTION_TIMEOUT);
}

fn call(id: &str, person: Person, break_at: Option<Status>) -> (Result<StatusCode, DeviceError>, Vec<Status>) {
    let mut bench = Bench::of(id);
    let message = [&[Command::MAKE_CREDENTIAL.0][..], &bench.create_by_pin(&create()).encode()].concat();
    let mut device = InProcess::at(bench.engine, now(), person);
    let mut seen = vec![];
    let reply = device.call(Message::Cbor(&message), &mut |status| {
        seen.push(status);
        if break_at == Some(status) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    (reply.map(|reply| StatusCode(reply[0])), seen)
}

#[test]
fn people_do_what_they_are_asked_or_not() {
    let call = |person| call("windows-hello", person, None);
    assert_eq!(call(Person::Auto), (Ok(StatusCode::OK), vec![Status::UvNeeded]));
    assert_eq!(call(Person::Deny), (Ok(StatusCode::OPERATION_DENIED), vec![Status::UvNeeded]));
    assert_eq!(call(Person::scripted([Event::Verified])).0, Ok(StatusCode::OK));
    assert_eq!(call(Person::scripted([])).0, Ok(StatusCode::USER_ACTION_TIMEOUT));
    let ask = Person::Ask(Box::new(|status| if status == Status::UvNeeded { Event::Verified } else { Event::Touch }));
    assert_eq!(call(ask).0, Ok(StatusCode::OK));
    assert!(matches!(call(Person::Scripted(VecDeque::from([Event::PowerCycle]))).0, Err(DeviceError::Gone(_))));
}

#[test]
fn people_touch_or_not() {
    let call = |person| call("yubikey-5-nfc", person, None);
    assert_eq!(call(Person::Auto), (Ok(StatusCode::OK), vec![Status::UpNeeded]));
    assert_eq!(call(Person::Deny).0, Ok(StatusCode::OPERATION_DENIED));
    assert_eq!(call(Person::scripted([])).0, Ok(StatusCode::OPERATION_DENIED));
}

#[test]
fn breaking_off_cancels() {
    for (id, at) in [("windows-hello", Status::UvNeeded), ("yubikey-5-nfc", Status::UpNeeded)] {
        assert_eq!(call(id, Person::Auto, Some(at)).0, Ok(StatusCode::KEEPALIVE_CANCEL));
    }
}
