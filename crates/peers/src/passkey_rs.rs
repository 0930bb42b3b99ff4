//! The authenticator of the `passkey` crate (1Password's passkey-rs, 0.6) as a [`Device`].
//!
//! Its own types read the request and write the reply; the lab adds what the crate leaves to its
//! user: the store, the person, and where random bytes come from. What is said about the crate was
//! read in passkey-authenticator, passkey-crypto and passkey-types 0.6.0, 0.1.1 and 0.6.0 on 2026-11-20.

mod prompt;
mod random;
mod store;

use std::future::Future;
use std::ops::ControlFlow;

use lab_protocol::cbor::{self, Rules};
use lab_protocol::ctap2::{self, Command, MessageError, StatusCode};
use lab_protocol::{Aaguid, Device, DeviceError, Message, Random, Status};
use passkey::authenticator::Authenticator;
use passkey::types::ctap2 as peer;
use serde::Serialize;
use serde::de::DeserializeOwned;

use prompt::{Answer, Prompt};
use random::{Backend, Lent};
use store::Store;

/// The id of this authenticator among the models.
pub const ID: &str = "peer/passkey-rs";

/// Whether a caller can give the random bytes, so that a run repeats byte for byte. The crate takes
/// its cryptography as a type parameter; with [`PasskeyRs::seeded`] keys and credential ids come
/// from the caller, and its signatures are deterministic (RFC 6979, Ed25519, ML-DSA) in any case.
pub const SEEDABLE: bool = true;

/// The most bytes of a message that are read; longer ones answer `CTAP2_ERR_REQUEST_TOO_LARGE`.
pub const MAX_MESSAGE: usize = 64 * 1024;

/// `SW_INS_NOT_SUPPORTED` (ISO 7816-4): the answer to every CTAP1 message, which the crate lacks.
const INS_NOT_SUPPORTED: [u8; 2] = [0x6d, 0x00];

/// What a list of models says about this authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The id among the models.
    pub id: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// Who made it.
    pub vendor: &'static str,
    /// The AAGUID that it has unless the caller sets another.
    pub aaguid: Aaguid,
    /// BE in every response; the crate's interface cannot clear it.
    pub backup_eligible: bool,
    /// BS in every response; the crate's interface cannot clear it.
    pub backup_state: bool,
    /// The transports of getInfo.
    pub transports: &'static [&'static str],
    /// The attestation statement format of every registration, whatever was asked for.
    pub attestation: &'static str,
    /// Where this was seen.
    pub source: &'static str,
}

/// The facts about this authenticator.
pub const FACTS: Facts = Facts {
    id: ID,
    name: "passkey-rs 0.6 (a synced provider that the lab did not write)",
    vendor: "1Password, the passkey crate",
    aaguid: Aaguid::ZERO,
    backup_eligible: true,
    backup_state: true,
    transports: &["internal", "hybrid"],
    attestation: "none",
    source: "passkey-authenticator 0.6.0, read and run 2026-11-20",
};

/// One device of a synced provider: getInfo, makeCredential and getAssertion, with user verification
/// built in. It always verifies the user; whether the user consents is [`PasskeyRs::set_consent`].
///
/// Every other CTAP2 command answers `CTAP1_ERR_INVALID_COMMAND`, every CTAP1 message the status
/// word `6D00`. It has no PIN, no counter and no extensions.
pub struct PasskeyRs {
    authenticator: Authenticator<Store, Prompt, Backend>,
    store: Store,
    prompt: Prompt,
    consents: bool,
    random: Option<Box<dyn Random + Send>>,
}

impl PasskeyRs {
    /// A device with an empty account, random bytes of the crate's own choice, and a user who consents.
    #[must_use]
    pub fn new(aaguid: Aaguid) -> Self {
        Self::with(aaguid, Store::default(), None)
    }

    /// The same with the caller's random bytes: equal bytes in, equal keys, ids and signatures out.
    #[must_use]
    pub fn seeded(aaguid: Aaguid, random: Box<dyn Random + Send>) -> Self {
        Self::with(aaguid, Store::default(), Some(random))
    }

    /// A second device of the same account: whatever either makes, both hold.
    #[must_use]
    pub fn second_device(&self, random: Option<Box<dyn Random + Send>>) -> Self {
        Self::with(Aaguid(self.authenticator.aaguid().0), self.store.clone(), random)
    }

    /// Whether the user consents when asked; a refusal answers `CTAP2_ERR_OPERATION_DENIED`.
    pub fn set_consent(&mut self, consents: bool) {
        self.consents = consents;
    }

    /// How many passkeys the account holds.
    #[must_use]
    pub fn passkeys(&self) -> usize {
        self.store.len()
    }

