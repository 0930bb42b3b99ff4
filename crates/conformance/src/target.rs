//! What cases are run against.

mod model;
mod wire;

use jiff::{SignedDuration, Timestamp};
use lab_attestation::emit::Vendors;
use lab_authenticator::Model;
use lab_hid::{Channel, Command, Link, Opened};
use lab_protocol::{Aaguid, Device};

use crate::outcome::Stop;

pub use model::ModelTarget;
pub use wire::WireTarget;

/// What the person at the authenticator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Touches and is verified at once.
    Obliges,
    /// Is not there.
    Absent,
    /// Declines.
    Declines,
    /// Uses a wrong finger.
    IsNotVerified,
    /// Touches, and takes the finger away at once.
    Taps,
}

/// What is known of a target beforehand, and what its word is held to.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The model's AAGUID.
    pub aaguid: Aaguid,
    /// The format of its attestation.
    pub format: String,
    /// Whether its statements carry certificates.
    pub certified: bool,
    /// The root that its chain ends in.
    pub root: Vec<u8>,
    /// Whether its credentials can be backed up.
    pub backup_eligible: bool,
}

/// An authenticator under test, on a wire.
pub trait Target {
    /// Its name, for people.
    fn name(&self) -> String;

    /// Whether it is one of the lab's models, which can be made anew.
    fn is_model(&self) -> bool;

    /// What is known of it beforehand.
    fn facts(&self) -> Option<Facts>;

    /// A state as little used as can be had, with a person who obliges: a model leaves the factory once more.
    ///
    /// # Errors
    /// The device is gone.
    fn renew(&mut self) -> Result<(), Stop>;

    /// The authenticator as a client sees it.
    fn device(&mut self) -> &mut dyn Device;

    /// What it answered when its channel was opened.
    fn opened(&self) -> Opened;

    /// Its wire.
    fn link(&mut self) -> &mut dyn Link;

    /// The next message on a channel; `None` where none came before `until`.
    ///
    /// # Errors
    /// The device is gone, or sent packets that make no message.
    fn receive(&mut self, channel: Channel, until: Timestamp) -> Result<Option<(Command, Vec<u8>)>, Stop>;

    /// Takes it out and plugs it in again.
    ///
    /// # Errors
    /// Nobody can.
    fn replug(&mut self) -> Result<(), Stop>;

    /// Tells the person what to do.
    ///
    /// # Errors
    /// Nobody can be told.
    fn person(&mut self, behaviour: Behaviour) -> Result<(), Stop>;

    /// Has somebody touch it now: U2F asks again and again instead of waiting.
    fn touch(&mut self) {}

    /// Lets time pass.
    ///
    /// # Errors
    /// The device is gone.
    fn pass(&mut self, time: SignedDuration) -> Result<(), Stop>;
}

/// Who stands at a device that is no model.
pub trait Attendant<L> {
    /// Takes it out and plugs it in again. Gives the wire to it, which is a new one.
    ///
    /// # Errors
    /// It is not there again, in words.
    fn replug(&mut self) -> Result<L, String>;

    /// Does so from here on; false where nobody can here.
    ///
    /// # Errors
    /// The person cannot be told, in words.
    fn person(&mut self, behaviour: Behaviour) -> Result<bool, String>;
}

/// A nonce that no other client of a test uses.
const NONCE: [u8; 8] = *b"lab.conf";

impl Facts {
    /// What is known of one of the lab's models.
    #[must_use]
    pub fn of(model: &Model, vendors: &Vendors) -> Self {
        let attestation = &model.attestation;
        Self {
            aaguid: model.aaguid(),
            certified: attestation.chain.value.is_certified(),
            format: attestation.format.value.clone(),
            root: vendors.stand_in_root().to_vec(),
            backup_eligible: model.passkeys.backup_eligible.value,
        }
    }
}
