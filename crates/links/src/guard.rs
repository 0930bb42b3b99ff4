//! Whom an emulated key on a wire answers.

use lab_protocol::ctap2::{Command, StatusCode, get_assertion, make_credential};
use lab_protocol::laboratory::{LOCALHOST, is_laboratory};
use lab_protocol::{Engine, Event, HidFacts, Message, Step};
use sha2::{Digest, Sha256};

use crate::notice::{Notice, Notify};

/// SW_WRONG_DATA: a CTAP1 application that the key does not know.
const SW_WRONG_DATA: [u8; 2] = [0x6a, 0x80];
/// The INS bytes of U2F_REGISTER and U2F_AUTHENTICATE; their application parameter is in the same place.
const U2F_WITH_APPLICATION: [u8; 2] = [0x01, 0x02];

/// The relying parties that a key answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RpIds {
    named: Vec<String>,
}

impl RpIds {
    /// Those of every laboratory, and these: any texts, compared exactly.
    #[must_use]
    pub fn with(named: Vec<String>) -> Self {
        Self { named }
    }

    /// Those of every laboratory. A key made from a seed is public, so it answers no others.
    #[must_use]
    pub fn of_laboratories() -> Self {
        Self::default()
    }

    /// Whether a key answers this RP ID.
    #[must_use]
    pub fn permits(&self, rp_id: &str) -> bool {
        is_laboratory(rp_id) || self.named.iter().any(|named| named == rp_id)
    }

    /// Whether a key answers this application parameter of CTAP1, which is a hash: of `localhost`, or
    /// of a name that was given.
    #[must_use]
    pub fn permits_hash(&self, hash: &[u8]) -> bool {
        let mut names = std::iter::once(LOCALHOST).chain(self.named.iter().map(String::as_str));
        names.any(|name| Sha256::digest(name).as_slice() == hash)
    }
}

/// An engine that answers no relying party but those of a laboratory.
pub struct Guarded<E> {
    engine: E,
    rp_ids: RpIds,
    notify: Notify,
}

impl<E: Engine> Guarded<E> {
    /// Guards an engine; what it refuses is told.
    pub fn new(engine: E, rp_ids: RpIds, notify: Notify) -> Self {
        Self { engine, rp_ids, notify }
    }

    /// The answer to a message for a relying party that is not permitted. What cannot be read is left
    /// to the engine, which reads with the same functions and refuses it.
    fn refusal(&self, message: Message<'_>) -> Option<(String, Vec<u8>)> {
        match message {
            Message::Cbor([command, parameters @ ..]) => {
                let (rp_id, status) = match Command(*command) {
                    Command::MAKE_CREDENTIAL => {
                        (make_credential::Request::parse(parameters).ok()?.rp.id, StatusCode::OPERATION_DENIED)
                    }
                    Command::GET_ASSERTION => {
                        (get_assertion::Request::parse(parameters).ok()?.rp_id, StatusCode::NO_CREDENTIALS)
                    }
                    _ => return None,
                };
                (!self.rp_ids.permits(&rp_id)).then(|| (rp_id, vec![status.0]))
            }
            Message::Cbor([]) => None,
            Message::Msg(apdu) => {
                let application = application(apdu)?;
                let permitted = self.rp_ids.permits_hash(application);
                (!permitted).then(|| (format!("the application of hash {}", hex(application)), SW_WRONG_DATA.to_vec()))
            }
        }
    }
}

/// The application parameter of a U2F message: the second half of what comes before the key handle.
fn application(apdu: &[u8]) -> Option<&[u8]> {
    let [_, ins, _, _, length @ ..] = apdu else { return None };
    if !U2F_WITH_APPLICATION.contains(ins) {
        return None;
    }
    let (length, data) = match length {
        [0, high, low, data @ ..] => (u16::from_be_bytes([*high, *low]).into(), data),
        [length, data @ ..] => (usize::from(*length), data),
        [] => return None,
    };
    data.get(..length)?.get(32..64)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl<E: Engine> Engine for Guarded<E> {
    fn start(&mut self, message: Message<'_>, now: jiff::Timestamp) -> Step {
        match self.refusal(message) {
            Some((whom, reply)) => {
                (self.notify)(Notice::Refused(whom));
                Step::Done(reply)
            }
            None => self.engine.start(message, now),
        }
    }

    fn event(&mut self, event: Event, now: jiff::Timestamp) -> Step {
        self.engine.event(event, now)
    }

    fn hid_facts(&self) -> HidFacts {
        self.engine.hid_facts()
    }

    fn packet(&mut self, packet: &mut [u8; 64]) {
        self.engine.packet(packet);
    }

    fn revision(&self) -> u64 {
        self.engine.revision()
    }

    fn export(&self) -> Vec<u8> {
        self.engine.export()
    }
}

#[cfg(test)]
mod tests;
