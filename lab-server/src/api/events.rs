//! `/api/events`: what happens, as it happens (server-sent events).
//!
//! Each event has its number in the log as its id. Whoever comes back with `Last-Event-ID` gets what happened
//! since, as far as the log has not forgotten it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_core::Stream;
use lab_directory::{Query, Recorded};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::types::{CeremonySummary, EventView};
use crate::lab::Shared;
use crate::problem::Problem;

/// How often a quiet stream says that it lives.
const ALIVE: Duration = Duration::from_secs(20);
/// How many events are read from the log at once.
const AT_ONCE: usize = 100;

pub async fn stream(
    State(lab): State<Shared>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = lab.place_to_watch()?;
    let newest = lab.newest.subscribe();
    let seen = last_seen(&headers)?.unwrap_or_else(|| *newest.borrow());
    let watcher =
        Watcher { closing: lab.closing.subscribe(), newest, lab, seen, ready: VecDeque::new(), _place: place };
    let events = futures_util::stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)))
}

fn last_seen(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| Problem::bad_request("Last-Event-ID is the number of an event."))
}

/// Somebody who watches.
struct Watcher {
    lab: Shared,
    newest: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    seen: u64,
    ready: VecDeque<Event>,
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    /// The next event; `None` where the lab ends, or its log cannot be read.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if *self.newest.borrow_and_update() > self.seen {
                self.read()?;
                continue;
            }
            tokio::select! {
                changed = self.newest.changed() => changed.ok()?,
                _ = self.closing.changed() => return None,
            }
        }
    }

    fn read(&mut self) -> Option<()> {
        let query = Query { after: Some(self.seen), limit: Some(AT_ONCE), ..Query::default() };
        let recorded = self.lab.store.log(&query).ok()?;
        // What was announced and is not there has been forgotten already.
        let reached = recorded.last().map_or_else(|| *self.newest.borrow(), |last| last.seq);
        self.seen = reached.max(self.seen);
        self.ready.extend(recorded.iter().filter_map(event));
        Some(())
    }
}

fn event(recorded: &Recorded) -> Option<Event> {
    let view = EventView {
        number: recorded.seq,
        at: recorded.at,
        event: recorded.event.kind().name().to_owned(),
        door: recorded.actor.door,
        user: recorded.event.user().map(str::to_owned),
        ceremony: CeremonySummary::of(recorded),
    };
    Event::default().id(view.number.to_string()).event(&view.event).json_data(&view).ok()
}
