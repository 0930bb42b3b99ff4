//! authenticatorGetNextAssertion (`ctap-2.2 §6.3`): the other accounts of the last sign-in.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::ctap2::StatusCode;

use super::get_assertion::Assertion;
use super::{Next, Outcome};
use crate::engine::Authenticator;

/// How long the next assertion can be asked for.
const TIMER: SignedDuration = SignedDuration::from_secs(30);

/// A sign-in of which credentials are left.
#[derive(Debug)]
pub(crate) struct Remembered {
    assertion: Assertion,
    ids: Vec<Vec<u8>>,
    next: usize,
    last: Timestamp,
}

impl Remembered {
    /// After the first of `ids` has answered.
    pub(super) fn new(assertion: Assertion, ids: Vec<Vec<u8>>, now: Timestamp) -> Self {
        Self { assertion, ids, next: 1, last: now }
    }
}

pub(super) fn start(authenticator: &mut Authenticator, remembered: Option<Remembered>, now: Timestamp) -> Outcome {
    let mut remembered = remembered.ok_or(StatusCode::NOT_ALLOWED)?;
    if now.duration_since(remembered.last) > TIMER {
        return Err(StatusCode::NOT_ALLOWED);
    }
    let id = remembered.ids.get(remembered.next).ok_or(StatusCode::NOT_ALLOWED)?;
    let response = remembered.assertion.sign(authenticator, id, now)?;
    remembered.next += 1;
    remembered.last = now;
    authenticator.volatile.remembered = Some(remembered);
    Ok(Next::Reply(response.encode()))
}
