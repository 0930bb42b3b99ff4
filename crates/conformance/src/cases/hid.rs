//! CTAPHID: packets, channels, time (`ctap-2.2 §11.2`).

use std::collections::BTreeSet;

use jiff::SignedDuration;
use lab_hid::{Channel, Command, ErrorCode, MAX_MESSAGE, Packet, split};
use lab_protocol::Capabilities;
use lab_protocol::ctap2::{self, StatusCode};

use crate::bench::{Bench, Said, authorize_creation};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

type Done = Result<Outcome, Stop>;

/// A command that nobody has.
const UNKNOWN: Command = Command(0x3a);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.hid.init-broadcast",
        needs: &[],
        sends: "INIT on the broadcast channel",
        must: "the nonce echoed, a channel, version 2",
        run: init_broadcast,
    },
    Case {
        id: "au.hid.init-same-cid",
        needs: &[],
        sends: "INIT on its own channel within a message",
        must: "the same channel, in step again",
        run: init_same_channel,
    },
    Case { id: "au.hid.init-len", needs: &[], sends: "INIT with 7 or 9 bytes", must: "ERR_INVALID_LEN", run: init_len },
    Case {
        id: "au.hid.init-unique",
        needs: &[],
        sends: "20 times INIT",
        must: "20 channels, none of them reserved",
        run: init_unique,
    },
    Case {
        id: "au.hid.caps",
        needs: &[],
        sends: "WINK, CBOR and MSG",
        must: "each works exactly where the capabilities say so",
        run: caps,
    },
    Case { id: "au.hid.ping-0", needs: &[], sends: "PING of 0 bytes", must: "the same bytes", run: |b| ping(b, 0) },
    Case { id: "au.hid.ping-1", needs: &[], sends: "PING of 1 byte", must: "the same bytes", run: |b| ping(b, 1) },
    Case {
        id: "au.hid.ping-57",
        needs: &[],
        sends: "PING of 57 bytes, one full packet",
        must: "the same bytes",
        run: |b| ping(b, 57),
    },
    Case {
        id: "au.hid.ping-58",
        needs: &[],
        sends: "PING of 58 bytes, two packets",
        must: "the same bytes",
        run: |b| ping(b, 58),
    },
    Case {
        id: "au.hid.ping-1024",
        needs: &[],
        sends: "PING of 1024 bytes",
        must: "the same bytes",
        run: |b| ping(b, 1024),
    },
    Case {
        id: "au.hid.ping-7609",
        needs: &[],
        sends: "PING of 7609 bytes, the most that there is",
        must: "the same bytes",
        run: |b| ping(b, MAX_MESSAGE),
    },
    Case {
        id: "au.hid.ping-abort",
        needs: &[],
        sends: "INIT within a PING, then PING",
        must: "in step again",
        run: init_same_channel,
    },
    Case {
        id: "au.hid.ping-abort-other-cid",
        needs: &[],
        sends: "INIT from another client within a PING",
        must: "answered; the PING goes on",
        run: init_from_another,
    },
    Case { id: "au.hid.oversize", needs: &[], sends: "a length of 7610", must: "ERR_INVALID_LEN", run: oversize },
    Case {
        id: "au.hid.seq-skip",
        needs: &[],
        sends: "sequence numbers 0, 2",
        must: "ERR_INVALID_SEQ",
        run: |b| sequence(b, &[0, 2]),
    },
    Case {
        id: "au.hid.seq-repeat",
        needs: &[],
        sends: "sequence numbers 0, 0",
        must: "ERR_INVALID_SEQ",
        run: |b| sequence(b, &[0, 0]),
    },
    Case {
        id: "au.hid.init-mid-message",
        needs: &[],
        sends: "the first packet of a PING within another",
        must: "ERR_INVALID_SEQ",
        run: first_within,
    },
    Case {
        id: "au.hid.stray-cont",
        needs: &[],
        sends: "a continuation packet that continues nothing",
        must: "silence",
        run: stray,
    },
    Case {
        id: "au.hid.timeout",
        needs: &[],
        sends: "the first of two packets, and no more",
        must: "ERR_MSG_TIMEOUT after about half a second",
        run: timeout,
    },
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
        id: "au.hid.cid-0",
        needs: &[],
        sends: "PING on channel 0",
        must: "ERR_INVALID_CHANNEL",
        run: |b| on_channel(b, Channel::RESERVED),
    },
    Case {
        id: "au.hid.cid-ffffffff",
        needs: &[],
        sends: "PING on the broadcast channel",
        must: "ERR_INVALID_CHANNEL",
        run: |b| on_channel(b, Channel::BROADCAST),
    },
    Case {
        id: "au.hid.cid-unknown",
        needs: &[],
        sends: "PING on a channel that was never given",
        must: "ERR_INVALID_CHANNEL",
        run: unknown_channel,
    },
    Case { id: "au.hid.bad-cmd", needs: &[], sends: "command 0x3a", must: "ERR_INVALID_CMD", run: bad_command },
    Case {
        id: "au.hid.cbor-empty",
        needs: &[],
        sends: "CBOR without a byte",
        must: "ERR_INVALID_LEN",
        run: cbor_empty,
    },
    Case {
        id: "au.hid.msg-empty",
        needs: &[],
        sends: "MSG without a byte",
        must: "an error, or status word 6700",
        run: msg_empty,
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
        id: "au.hid.wink",
        needs: &[],
        sends: "WINK",
        must: "an empty reply, or ERR_INVALID_CMD where the capabilities lack it",
        run: wink,
    },
    Case {
        id: "au.hid.lock",
        needs: &[],
        sends: "LOCK 5, a message of another client, LOCK 0, LOCK 11",
        must: "ERR_CHANNEL_BUSY, released, ERR_INVALID_PAR; or ERR_INVALID_CMD",
        run: lock,
    },
    Case {
        id: "au.hid.short-report",
        needs: &[],
        sends: "a PING in a report of 10 bytes",
        must: "passed over, or filled up with zeros",
        run: short_report,
    },
    Case { id: "au.hid.max-cids", needs: &[], sends: "2000 times INIT", must: "it goes on", run: many_channels },
];

