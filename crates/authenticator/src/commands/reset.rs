//! authenticatorReset (`ctap-2.2 §6.6`): back to the factory state.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::ctap2::StatusCode;

use super::selection::confirmed;
use super::{Next, Outcome, Pending};
use crate::engine::Authenticator;
use crate::interaction::{Answer, Need};
use crate::model::Kind;
use crate::state::Durable;
use crate::store::Store;

/// After power-up, how long an authenticator without a display can be reset.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);

pub(super) fn start(authenticator: &Authenticator, now: Timestamp) -> Outcome {
    // Phones, PCs and providers are emptied in their settings, not over CTAP.
    if authenticator.model.identity.kind.value != Kind::Roaming {
        return Err(StatusCode::OPERATION_DENIED);
    }
    let powered_at = authenticator.powered_at.unwrap_or(now);
    if now.duration_since(powered_at) > WINDOW {
        return Err(StatusCode::NOT_ALLOWED);
    }
    Ok(Next::Ask(Need::Presence, Pending::Reset))
}

pub(super) fn resume(authenticator: &mut Authenticator, answer: Answer) -> Outcome {
    confirmed(answer)?;
    authenticator.home.with(Store::clear);
    let factory = Durable::of(&authenticator.model);
    authenticator.state.change(|state| *state = factory);
    Ok(Next::Reply(Vec::new()))
}
