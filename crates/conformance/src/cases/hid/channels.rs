//! Channels: how a client gets one, and what is said on others (`ctap-2.2 §11.2.3`).

use lab_hid::{Channel, Command, ErrorCode};
use std::collections::BTreeSet;

use super::{Done, pings};
use crate::bench::{Bench, Said};
use crate::case::Case;
use crate::outcome::{Outcome, Stop};

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
    Case { id: "au.hid.max-cids", needs: &[], sends: "2000 times INIT", must: "it goes on", run: many_channels },
];

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

fn on_channel(b: &mut Bench<'_>, channel: Channel) -> Done {
    b.exchange(channel, Command::PING, b"?")?.is_error(ErrorCode::INVALID_CHANNEL)
}

fn unknown_channel(b: &mut Bench<'_>) -> Done {
    let mut known = BTreeSet::from([b.channel()]);
    known.insert(b.another_channel()?.channel);
    let unknown = (0x7777_0000..).map(Channel).find(|channel| !known.contains(channel));
    on_channel(b, unknown.unwrap_or(Channel(0x7777_7777)))
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