/// The packets of a PING.
fn pings(channel: Channel, length: usize) -> Result<Vec<Packet>, Stop> {
    let data: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
    Ok(split(channel, Command::PING, &data).map_err(|error| Stop::fail("a message that fits", error))?.collect())
}

fn init_broadcast(b: &mut Bench<'_>) -> Done {
    let nonce: [u8; 8] = b.random();
    match b.exchange(Channel::BROADCAST, Command::INIT, &nonce)? {
        Said::Message(Command::INIT, data) if data.len() == 17 && data.starts_with(&nonce) => {
            Ok(Outcome::check(data[12] == 2, "version 2", data[12]))
        }
        other => Err(Stop::fail("17 bytes that begin with the nonce", other)),
    }
}

fn init_same_channel(b: &mut Bench<'_>) -> Done {
    let (channel, nonce) = (b.channel(), b.random::<8>());
    b.packets(&pings(channel, 200)?[..2])?;
    match b.exchange(channel, Command::INIT, &nonce)? {
        Said::Message(Command::INIT, data) if data.starts_with(&nonce) && data[8..12] == channel.0.to_be_bytes() => {
            b.answers(channel)
        }
        other => Err(Stop::fail("INIT with the nonce and the same channel", other)),
    }
}

fn init_len(b: &mut Bench<'_>) -> Done {
    for length in [7, 9] {
        b.exchange(Channel::BROADCAST, Command::INIT, &[5; 9][..length])?.is_error(ErrorCode::INVALID_LEN)?;
    }
    Ok(Outcome::Pass)
}

fn init_unique(b: &mut Bench<'_>) -> Done {
    let mut channels = BTreeSet::new();
    for _ in 0..20 {
        channels.insert(b.another_channel()?.channel);
    }
    let reserved = channels.contains(&Channel::RESERVED) || channels.contains(&Channel::BROADCAST);
    Ok(Outcome::check(channels.len() == 20 && !reserved, "20 channels", format!("{channels:?}")))
}

fn caps(b: &mut Bench<'_>) -> Done {
    let capabilities = b.target.opened().facts.capabilities;
    let channel = b.channel();
    let get_info = [ctap2::Command::GET_INFO.0];
    let version = [0, 3, 0, 0, 0, 0, 0];
    for (name, says, command, data) in [
        ("WINK", capabilities.has(Capabilities::WINK), Command::WINK, &[][..]),
        ("CBOR", capabilities.has(Capabilities::CBOR), Command::CBOR, &get_info),
        ("MSG", !capabilities.has(Capabilities::NMSG), Command::MSG, &version),
    ] {
        let said = b.exchange(channel, command, data)?;
        let works = !matches!(said, Said::Error(ErrorCode::INVALID_CMD) | Said::Nothing);
        if works != says {
            return Err(Stop::fail(format!("{name} {}", if says { "works" } else { "is refused" }), said));
        }
    }
    Ok(Outcome::Pass)
}

