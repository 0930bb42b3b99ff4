//! `diff`: whose access changes between two tenants, by what, registration and sign-in apart.
//!
//! Users are matched by object id, else by user principal name, and grouped by the scope that they
//! are in before and after: a *move*. Each move is held against every model, and each passkey of
//! `passkeys.json` against the sign-in before and after.

mod change;
mod directory;
mod document;
mod lines;
mod moves;
mod page;
mod passkeys;
mod result;

use lab_entra::Tenant;

use crate::error::JobError;
use crate::matrix::{self, Flows, Step, Users};
use crate::models::{Catalogue, Choice};
use crate::world::World;

pub use change::{Change, Effect};
pub use directory::Pair;
pub use moves::Move;
pub use passkeys::PasskeyChange;

/// What is compared.
#[derive(Debug, Clone)]
pub struct Request<'r> {
    /// The tenant as it is.
    pub before: &'r Tenant,
    /// The tenant as it is to be.
    pub after: &'r Tenant,
    /// The models.
    pub models: Vec<Choice>,
    /// Whether cells keep their traces.
    pub traces: bool,
}

/// What changes.
#[derive(Debug)]
pub struct Outcome<'t> {
    /// The first tenant against every model.
    pub before: matrix::Outcome<'t>,
    /// The second tenant against the same.
    pub after: matrix::Outcome<'t>,
    /// The groups of users that are compared.
    pub moves: Vec<Move>,
    /// The registered passkeys whose sign-in changes; the lost ones first.
    pub passkeys: Vec<PasskeyChange>,
    /// The cells that change: a model, and a move, as indices.
    pub cells: Vec<CellChange>,
    /// What belongs to no change.
    pub notes: Vec<String>,
}

/// One model whose access changes for one group of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellChange {
    /// The row of both matrices.
    pub row: usize,
    /// The move.
    pub of: usize,
    /// What becomes of the registration.
    pub registration: Effect,
    /// What becomes of the sign-in of a passkey that is registered.
    pub sign_in: Effect,
}

/// Both matrices, and what is between them.
///
/// # Errors
/// As [`matrix::run`].
pub fn run<'t>(
    request: &Request<'t>,
    catalogue: &Catalogue,
    world: &World,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Outcome<'t>, JobError> {
    let matrix = |tenant| {
        let request = matrix::Request {
            tenant,
            models: request.models.clone(),
            users: Users::All,
            flows: Flows::Usual,
            metadata: None,
            traces: request.traces,
            threads: None,
        };
        matrix::run(&request, catalogue, world, progress)
    };
    let (before, after) = (matrix(request.before)?, matrix(request.after)?);
    let found = moves::between(&before, &after);
    let (passkeys, skipped) = passkeys::changes(&before, &after, &found.moves);
    let notes = found.notes.into_iter().chain(skipped).chain(before.notes.iter().cloned()).collect();
    let mut outcome = Outcome { before, after, moves: found.moves, passkeys, cells: Vec::new(), notes };
    outcome.cells = outcome.changed_cells();
    Ok(outcome)
}

impl Outcome<'_> {
    /// Whether anybody's access changes.
    #[must_use]
    pub fn differs(&self) -> bool {
        !self.passkeys.is_empty() || !self.cells.is_empty()
    }

    /// Whether there is anybody to compare.
    #[must_use]
    pub fn comparable(&self) -> bool {
        !self.moves.is_empty()
    }

    /// 1 where something changes, 4 where nobody can be compared, else 0.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.comparable() { u8::from(self.differs()) } else { 4 }
    }

    /// The steps of a cell: registration before and after, then sign-in before and after.
    #[must_use]
    pub fn steps(&self, row: usize, of: usize) -> Option<[Option<&Step>; 4]> {
        let moved = self.moves.get(of)?;
        let before = self.before.rows.get(row)?.cells.get(moved.before)?;
        let after = self.after.rows.get(row)?.cells.get(moved.after)?;
        Some([Some(&before.registration), Some(&after.registration), before.used.as_ref(), after.used.as_ref()])
    }

    fn changed_cells(&self) -> Vec<CellChange> {
        let mut cells = Vec::new();
        for row in 0..self.before.rows.len().min(self.after.rows.len()) {
            for of in 0..self.moves.len() {
                let Some([rb, ra, ub, ua]) = self.steps(row, of) else { continue };
                let (registration, sign_in) = (Effect::of(rb, ra), Effect::of(ub, ua));
                if (registration, sign_in) != (Effect::Same, Effect::Same) {
                    cells.push(CellChange { row, of, registration, sign_in });
                }
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests;
