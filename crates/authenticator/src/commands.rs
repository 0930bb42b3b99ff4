//! The commands, one file each.
//!
//! A command that the model does not have answers `CTAP1_ERR_INVALID_COMMAND`, and getInfo does not claim it.

mod bio_enrollment;
mod client_pin;
mod config;
mod credential_management;
mod get_assertion;
mod get_info;
mod get_next_assertion;
mod large_blobs;
mod make_credential;
mod reset;
mod selection;
mod steps;

use jiff::Timestamp;
use lab_protocol::ctap2::{Command, StatusCode};

use crate::engine::Authenticator;
use crate::interaction::{Answer, Need};

pub(crate) use bio_enrollment::Enrollment;
pub(crate) use credential_management::Enumeration;
pub(crate) use get_next_assertion::Remembered;
pub(crate) use large_blobs::Writing;

/// What a command comes to: the reply's body, a question to the person, or a status.
pub(crate) type Outcome = Result<Next, StatusCode>;

/// How a command goes on.
#[derive(Debug)]
pub(crate) enum Next {
    /// The body of the reply.
    Reply(Vec<u8>),
    /// A question to the person, and what waits for the answer.
    Ask(Need, Pending),
}

/// A command that waits for the person.
#[derive(Debug)]
pub(crate) enum Pending {
    MakeCredential(Box<make_credential::Ceremony>),
    GetAssertion(Box<get_assertion::Ceremony>),
    /// A token, once the user is verified.
    Token(Box<client_pin::VerifiedToken>),
    /// A touch by which the user chooses this authenticator (`ctap-2.2 §6.1.2` step 1).
    Chosen,
    Reset,
    /// A sample of a finger.
    Sample,
    Selection,
}

/// Runs a command as far as it goes without the person.
pub(crate) fn start(authenticator: &mut Authenticator, command: Command, parameters: &[u8], now: Timestamp) -> Outcome {
    // Any other command ends an enumeration (ctap-2.2 §6.3, §6.8).
    let remembered = authenticator.volatile.remembered.take();
    let enumeration = authenticator.volatile.enumeration.take();
    match command {
        Command::MAKE_CREDENTIAL => make_credential::start(authenticator, parameters, now),
        Command::GET_ASSERTION => get_assertion::start(authenticator, parameters, now),
        Command::GET_INFO => without(parameters).and_then(|()| get_info::start(authenticator)),
        Command::CLIENT_PIN => client_pin::start(authenticator, parameters, now),
        Command::RESET => without(parameters).and_then(|()| reset::start(authenticator, now)),
        Command::GET_NEXT_ASSERTION => {
            without(parameters).and_then(|()| get_next_assertion::start(authenticator, remembered, now))
        }
        Command::SELECTION => without(parameters).map(|()| selection::start()),
        Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW => {
            credential_management::start(authenticator, command, parameters, enumeration, now)
        }
        Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW => {
            bio_enrollment::start(authenticator, command, parameters, now)
        }
        Command::LARGE_BLOBS => large_blobs::start(authenticator, parameters, now),
        Command::CONFIG => config::start(authenticator, parameters, now),
        _ => Err(StatusCode::INVALID_COMMAND),
    }
}

/// Goes on with a command once the person has answered.
pub(crate) fn resume(authenticator: &mut Authenticator, pending: Pending, answer: Answer, now: Timestamp) -> Outcome {
    match pending {
        Pending::MakeCredential(ceremony) => ceremony.resume(authenticator, answer, now),
        Pending::GetAssertion(ceremony) => ceremony.resume(authenticator, answer, now),
        Pending::Token(wanted) => wanted.resume(authenticator, answer, now),
        Pending::Chosen => steps::chosen(authenticator, answer),
        Pending::Reset => reset::resume(authenticator, answer),
        Pending::Sample => bio_enrollment::resume(authenticator, answer),
        Pending::Selection => selection::resume(answer),
    }
}

/// A command without parameters carries none.
fn without(parameters: &[u8]) -> Result<(), StatusCode> {
    if parameters.is_empty() { Ok(()) } else { Err(StatusCode::INVALID_LENGTH) }
}
