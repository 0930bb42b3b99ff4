//! The passkeys that people have registered: whose stops working, and by which rule.

use std::collections::HashMap;

use lab_entra::graph::Fido2AuthenticationMethod;
use lab_entra::{Ceremony, Passkey, Tenant, UserFacts, Verdict};

use super::change::{Change, Effect};
use super::moves::Move;
use crate::matrix::{self, shortened};
use crate::trace_view::capitalised;

/// A registered passkey whose sign-in changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyChange {
    /// Whose it is.
    pub user: String,
    /// Graph's id of the method.
    pub id: String,
    /// The name that its owner gave it.
    pub display_name: String,
    /// Its model, as Graph has it.
    pub model: String,
    /// Its AAGUID.
    pub aaguid: lab_protocol::Aaguid,
    /// The move of its owner, as an index.
    pub of: usize,
    /// What becomes of it.
    pub effect: Effect,
    /// The answer before.
    pub before: Change,
    /// The answer after.
    pub after: Change,
}

/// The changed ones, the gravest first and then by user; and what could not be judged.
pub(super) fn changes(
    before: &matrix::Outcome<'_>,
    after: &matrix::Outcome<'_>,
    moves: &[Move],
) -> (Vec<PasskeyChange>, Vec<String>) {
    let mut judge = Judge { before, after, moves, known: HashMap::new() };
    let owners = owners(moves);
    let (mut changes, mut skipped) = (Vec::new(), Vec::new());
    for (name, method) in registered(before.tenant, after.tenant) {
        let owner = before.tenant.find_user(name).and_then(|user| owners.get(&user).map(|of| (user, *of)));
        match (owner, Passkey::registered(method)) {
            (Some((user, of)), Some(passkey)) => {
                let label = before.tenant.users().get(user).map_or(name, |user| user.label());
                changes.extend(judge.change(label, of, method, passkey));
            }
            (None, _) => skipped.push(format!("{name} is in passkeys.json and not among the users of both tenants")),
            (Some(_), None) => skipped.push(format!("a passkey of {name} has no AAGUID or no type that the lab knows")),
        }
    }
    changes.sort_by(|a: &PasskeyChange, b| (a.effect, &a.user).cmp(&(b.effect, &b.user)));
    (changes, notes(&skipped))
}

fn notes(skipped: &[String]) -> Vec<String> {
    let note =
        (!skipped.is_empty()).then(|| format!("registered passkeys that are not judged: {}", shortened(skipped, 5)));
    note.into_iter().collect()
}

/// The passkeys of the first tenant, and those that the second has besides: one without an id could be
/// one of the first's.
fn registered<'t>(
    before: &'t Tenant,
    after: &'t Tenant,
) -> impl Iterator<Item = (&'t str, &'t Fido2AuthenticationMethod)> {
    let all = |tenant: &'t Tenant| {
        let users = tenant.passkeys().into_iter().flat_map(|passkeys| &passkeys.by_user);
        users.flat_map(|(user, methods)| methods.value.iter().map(move |method| (user.as_str(), method)))
    };
    let known: std::collections::HashSet<&str> = all(before).filter_map(|(_, method)| method.id.as_deref()).collect();
    let new = all(after).filter(move |(_, method)| method.id.as_deref().is_some_and(|id| !known.contains(id)));
    all(before).chain(new)
}

/// The move of each user of the first tenant.
fn owners(moves: &[Move]) -> HashMap<usize, usize> {
    let members =
        moves.iter().enumerate().flat_map(|(of, moved)| moved.members.iter().map(move |(user, _)| (*user, of)));
    members.collect()
}

/// The answers so far: people in one move with passkeys alike have the same.
struct Judge<'j, 't> {
    before: &'j matrix::Outcome<'t>,
    after: &'j matrix::Outcome<'t>,
    moves: &'j [Move],
    known: HashMap<(usize, Passkey), Option<Answer>>,
}

/// What becomes of a passkey, and the answers before and after; `None` where nothing does.
type Answer = (Effect, Change, Change);

impl Judge<'_, '_> {
    fn change(
        &mut self,
        user: &str,
        of: usize,
        method: &Fido2AuthenticationMethod,
        passkey: Passkey,
    ) -> Option<PasskeyChange> {
        let answer = match self.known.get(&(of, passkey)) {
            Some(known) => known.clone(),
            None => {
                let answer = self.answer(of, passkey);
                self.known.insert((of, passkey), answer.clone());
                answer
            }
        };
        let (effect, before, after): Answer = answer?;
        Some(PasskeyChange {
            user: user.to_owned(),
            id: method.id.clone().unwrap_or_default(),
            display_name: method.display_name.clone().unwrap_or_default(),
            model: method.model.clone().unwrap_or_default(),
            aaguid: passkey.aaguid,
            of,
            effect,
            before,
            after,
        })
    }

    fn answer(&self, of: usize, passkey: Passkey) -> Option<Answer> {
        let moved = self.moves.get(of)?;
        let before = sign_in(self.before.tenant, &self.before.scopes.get(moved.before)?.facts, passkey);
        let after = sign_in(self.after.tenant, &self.after.scopes.get(moved.after)?.facts, passkey);
        let effect = Effect::between((before.verdict, before.decided_by), (after.verdict, after.decided_by));
        (effect != Effect::Same).then_some((effect, before, after))
    }
}

/// The policy's answer to a passkey whose ceremony is valid: it is the real one that people hold.
fn sign_in(tenant: &Tenant, facts: &UserFacts, passkey: Passkey) -> Change {
    let decision = lab_entra::sign_in(tenant, facts, Ceremony::valid(&passkey));
    Change {
        verdict: decision.verdict,
        decided_by: decision.decided_by.map(|check| check.id),
        message: decision.message().map(capitalised).unwrap_or_default(),
        hint: decision.hint().filter(|_| decision.verdict != Verdict::Allowed).map(str::to_owned),
    }
}
