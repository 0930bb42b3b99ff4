//! The engine behind a door: what CTAPHID asks beyond messages and events.

use jiff::Timestamp;
use lab_protocol::{Capabilities, Engine, Event, HidFacts, Message, Step};

use crate::engine::Authenticator;

impl Engine for Authenticator {
    fn start(&mut self, message: Message<'_>, now: Timestamp) -> Step {
        Self::start(self, message, now)
    }

    fn event(&mut self, event: Event, now: Timestamp) -> Step {
        Self::event(self, event, now)
    }

    fn hid_facts(&self) -> HidFacts {
        let mut capabilities = Capabilities::CBOR.with(Capabilities::WINK);
        if !self.speaks_u2f() {
            capabilities = capabilities.with(Capabilities::NMSG);
        }
        HidFacts { version: self.device_version(), capabilities }
    }

    fn packet(&mut self, packet: &mut [u8; 64]) {
        self.env.tamper.packet(packet);
    }

    fn revision(&self) -> u64 {
        Self::revision(self)
    }

    fn export(&self) -> Vec<u8> {
        Self::export(self)
    }
}

impl Authenticator {
    /// The firmware's version where it is one of three bytes: 0x050701 is 5.7.1.
    fn device_version(&self) -> [u8; 3] {
        let firmware = self.model.get_info.as_ref().and_then(|info| info.firmware_version.as_ref());
        match firmware.map_or(0, |firmware| firmware.value).to_be_bytes() {
            [0, major, minor, build] => [major, minor, build],
            _ => [0; 3],
        }
    }
}
