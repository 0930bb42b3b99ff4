use std::ops::ControlFlow;

use lab_protocol::{Capabilities, Device, DeviceError, Event, Message, Status};

use crate::packet::{Channel, Command, ErrorCode};
use crate::testing::*;
use crate::{Act, HidDevice, HidError, Link, Loopback, Obliging, Person};

/// Does nothing, ever.
struct Nobody;

impl Person for Nobody {
    fn act(&mut self, _: Status, now: jiff::Timestamp, _: jiff::Timestamp) -> Act {
        Act { event: Event::Tick, at: now }
    }
}

fn device<P: Person>(person: P) -> HidDevice<Loopback<Toy, P>> {
    HidDevice::open(Loopback::new(Toy::default(), at(0), person), [1; 8]).unwrap()
}

#[test]
fn a_message_goes_there_and_its_reply_comes_back() {
    let mut device = device(Obliging);
    assert_eq!(device.opened().facts.version, [5, 7, 1]);
    assert_eq!(device.opened().facts.capabilities, Capabilities(0x05));
    let mut seen = Vec::new();
    let mut on_wait = |status| {
        seen.push(status);
        ControlFlow::Continue(())
    };
    let long = [&[TOUCH][..], &[7; 3000]].concat();
    let reply = device.call(Message::Cbor(&long), &mut on_wait).unwrap();
    assert_eq!(reply, [&[0][..], &[7; 3000]].concat());
    assert_eq!(seen, [Status::UpNeeded]);
    assert_eq!(device.link_mut().now(), at(0), "nobody waited");
    assert_eq!(device.call(Message::Msg(&[1]), &mut |_| ControlFlow::Continue(())).unwrap(), [1, 0x90, 0]);
    assert_eq!(device.ping(&[3; 7609]).unwrap(), [3; 7609]);
    device.wink().unwrap();
    device.lock(5).unwrap();
    assert_eq!(device.lock(11), Err(HidError::Error(ErrorCode::INVALID_PAR)));
}

#[test]
fn whoever_waits_can_cancel() {
    let mut device = device(Nobody);
    let mut patience = 5;
    let mut on_wait = |_| {
        patience -= 1;
        if patience > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    assert_eq!(device.call(Message::Cbor(&[TOUCH]), &mut on_wait).unwrap(), [CANCELLED]);
    assert_eq!(device.link_mut().now(), at(400));
}

#[test]
fn nobody_at_the_device_costs_no_real_time() {
    let mut device = device(Nobody);
    let mut heard = 0;
    let mut on_wait = |_| {
        heard += 1;
        ControlFlow::Continue(())
    };
    assert_eq!(device.call(Message::Cbor(&[TOUCH]), &mut on_wait).unwrap(), [TIMED_OUT]);
    assert_eq!((heard, device.link_mut().now()), (300, at(30_000)));
}

#[test]
fn an_unfinished_message_is_seen_from_outside() {
    let mut device = device(Obliging);
    let channel = device.opened().channel;
    let first = packets(channel, Command::PING, &[9; 100])[0];
    device.link_mut().send(&first).unwrap();
    assert_eq!(device.receive(channel, at(499)).unwrap(), None);
    assert_eq!(device.receive(channel, at(2000)).unwrap(), Some((Command::ERROR, vec![5])));
    assert_eq!(device.link_mut().now(), at(500));
}

#[test]
fn a_device_that_was_taken_out_is_gone() {
    let mut device = device(Obliging);
    device.link_mut().unplug();
    let gone = device.call(Message::Cbor(&[ECHO]), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(gone, Err(DeviceError::Gone(_))), "{gone:?}");
    device.link_mut().plug();
    let error = device.ping(&[1]).unwrap_err();
    assert_eq!(error, HidError::Error(ErrorCode::INVALID_CHANNEL));
    let mut again = HidDevice::open(device.link_mut(), [2; 8]).unwrap();
    assert_eq!(again.ping(&[1]).unwrap(), [1]);
}

#[test]
fn a_request_without_a_reply_ends() {
    let mut device = device(Obliging);
    assert!(matches!(
        device.request(Command::CANCEL, &[], &mut |_| ControlFlow::Continue(())),
        Err(HidError::Silence(_))
    ));
    assert!(matches!(device.ping(&[0; 7610]), Err(HidError::TooLong(_))));
    device.send(Channel(7), Command::PING, &[1]).unwrap();
    assert_eq!(device.receive(Channel(7), at(60_000)).unwrap(), Some((Command::ERROR, vec![0x0b])));
}
