//! Several clients at one device, and one that changes its mind (`ctap-2.2 §11.2.5`).

use jiff::SignedDuration;
use lab_hid::{Channel, Command, ErrorCode};
use lab_protocol::ctap2::{self, StatusCode};

use super::{Done, pings};
use crate::bench::{Bench, Said, authorize_creation};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.hid.busy",
        needs: &[],
        sends: "a message while another client's is incomplete",
        must: "ERR_CHANNEL_BUSY",
        run: busy,
    },
    Case {
        id: "au.hid.busy-interleaved",
        needs: &[],
        sends: "the fragments of two clients, interleaved",
        must: "the first completes",
        run: interleaved,
    },
    Case {
        id: "au.hid.cancel-idle",
        needs: &[],
        sends: "CANCEL while nothing waits",
        must: "silence",
        run: cancel_idle,
    },
    Case {
        id: "au.hid.cancel-pending",
        needs: &[Need::Person],
        sends: "CANCEL while it waits for a touch",
        must: "the command's reply is 0x2d, and nothing else is said",
        run: cancel_pending,
    },
    Case {
        id: "au.hid.cancel-other-cid",
        needs: &[Need::Person],
        sends: "CANCEL from another client while it waits",
        must: "ignored",
        run: cancel_other,
    },
    Case {
        id: "au.hid.keepalive",
        needs: &[Need::Person],
        sends: "a command that waits for a touch",
        must: "KEEPALIVE about every 100 ms, status 2",
        run: keepalive,
    },
    Case {
        id: "au.hid.lock",
        needs: &[],
        sends: "LOCK 5, a message of another client, LOCK 0, LOCK 11",
        must: "ERR_CHANNEL_BUSY, released, ERR_INVALID_PAR; or ERR_INVALID_CMD",
        run: lock,
    },
];

fn busy(b: &mut Bench<'_>) -> Done {
    let (channel, other) = (b.channel(), b.another_channel()?.channel);
    let packets = pings(channel, 100)?;
    b.packets(&packets[..1])?;
    b.exchange(other, Command::PING, b"me too")?.is_error(ErrorCode::CHANNEL_BUSY)
}

fn interleaved(b: &mut Bench<'_>) -> Done {
    let (channel, other) = (b.channel(), b.another_channel()?.channel);
    let (mine, theirs) = (pings(channel, 150)?, pings(other, 150)?);
    let interleaved: Vec<_> = mine.iter().zip(&theirs).flat_map(|(mine, theirs)| [*mine, *theirs]).collect();
    // The refusal of the other client's message comes between; receiving on this channel passes over it.
    b.packets(&interleaved)?;
    match b.hear(channel)? {
        Said::Message(Command::PING, data) if data.len() == 150 => Ok(Outcome::Pass),
        said => Err(Stop::fail("the first PING", said)),
    }
}

fn cancel_idle(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    b.message(channel, Command::CANCEL, b"")?;
    b.hear_within(channel, SignedDuration::from_secs(1))?.is(&Said::Nothing)?;
    b.answers(channel)
}

/// Begins a command that waits for a touch which does not come.
fn begin_waiting(b: &mut Bench<'_>) -> Result<Channel, Stop> {
    let (channel, mut request) = (b.channel(), b.creation());
    if b.must_verify() {
        let token = b.ceremony_token()?;
        authorize_creation(&mut request, &token);
    }
    b.person(Behaviour::Absent)?;
    let request = [&[ctap2::Command::MAKE_CREDENTIAL.0][..], &request.encode()].concat();
    b.message(channel, Command::CBOR, &request)?;
    Ok(channel)
}

fn cancel_pending(b: &mut Bench<'_>) -> Done {
    let channel = begin_waiting(b)?;
    b.message(channel, Command::CANCEL, b"")?;
    b.hear(channel)?.is(&Said::Message(Command::CBOR, vec![StatusCode::KEEPALIVE_CANCEL.0]))?;
    b.hear_within(channel, SignedDuration::from_secs(1))?.is(&Said::Nothing)
}

fn cancel_other(b: &mut Bench<'_>) -> Done {
    let other = b.another_channel()?.channel;
    let channel = begin_waiting(b)?;
    b.message(other, Command::CANCEL, b"")?;
    b.hear_within(channel, SignedDuration::from_secs(1))?.is(&Said::Nothing)?;
    b.message(channel, Command::CANCEL, b"")?;
    b.hear(channel)?.is(&Said::Message(Command::CBOR, vec![StatusCode::KEEPALIVE_CANCEL.0]))
}

fn keepalive(b: &mut Bench<'_>) -> Done {
    let channel = begin_waiting(b)?;
    let until = b.now().checked_add(SignedDuration::from_secs(1)).unwrap_or(jiff::Timestamp::MAX);
    let mut seen = 0;
    while let Some((command, status)) = b.target.receive(channel, until)? {
        if command != Command::KEEPALIVE || status != [2] {
            return Err(Stop::fail("KEEPALIVE with status 2", format!("{command} with {status:?}")));
        }
        seen += 1;
    }
    b.message(channel, Command::CANCEL, b"")?;
    b.hear(channel)?;
    Ok(Outcome::check((5..=20).contains(&seen), "about 10 in a second", seen))
}

fn lock(b: &mut Bench<'_>) -> Done {
    let (channel, other) = (b.channel(), b.another_channel()?.channel);
    match b.exchange(channel, Command::LOCK, &[5])? {
        Said::Error(ErrorCode::INVALID_CMD) => return Ok(Outcome::observe("LOCK is optional, and not there")),
        said => said.is(&Said::Message(Command::LOCK, vec![]))?,
    };
    b.exchange(other, Command::PING, b"?")?.is_error(ErrorCode::CHANNEL_BUSY)?;
    b.exchange(channel, Command::LOCK, &[0])?.is(&Said::Message(Command::LOCK, vec![]))?;
    b.answers(other)?;
    b.exchange(channel, Command::LOCK, &[11])?.is_error(ErrorCode::INVALID_PAR)
}
