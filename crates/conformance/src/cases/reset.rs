//! authenticatorReset and authenticatorSelection (`ctap-2.2 §6.6, §6.9`).

use lab_client::manage;
use lab_hid::Command as Hid;
use lab_protocol::ctap2::{Command, StatusCode};

use crate::bench::{Bench, Said};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

type Done = Result<Outcome, Stop>;

const RESETS: &[Need] = &[Need::Fresh, Need::Resets, Need::Replug];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.reset.late",
        needs: &[Need::Fresh, Need::Resets, Need::Seconds(11)],
        sends: "reset 11 s after power-up",
        must: "0x30",
        run: |b| {
            b.wait(11)?;
            reset(b)?.is(0x30)
        },
    },
    Case {
        id: "au.reset.ok",
        needs: RESETS,
        sends: "a credential and a PIN, a replug, reset",
        must: "0x00; the credential and the PIN are gone",
        run: everything,
    },
    Case {
        id: "au.reset.no-touch",
        needs: &[Need::Fresh, Need::Resets, Need::Replug, Need::Person],
        sends: "reset, and nobody touches",
        must: "0x2f (0x27 is seen)",
        run: |b| {
            b.replug()?;
            b.person(Behaviour::Absent)?;
            reset(b)?.is_of(&[0x2f], &[0x27, 0x3a])
        },
    },
    Case {
        id: "au.reset.declined",
        needs: &[Need::Fresh, Need::Resets, Need::Replug, Need::Person],
        sends: "reset, and the person declines",
        must: "0x27",
        run: |b| {
            b.replug()?;
            b.person(Behaviour::Declines)?;
            reset(b)?.is_of(&[0x27], &[0x2f])
        },
    },
    Case {
        id: "au.reset.short-touch",
        needs: &[Need::Fresh, Need::Resets, Need::Replug, Need::Person],
        sends: "reset with a tap where a long touch is demanded, or can be",
        must: "not reset",
        run: tap,
    },
    Case {
        id: "au.reset.other-transport",
        needs: &[Need::Fresh, Need::IsNot("plat"), Need::Replug],
        sends: "reset over USB where transportsForReset lacks it",
        must: "0x27",
        run: other_transport,
    },
    Case {
        id: "au.sel.touch",
        needs: &[Need::Ctap21],
        sends: "selection",
        must: "0x00",
        run: |b| b.send(Command::SELECTION, &[])?.is(0x00),
    },
    Case {
        id: "au.sel.timeout",
        needs: &[Need::Ctap21, Need::Person],
        sends: "selection, and nobody touches",
        must: "0x2f (0x27 is seen)",
        run: |b| {
            b.person(Behaviour::Absent)?;
            b.send(Command::SELECTION, &[])?.is_of(&[0x2f], &[0x27, 0x3a])
        },
    },
    Case {
        id: "au.sel.declined",
        needs: &[Need::Ctap21, Need::Person],
        sends: "selection, and the person declines",
        must: "0x27",
        run: |b| {
            b.person(Behaviour::Declines)?;
            b.send(Command::SELECTION, &[])?.is_of(&[0x27], &[0x2f])
        },
    },
    Case {
        id: "au.sel.cancel",
        needs: &[Need::Ctap21, Need::Person],
        sends: "selection, then CANCEL",
        must: "0x2d",
        run: cancelled,
    },
];

fn reset(b: &mut Bench<'_>) -> Result<crate::bench::Reply, Stop> {
    b.send(Command::RESET, &[])
}

fn everything(b: &mut Bench<'_>) -> Done {
    if b.info.option("clientPin") == Some(false) {
        b.set_pin()?;
    }
    let credential = b.made(b.creation())?;
    b.replug()?;
    reset(b)?.must(0x00)?;
    let info = b.get_info()?;
    if info.option("clientPin") == Some(true) {
        return Err(Stop::fail("no PIN", "one"));
    }
    let request = b.request(&[&credential.id]);
    b.get_plainly(&request)?.is_of(&[0x2e, 0x36], &[])
}

fn tap(b: &mut Bench<'_>) -> Done {
    match b.info.long_touch_for_reset {
        None => return Err(Stop::not_applicable("it demands no long touch")),
        Some(true) => {}
        Some(false) => b.drive(manage::config::enable_long_touch_for_reset())?,
    }
    let credential = b.made(b.creation())?;
    b.replug()?;
    b.person(Behaviour::Taps)?;
    let reply = reset(b)?;
    if reply.status == StatusCode::OK {
        return Err(Stop::fail("not reset", reply.status));
    }
    b.person(Behaviour::Obliges)?;
    let request = b.request(&[&credential.id]);
    b.get(&request)?.is(0x00)
}

fn other_transport(b: &mut Bench<'_>) -> Done {
    match &b.info.transports_for_reset {
        Some(transports) if !transports.iter().any(|transport| transport == "usb") => {}
        _ => return Err(Stop::not_applicable("it takes a reset over USB")),
    }
    b.replug()?;
    reset(b)?.is(0x27)
}

fn cancelled(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    b.person(Behaviour::Absent)?;
    b.message(channel, Hid::CBOR, &[Command::SELECTION.0])?;
    b.message(channel, Hid::CANCEL, &[])?;
    b.hear(channel)?.is(&Said::Message(Hid::CBOR, vec![StatusCode::KEEPALIVE_CANCEL.0]))
}
