//! Playing the rows, on as many threads as are asked for.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab_client::Flow;
use lab_entra::Scope;
use lab_peers::passkey_rs;

use super::cell::{Cell, Found, Step};
use super::traces::RowTraces;
use super::{Flows, Request, Row};
use crate::ceremony::{self, Performance, Who};
use crate::error::JobError;
use crate::models::{Catalogue, Choice};
use crate::world::World;

/// Everything that a row is played on.
pub(super) struct Stage<'s, 't> {
    pub(super) request: &'s Request<'t>,
    pub(super) catalogue: &'s Catalogue,
    pub(super) world: &'s World,
    pub(super) scopes: &'s [Scope],
}

/// A row that is still to be played.
struct Part<'s> {
    choice: &'s Choice,
    flow: Flow,
    /// Whether the model is played in this flow where nobody asks for another.
    usual: bool,
}

/// What a thread hands back: the place of the row, and the row.
type Played = (usize, Result<Row, JobError>);

impl Stage<'_, '_> {
    /// Plays every row. One whose authenticator cannot be emulated is left out with a note.
    pub(super) fn play(&self, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<(Vec<Row>, Vec<String>), JobError> {
        let parts = self.parts();
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = || {
            let mut played: Vec<Played> = Vec::new();
            while let Some((index, part)) = take(&next, &parts) {
                played.push((index, self.row(part)));
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, parts.len());
            }
            played
        };
        let mut played = std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads(parts.len())).map(|_| scope.spawn(work)).collect();
            let mut played = work();
            for other in others {
                // A panic of a thread goes on in the thread that waits for it.
                played.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            played
        });
        played.sort_by_key(|(index, _)| *index);
        sort_out(played)
    }

    fn threads(&self, rows: usize) -> usize {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.request.threads.unwrap_or_else(cores).get().min(rows)
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let flows = |choice| {
            let can = ceremony::flows(choice);
            // `Flow::ALL` begins with the app; whatever can do nothing says why when it is played.
            let usual = can.first().copied().unwrap_or(Flow::SameDevice);
            let all = if self.request.flows == Flows::All && !can.is_empty() { can } else { vec![usual] };
            all.into_iter().map(move |flow| Part { choice, flow, usual: flow == usual })
        };
        self.request.models.iter().flat_map(flows).collect()
    }

    fn row(&self, part: &Part<'_>) -> Result<Row, JobError> {
        let request = ceremony::Request {
            // Nobody in particular: the policy's answers are asked for scope by scope.
            who: Who::Groups(Vec::new()),
            flow: part.flow,
            metadata: self.request.metadata,
            ..ceremony::Request::new(self.request.tenant, part.choice.clone())
        };
        let mut performance = ceremony::play(&request, self.catalogue, self.world)?;
        let mut traces = self.request.traces.then(RowTraces::default);
        let cells = self.scopes.iter().map(|scope| self.cell(&performance, scope, &mut traces)).collect();
        let case = |case: &mut Option<crate::case_view::CaseView>| {
            case.take().filter(|_| self.request.traces).map(|case| case.trace).unwrap_or_default()
        };
        Ok(Row {
            registration: case(&mut performance.registration.case),
            sign_in: performance.sign_in.as_mut().map(|played| case(&mut played.case)).unwrap_or_default(),
            traces: traces.map(RowTraces::into_inner).unwrap_or_default(),
            cells,
            ..Row::of(part, performance.platform)
        })
    }

    fn cell(&self, performance: &Performance, scope: &Scope, traces: &mut Option<RowTraces>) -> Cell {
        let (tenant, facts) = (self.request.tenant, &scope.facts);
        let played = &performance.registration;
        let candidate = played.verified.candidate();
        let decision = played.verified.decide(tenant, facts, candidate.as_ref());
        let found = Found { case: played.case.as_ref(), error: played.error.as_ref() };
        let registration = Step::of(&decision, facts, found, traces.as_mut());
        let used = performance.sign_in.as_ref().map(|played| {
            let found = Found { case: played.case.as_ref(), error: played.error.as_ref() };
            Step::of(&played.decide(tenant, facts), facts, found, traces.as_mut())
        });
        Cell { registration, used }
    }
}

fn take<'p, 's>(next: &AtomicUsize, parts: &'p [Part<'s>]) -> Option<(usize, &'p Part<'s>)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    parts.get(index).map(|part| (index, part))
}

/// The rows in order; an error of one model is a note, and one that no ceremony escapes an error.
fn sort_out(played: Vec<Played>) -> Result<(Vec<Row>, Vec<String>), JobError> {
    let (mut rows, mut notes) = (Vec::with_capacity(played.len()), Vec::new());
    for (_, row) in played {
        match row {
            Ok(row) => rows.push(row),
            Err(error @ (JobError::Emulation(_) | JobError::Flow(_))) => notes.push(format!("left out: {error}")),
            Err(error) => return Err(error),
        }
    }
    Ok((rows, notes))
}

impl Row {
    /// The row without anything that was played.
    fn of(part: &Part<'_>, platform: String) -> Self {
        let choice = part.choice;
        let (vendor, aaguid, generic) = match choice {
            Choice::Emulated(model) => (model.vendor.name.clone(), model.aaguid(), model.generic),
            Choice::PasskeyRs => (passkey_rs::FACTS.vendor.to_owned(), passkey_rs::FACTS.aaguid, false),
        };
        let id = choice.id();
        Self {
            id: if part.usual { id.to_owned() } else { format!("{id}/{}", part.flow) },
            name: choice.name().to_owned(),
            vendor,
            aaguid,
            generic,
            flow: part.flow,
            platform,
            cells: Vec::new(),
            registration: Vec::new(),
            sign_in: Vec::new(),
            traces: Vec::new(),
        }
    }
}
