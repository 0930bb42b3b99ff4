//! `matrix`: every model against every scope, each cell decided by a registration and a sign-in really run.
//!
//! The bytes of a ceremony do not depend on the scope, so each row is played once and judged by the
//! relying party once; only the policy is asked again for every scope. Rows are shared out among
//! threads, and since every row draws from the world's streams anew, their number changes no byte.

mod access;
mod cell;
mod document;
mod expectations;
mod junit;
mod lines;
pub(crate) mod page;
mod result;
mod rows;
mod traces;

use std::collections::HashSet;
use std::num::NonZeroUsize;

use jiff::Timestamp;
use lab_client::Flow;
use lab_entra::{Persona, Scope, Tenant, scope};
use lab_protocol::Aaguid;

use crate::error::JobError;
use crate::metadata::Consulted;
use crate::models::{Catalogue, Choice};
use crate::trace_view::TraceEntry;
use crate::world::World;

pub use access::Access;
pub use cell::{Cell, ProfileStep, Step};
pub use expectations::{Expectation, ExpectationError, Expectations};

/// What a matrix is made of.
#[derive(Debug, Clone)]
pub struct Request<'r> {
    /// The tenant.
    pub tenant: &'r Tenant,
    /// The models, in the order of the rows.
    pub models: Vec<Choice>,
    /// Whose scopes are the columns.
    pub users: Users,
    /// The flows that make rows.
    pub flows: Flows,
    /// The metadata that is asked; without it, the models' own files say what metadata says of them.
    pub metadata: Option<&'r Consulted>,
    /// Whether every cell keeps its trace.
    pub traces: bool,
    /// How many threads play; else as many as there are cores.
    pub threads: Option<NonZeroUsize>,
}

/// Whose scopes are the columns of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Users {
    /// Every scope of the tenant.
    #[default]
    All,
    /// The scopes of these users, and of their members these users only.
    Named(Vec<String>),
}

/// The flows that make rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flows {
    /// For each model the one in which its makers mean it to be registered: inside its own app where it
    /// has one, else on the same device, else across devices.
    #[default]
    Usual,
    /// Each that the model can do.
    All,
}

impl<'r> Request<'r> {
    /// Every model against every scope.
    #[must_use]
    pub fn new(tenant: &'r Tenant, catalogue: &Catalogue) -> Self {
        Self {
            tenant,
            models: catalogue.models().iter().cloned().map(Choice::Emulated).collect(),
            users: Users::All,
            flows: Flows::Usual,
            metadata: None,
            traces: false,
            threads: None,
        }
    }
}

/// The models that `--models` names: `all`, or ids.
///
/// # Errors
/// [`JobError::Model`], with the nearest ids.
pub fn models(names: &[String], catalogue: &Catalogue) -> Result<Vec<Choice>, JobError> {
    if names.iter().any(|name| name == "all") {
        return Ok(catalogue.models().iter().cloned().map(Choice::Emulated).collect());
    }
    let mut seen = HashSet::new();
    names.iter().filter(|name| seen.insert(name.as_str())).map(|name| catalogue.choose(name)).collect()
}

/// A decided matrix.
#[derive(Debug)]
pub struct Outcome<'t> {
    /// The tenant.
    pub tenant: &'t Tenant,
    /// The columns.
    pub scopes: Vec<Scope>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What belongs to no cell.
    pub notes: Vec<String>,
    /// Whether the cells have their traces.
    pub traces: bool,
}

/// One model in one flow, against every scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The model's id; for further flows than the usual one, `ID/FLOW`.
    pub id: String,
    /// The model's name.
    pub name: String,
    /// Its maker.
    pub vendor: String,
    /// The AAGUID that it reports.
    pub aaguid: Aaguid,
    /// Whether it is made from a row of a list.
    pub generic: bool,
    /// The flow.
    pub flow: Flow,
    /// The platform's id.
    pub platform: String,
    /// The cells, in the order of the scopes.
    pub cells: Vec<Cell>,
    /// What the relying party found at registration; empty unless traces are asked for.
    pub registration: Vec<TraceEntry>,
    /// What it found at sign-in.
    pub sign_in: Vec<TraceEntry>,
    /// The policy's traces that the cells refer to, each once.
    pub traces: Vec<Vec<TraceEntry>>,
}

/// What a page or a file says of the run.
#[derive(Debug, Clone, Copy, Default)]
pub struct About {
    /// The seed, if there was one.
    pub seed: Option<u64>,
    /// The time of the run, if it was given.
    pub at: Option<Timestamp>,
}

/// Plays every row and decides every cell. `progress` is told after each row how many of how many are done.
///
/// # Errors
/// An unknown user, and whatever keeps every ceremony of this tenant from taking place.
pub fn run<'t>(
    request: &Request<'t>,
    catalogue: &Catalogue,
    world: &World,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Outcome<'t>, JobError> {
    let scopes = columns(request.tenant, &request.users)?;
    let stage = rows::Stage { request, catalogue, world, scopes: &scopes };
    let (rows, mut notes) = stage.play(progress)?;
    notes.extend(request.metadata.iter().flat_map(|metadata| metadata.notes.iter().cloned()));
    Ok(Outcome { tenant: request.tenant, scopes, rows, notes, traces: request.traces })
}

fn columns(tenant: &Tenant, users: &Users) -> Result<Vec<Scope>, JobError> {
    let mut scopes = scope::scopes(tenant);
    if let Users::Named(names) = users {
        let mut wanted = HashSet::new();
        for name in names {
            if let Persona::User(index) = Persona::user(tenant, name)? {
                wanted.insert(index);
            }
        }
        scopes.iter_mut().for_each(|scope| scope.members.retain(|member| wanted.contains(member)));
        scopes.retain(|scope| !scope.members.is_empty());
    }
    Ok(scopes)
}

/// Names in a row, and how many there are beyond the first `most`.
pub(crate) fn shortened(names: &[impl AsRef<str>], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
