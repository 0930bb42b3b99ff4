//! authenticatorReset (`ctap-2.2 §6.6`): back to the factory state.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::ctap2::StatusCode;

use super::selection::confirmed;
use super::{Next, Outcome, Pending};
use crate::engine::Authenticator;
use crate::interaction::{Answer, Need};
use crate::model::{Kind, Transport};
use crate::state::{Durable, Volatile};
use crate::store::Store;

/// After power-up, how long an authenticator without a display can be reset.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);

pub(super) fn start(authenticator: &Authenticator, now: Timestamp) -> Outcome {
    // Phones, PCs and providers are emptied in their settings, not over CTAP.
    if authenticator.model.identity.kind.value != Kind::Roaming || !resets_over_usb(authenticator) {
        return Err(StatusCode::OPERATION_DENIED);
    }
    let powered_at = authenticator.powered_at.unwrap_or(now);
    if now.duration_since(powered_at) > WINDOW {
        return Err(StatusCode::NOT_ALLOWED);
    }
    let need = if authenticator.state.long_touch_for_reset { Need::LongTouch } else { Need::Presence };
    Ok(Next::Ask(need, Pending::Reset))
}

/// transportsForReset: every door of the lab is USB's.
fn resets_over_usb(authenticator: &Authenticator) -> bool {
    let listed = authenticator.model.get_info.as_ref().and_then(|info| info.transports_for_reset.as_ref());
    listed.is_none_or(|listed| listed.contains(&Transport::Usb))
}

pub(super) fn resume(authenticator: &mut Authenticator, answer: Answer) -> Outcome {
    confirmed(answer)?;
    authenticator.home.with(Store::clear);
    let factory = Durable { unit: authenticator.state.unit, ..Durable::of(&authenticator.model) };
    authenticator.state.change(|state| *state = factory);
    authenticator.volatile = Volatile::default();
    Ok(Next::Reply(Vec::new()))
}
