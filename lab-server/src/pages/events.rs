//! `/events`: the number of the newest event, whenever there is one (server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::lab::Shared;
use crate::problem::Problem;

/// How often a quiet stream says that it lives.
const ALIVE: Duration = Duration::from_secs(20);

pub async fn stream(
    State(lab): State<Shared>,
) -> Result<Sse<impl futures_core::Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = lab.place_to_watch()?;
    let newest = Newest { watch: lab.newest.subscribe(), closing: lab.closing.subscribe(), _place: place };
    Ok(Sse::new(newest.stream()).keep_alive(KeepAlive::new().interval(ALIVE)))
}

struct Newest {
    watch: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Newest {
    fn stream(self) -> impl futures_core::Stream<Item = Result<Event, Infallible>> {
        futures_util::stream::unfold(self, |mut newest| async move {
            tokio::select! {
                changed = newest.watch.changed() => changed.ok()?,
                _ = newest.closing.changed() => return None,
            }
            let seq = *newest.watch.borrow_and_update();
            Some((Ok(Event::default().event("newest").data(seq.to_string())), newest))
        })
    }
}
