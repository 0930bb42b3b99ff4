//! The channels of a device.

use crate::packet::Channel;

/// The most channels at a time. A client that asks for another gets it, in place of the one that was
/// silent for the longest time.
const MAX_CHANNELS: usize = 256;
/// The first byte of every channel id: neither that of the reserved id nor that of the broadcast, and
/// no report id.
const FIRST_BYTE: u32 = 0x4c00_0000;
/// The bits that count.
const COUNTED: u32 = 0x00ff_ffff;

/// The channels that were given out, the one that was used last at the end.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    open: Vec<Channel>,
    given: u32,
}

impl Channels {
    /// Gives out a channel that nobody has. One of `kept` is never taken away for it.
    pub fn give(&mut self, kept: &[Channel]) -> Channel {
        if self.open.len() >= MAX_CHANNELS {
            let oldest = self.open.iter().position(|channel| !kept.contains(channel));
            oldest.map(|at| self.open.remove(at));
        }
        loop {
            self.given = self.given.wrapping_add(1) & COUNTED;
            let channel = Channel(FIRST_BYTE | self.given);
            if !self.open.contains(&channel) {
                self.open.push(channel);
                return channel;
            }
        }
    }

    /// Whether the channel was given out.
    pub fn has(&self, channel: Channel) -> bool {
        self.open.contains(&channel)
    }

    /// Whether the channel was given out; it counts as used.
    pub fn touch(&mut self, channel: Channel) -> bool {
        let Some(at) = self.open.iter().rposition(|open| *open == channel) else { return false };
        self.open[at..].rotate_left(1);
        true
    }

    /// Takes a channel back.
    pub fn close(&mut self, channel: Channel) {
        self.open.retain(|open| *open != channel);
    }

    /// Takes all of them back. Their ids are not given out again for a long time.
    pub fn close_all(&mut self) {
        self.open.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_the_silent_one_goes_first() {
        let mut channels = Channels::default();
        let first = channels.give(&[]);
        let second = channels.give(&[]);
        assert!(channels.touch(first));
        for _ in 2..MAX_CHANNELS {
            channels.give(&[]);
        }
        channels.give(&[]);
        assert!(!channels.touch(second));
        assert!(channels.touch(first));
    }

    #[test]
    fn a_kept_channel_survives_thousands() {
        let mut channels = Channels::default();
        let kept = channels.give(&[]);
        for _ in 0..3000 {
            assert_ne!(channels.give(&[kept]), kept);
        }
        assert!(channels.touch(kept));
        assert_eq!(channels.open.len(), MAX_CHANNELS);
    }

    #[test]
    fn a_number_that_is_in_use_is_left_out() {
        let mut channels = Channels::default();
        let first = channels.give(&[]);
        channels.given = COUNTED;
        let zero = channels.give(&[]);
        assert_eq!(zero, Channel(FIRST_BYTE));
        assert_ne!(channels.give(&[]), first);
    }
}
