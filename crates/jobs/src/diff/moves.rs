//! Who is compared with whom: users by id, grouped by their scope before and after.

use std::collections::HashMap;

use lab_entra::graph::User;
use lab_entra::{Persona, Scope, Tenant, UserFacts, scope};

use crate::matrix::{self, shortened};

/// Users who are in one scope before and in one after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// A name within one comparison: `move-1`, in the order of the users.
    pub id: String,
    /// The scope before, as an index into the first matrix's.
    pub before: usize,
    /// The scope after, as an index into the second matrix's.
    pub after: usize,
    /// The users, as indices into the first tenant's and the second tenant's; empty where neither names any.
    pub members: Vec<(usize, usize)>,
}

/// The moves, and what could not be compared.
pub(super) struct Found {
    pub(super) moves: Vec<Move>,
    pub(super) notes: Vec<String>,
}

pub(super) fn between(before: &matrix::Outcome<'_>, after: &matrix::Outcome<'_>) -> Found {
    match (before.tenant.users().is_empty(), after.tenant.users().is_empty()) {
        (false, false) => of_users(before, after),
        (true, true) => Found { moves: of_personas(before, after), notes: Vec::new() },
        (mine, _) => {
            let (without, with) = if mine { ("first", "second") } else { ("second", "first") };
            let notes = vec![format!(
                "only the {with} tenant names users, so nobody can be matched: give the {without} one users.json too, \
                 or neither users, groups nor passkeys, and it takes those of the {with}"
            )];
            Found { moves: Vec::new(), notes }
        }
    }
}

/// Moves by the scope before and after, in the order in which they first appear.
#[derive(Default)]
struct Moves {
    known: HashMap<(usize, usize), usize>,
    moves: Vec<Move>,
}

impl Moves {
    fn at(&mut self, before: usize, after: usize) -> Option<&mut Move> {
        let next = self.moves.len();
        let index = *self.known.entry((before, after)).or_insert(next);
        if index == next {
            self.moves.push(Move { id: format!("move-{}", next + 1), before, after, members: Vec::new() });
        }
        self.moves.get_mut(index)
    }
}

fn of_users(before: &matrix::Outcome<'_>, after: &matrix::Outcome<'_>) -> Found {
    let scopes = (columns(before), columns(after));
    let mut moves = Moves::default();
    let (mut gone, mut met) = (Vec::new(), vec![false; after.tenant.users().len()]);
    for (index, user) in before.tenant.users().iter().enumerate() {
        let other = same_user(after.tenant, user);
        let pair = other.and_then(|other| Some((*scopes.0.get(index)?, *scopes.1.get(other)?, other)));
        let Some((from, to, other)) = pair else {
            gone.push(user.label());
            continue;
        };
        if let Some(met) = met.get_mut(other) {
            *met = true;
        }
        if let Some(moved) = moves.at(from, to) {
            moved.members.push((index, other));
        }
    }
    let new = after.tenant.users().iter().zip(met).filter(|(_, met)| !met).map(|(user, _)| user.label());
    let notes = [("first", gone), ("second", new.collect())].into_iter().filter(|(_, names)| !names.is_empty());
    let notes = notes.map(|(which, names)| {
        format!("{} of the {which} tenant only, so not compared: {}", people(names.len()), shortened(&names, 5))
    });
    Found { notes: notes.collect(), moves: moves.moves }
}

fn people(count: usize) -> String {
    if count == 1 { "1 user".to_owned() } else { format!("{count} users") }
}

/// For each user the place of their scope among the columns.
fn columns(matrix: &matrix::Outcome<'_>) -> Vec<usize> {
    let mut columns = vec![usize::MAX; matrix.tenant.users().len()];
    for (place, scope) in matrix.scopes.iter().enumerate() {
        for member in &scope.members {
            if let Some(column) = columns.get_mut(*member) {
                *column = place;
            }
        }
    }
    columns
}

/// The same user in another tenant: by object id, else by user principal name.
fn same_user(tenant: &Tenant, user: &User) -> Option<usize> {
    let by = |name: &Option<String>| name.as_deref().and_then(|name| tenant.find_user(name));
    by(&user.id).or_else(|| by(&user.user_principal_name))
}

/// Where neither tenant names users: somebody in no targeted group, and a member of each group that
/// either of them targets.
fn of_personas(before: &matrix::Outcome<'_>, after: &matrix::Outcome<'_>) -> Vec<Move> {
    let mut personas: Vec<Persona> = scope::personas(before.tenant);
    for persona in scope::personas(after.tenant) {
        if !personas.contains(&persona) {
            personas.push(persona);
        }
    }
    let place = |matrix: &matrix::Outcome<'_>, persona: &Persona| {
        let facts: UserFacts = scope::scope_of(matrix.tenant, persona);
        matrix.scopes.iter().position(|scope| scope.facts == facts)
    };
    let mut moves = Moves::default();
    for persona in &personas {
        if let (Some(from), Some(to)) = (place(before, persona), place(after, persona)) {
            let _ = moves.at(from, to);
        }
    }
    moves.moves
}

impl Move {
    /// What it is called: the scope, or the scope before and the one after.
    #[must_use]
    pub fn label(&self, before: &[Scope], after: &[Scope]) -> String {
        let label = |scopes: &[Scope], index: usize| scopes.get(index).map(|scope| scope.label.clone());
        match (label(before, self.before), label(after, self.after)) {
            (Some(from), Some(to)) if from == to => from,
            (from, to) => format!("{} → {}", from.unwrap_or_default(), to.unwrap_or_default()),
        }
    }
}
