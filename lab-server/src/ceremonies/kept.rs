//! Ceremonies that wait across a restart: those of Graph, whose challenges live for up to 30 days.

use jiff::Timestamp;
use lab_directory::{Ceremonies, Store, StoreError, Waits};
use lab_relying_party::Pending;
use lab_relying_party::challenge::fingerprint;
use serde::{Deserialize, Serialize};

use super::Context;

#[derive(Serialize)]
struct Written<'w> {
    pending: &'w Pending,
    context: &'w Context,
}

#[derive(Deserialize)]
struct Read {
    pending: Pending,
    context: Context,
}

/// A ceremony, for the store to keep.
///
/// # Errors
/// It cannot be written.
pub fn keep(pending: &Pending, context: &Context) -> Result<Waits, StoreError> {
    let body = serde_json::to_vec(&Written { pending, context }).map_err(|error| StoreError::Io(error.to_string()))?;
    Ok(Waits { challenge: fingerprint(pending.challenge.bytes()), expires: pending.expires, body })
}

/// The ceremonies that a store kept and that may still be answered.
#[must_use]
pub fn kept(store: &dyn Store, now: Timestamp) -> Ceremonies<Context> {
    let mut waiting = Ceremonies::default();
    let bodies = store.waiting(now).unwrap_or_else(|error| {
        tracing::error!(%error, "challenges of before cannot be answered any more");
        Vec::new()
    });
    for body in bodies {
        match serde_json::from_slice(&body) {
            Ok(Read { pending, context }) => waiting.wait(pending, context),
            Err(error) => tracing::error!(%error, "a challenge of before cannot be answered any more"),
        }
    }
    waiting
}
