//! authenticatorSelection (`ctap-2.2 §6.9`): the person shows which authenticator is meant.

use lab_protocol::ctap2::StatusCode;

use super::{Next, Outcome, Pending};
use crate::interaction::{Answer, Need};

pub(super) fn start() -> Next {
    Next::Ask(Need::Presence, Pending::Selection)
}

pub(super) fn resume(answer: Answer) -> Outcome {
    confirmed(answer).map(|()| Next::Reply(Vec::new()))
}

/// The status where presence is the whole point of the command.
pub(super) fn confirmed(answer: Answer) -> Result<(), StatusCode> {
    match answer {
        Answer::Given => Ok(()),
        Answer::Failed | Answer::Refused => Err(StatusCode::OPERATION_DENIED),
        Answer::TimedOut => Err(StatusCode::USER_ACTION_TIMEOUT),
    }
}