    fn with(aaguid: Aaguid, store: Store, random: Option<Box<dyn Random + Send>>) -> Self {
        let prompt = Prompt::default();
        let authenticator = Authenticator::new(peer::Aaguid(aaguid.0), store.clone(), prompt.clone(), Backend);
        Self { authenticator, store, prompt, consents: true, random }
    }

    fn make_credential(&mut self, parameters: &[u8], on_wait: Wait<'_>) -> Result<Vec<u8>, DeviceError> {
        let checked = read(parameters, |bytes| ctap2::make_credential::Request::parse(bytes).map(drop));
        let Self { authenticator, prompt, consents, random, .. } = self;
        answer(checked, |request| drive(authenticator.make_credential(request), prompt, *consents, random, on_wait))
    }

    fn get_assertion(&mut self, parameters: &[u8], on_wait: Wait<'_>) -> Result<Vec<u8>, DeviceError> {
        let checked = read(parameters, |bytes| ctap2::get_assertion::Request::parse(bytes).map(drop));
        let Self { authenticator, prompt, consents, random, .. } = self;
        answer(checked, |request| drive(authenticator.get_assertion(request), prompt, *consents, random, on_wait))
    }

    fn get_info(&mut self, on_wait: Wait<'_>) -> Result<Vec<u8>, DeviceError> {
        let Self { authenticator, prompt, consents, random, .. } = self;
        let info = drive(authenticator.get_info(), prompt, *consents, random, on_wait)?;
        written(&info)
    }
}

type Wait<'w> = &'w mut dyn FnMut(Status) -> ControlFlow<()>;

impl Device for PasskeyRs {
    fn call(&mut self, message: Message<'_>, on_wait: Wait<'_>) -> Result<Vec<u8>, DeviceError> {
        let Message::Cbor(message) = message else {
            return Ok(INS_NOT_SUPPORTED.to_vec());
        };
        match message.split_first() {
            None => Ok(ctap2::reply(StatusCode::INVALID_LENGTH, &[])),
            Some((command, parameters)) => match Command(*command) {
                Command::MAKE_CREDENTIAL => self.make_credential(parameters, on_wait),
                Command::GET_ASSERTION => self.get_assertion(parameters, on_wait),
                Command::GET_INFO => self.get_info(on_wait),
                _ => Ok(ctap2::reply(StatusCode::INVALID_COMMAND, &[])),
            },
        }
    }
}

impl std::fmt::Debug for PasskeyRs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PasskeyRs({} passkeys)", self.passkeys())
    }
}

/// Reads the parameters with the crate's own type. The lab's strict reader looks first: the crate
/// allocates what a length announces, and it does not say which status an error deserves.
fn read<T: DeserializeOwned>(
    bytes: &[u8],
    check: impl FnOnce(&[u8]) -> Result<(), MessageError>,
) -> Result<T, StatusCode> {
    if bytes.len() > MAX_MESSAGE {
        return Err(StatusCode::REQUEST_TOO_LARGE);
    }
    cbor::decode(bytes, Rules::CTAP2).map_err(|error| MessageError::from(error).status)?;
    check(bytes).map_err(|error| error.status)?;
    // What the lab reads and the crate does not has a member missing that the crate insists on.
    ciborium::from_reader(bytes).map_err(|_| StatusCode::CBOR_UNEXPECTED_TYPE)
}

fn answer<Request, Response: Serialize>(
    request: Result<Request, StatusCode>,
    call: impl FnOnce(Request) -> Result<Result<Response, peer::StatusCode>, DeviceError>,
) -> Result<Vec<u8>, DeviceError> {
    match request.map(call) {
        Err(status) => Ok(ctap2::reply(status, &[])),
        Ok(outcome) => match outcome? {
            Ok(response) => written(&response),
            Err(status) => Ok(ctap2::reply(StatusCode(status.into()), &[])),
        },
    }
}

fn written(response: &impl Serialize) -> Result<Vec<u8>, DeviceError> {
    let mut reply = vec![StatusCode::OK.0];
    ciborium::into_writer(response, &mut reply).map_err(|error| DeviceError::Garbled(error.to_string()))?;
    Ok(reply)
}

/// Runs one command to its end; the person answers whenever it asks.
fn drive<T>(
    command: impl Future<Output = T>,
    prompt: &Prompt,
    consents: bool,
    random: &mut Option<Box<dyn Random + Send>>,
    on_wait: Wait<'_>,
) -> Result<T, DeviceError> {
    let _lent = Lent::new(random);
    prompt::block_on(command, prompt, |status| match on_wait(status) {
        ControlFlow::Break(()) => Answer::Cancels,
        ControlFlow::Continue(()) if consents => Answer::Consents,
        ControlFlow::Continue(()) => Answer::Declines,
    })
}

#[cfg(test)]
mod tests;