fn ping(b: &mut Bench<'_>, length: usize) -> Done {
    let channel = b.channel();
    b.packets(&pings(channel, length)?)?;
    let expected: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
    b.hear(channel)?.is(&Said::Message(Command::PING, expected))
}

fn init_from_another(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    let packets = pings(channel, 100)?;
    b.packets(&packets[..1])?;
    b.another_channel()?;
    b.packets(&packets[1..])?;
    match b.hear(channel)? {
        Said::Message(Command::PING, data) if data.len() == 100 => Ok(Outcome::Pass),
        other => Err(Stop::fail("the PING", other)),
    }
}

fn oversize(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    let mut packet = pings(channel, 100)?[0];
    packet[5..7].copy_from_slice(&7610_u16.to_be_bytes());
    b.packets(&[packet])?;
    b.hear(channel)?.is_error(ErrorCode::INVALID_LEN)
}

fn sequence(b: &mut Bench<'_>, numbers: &[u8]) -> Done {
    let channel = b.channel();
    let packets = pings(channel, 300)?;
    let continued = numbers.iter().map(|number| {
        let mut packet = packets[1];
        packet[4] = *number;
        packet
    });
    let sent: Vec<_> = std::iter::once(packets[0]).chain(continued).collect();
    b.packets(&sent)?;
    b.hear(channel)?.is_error(ErrorCode::INVALID_SEQ)
}

fn first_within(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    let packets = pings(channel, 100)?;
    b.packets(&[packets[0], packets[0]])?;
    b.hear(channel)?.is_error(ErrorCode::INVALID_SEQ)
}

fn stray(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    let packets = pings(channel, 100)?;
    b.packets(&packets[1..])?;
    b.hear_within(channel, SignedDuration::from_secs(1))?.is(&Said::Nothing)?;
    b.answers(channel)
}

fn timeout(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    let (packets, begun) = (pings(channel, 100)?, b.now());
    b.packets(&packets[..1])?;
    b.hear(channel)?.is_error(ErrorCode::MSG_TIMEOUT)?;
    let took = b.now().duration_since(begun).as_millis();
    Ok(Outcome::check((100..=3000).contains(&took), "after 400 to 1000 ms", format!("after {took} ms")))
}

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

fn on_channel(b: &mut Bench<'_>, channel: Channel) -> Done {
    b.exchange(channel, Command::PING, b"?")?.is_error(ErrorCode::INVALID_CHANNEL)
}

fn unknown_channel(b: &mut Bench<'_>) -> Done {
    let mut known = BTreeSet::from([b.channel()]);
    known.insert(b.another_channel()?.channel);
    let unknown = (0x7777_0000..).map(Channel).find(|channel| !known.contains(channel));
    on_channel(b, unknown.unwrap_or(Channel(0x7777_7777)))
}

fn bad_command(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    b.exchange(channel, UNKNOWN, b"")?.is_error(ErrorCode::INVALID_CMD)
}

fn cbor_empty(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    b.exchange(channel, Command::CBOR, b"")?.is_error(ErrorCode::INVALID_LEN)
}

fn msg_empty(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    match b.exchange(channel, Command::MSG, b"")? {
        Said::Error(_) => Ok(Outcome::Pass),
        Said::Message(Command::MSG, data) if data != [0x90, 0] => Ok(Outcome::Pass),
        other => Err(Stop::fail("an error", other)),
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

fn wink(b: &mut Bench<'_>) -> Done {
    let (channel, can) = (b.channel(), b.target.opened().facts.capabilities.has(Capabilities::WINK));
    let said = b.exchange(channel, Command::WINK, b"")?;
    if can { said.is(&Said::Message(Command::WINK, vec![])) } else { said.is_error(ErrorCode::INVALID_CMD) }
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

fn short_report(b: &mut Bench<'_>) -> Done {
    let channel = b.channel();
    let packet = pings(channel, 8)?[0];
    if !b.target.link().send_short(&packet[..10])? {
        return Err(Stop::not_applicable("its wire carries whole reports only"));
    }
    let filled_up = [&packet[7..10], &[0; 5]].concat();
    match b.hear_within(channel, SignedDuration::from_secs(1))? {
        Said::Nothing => {}
        said => _ = said.is(&Said::Message(Command::PING, filled_up))?,
    }
    b.answers(channel)
}

fn many_channels(b: &mut Bench<'_>) -> Done {
    let mut channels = BTreeSet::new();
    for _ in 0..2000 {
        channels.insert(b.another_channel()?.channel);
    }
    let last = b.another_channel()?.channel;
    b.answers(last)?;
    Ok(Outcome::observe(format!("{} of 2000 channels were different", channels.len())))
}
