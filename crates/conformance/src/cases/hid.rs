//! CTAPHID: packets, channels, time (`ctap-2.2 §11.2`).

mod channels;
mod messages;
mod sharing;

use lab_hid::{Channel, Command, Packet, split};

use crate::case::Case;
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

pub(super) const CASES: &[&[Case]] = &[channels::CASES, messages::CASES, sharing::CASES];

/// The packets of a PING.
fn pings(channel: Channel, length: usize) -> Result<Vec<Packet>, Stop> {
    let data: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
    Ok(split(channel, Command::PING, &data).map_err(|error| Stop::fail("a message that fits", error))?.collect())
}
