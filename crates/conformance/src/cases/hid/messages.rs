//! Messages: what packets make one, and what it may be (`ctap-2.2 §11.2.4, §11.2.9`).

use jiff::SignedDuration;
use lab_hid::{Command, ErrorCode, MAX_MESSAGE};
use lab_protocol::Capabilities;
use lab_protocol::ctap2::{self};

use super::{Done, pings};
use crate::bench::{Bench, Said};
use crate::case::Case;
use crate::outcome::{Outcome, Stop};

/// A command that nobody has.
const UNKNOWN: Command = Command(0x3a);

pub(super) const CASES: &[Case] = &[
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
        id: "au.hid.wink",
        needs: &[],
        sends: "WINK",
        must: "an empty reply, or ERR_INVALID_CMD where the capabilities lack it",
        run: wink,
    },
    Case {
        id: "au.hid.short-report",
        needs: &[],
        sends: "a PING in a report of 10 bytes",
        must: "passed over, or filled up with zeros",
        run: short_report,
    },
];

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

fn wink(b: &mut Bench<'_>) -> Done {
    let (channel, can) = (b.channel(), b.target.opened().facts.capabilities.has(Capabilities::WINK));
    let said = b.exchange(channel, Command::WINK, b"")?;
    if can { said.is(&Said::Message(Command::WINK, vec![])) } else { said.is_error(ErrorCode::INVALID_CMD) }
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
