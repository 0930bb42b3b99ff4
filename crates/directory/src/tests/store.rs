//! What a store promises.

use std::sync::Arc;

use super::support::*;
use crate::{Draft, Facet, Given, Kind, MemoryStore, Query, Retention, Store, StoreError};

#[test]
fn a_condition_that_no_longer_holds_is_a_conflict() {
    let store = store(Retention::default());
    append(&store, batch(registered(ALICE, 7))).unwrap();
    let facet = || Facet::Passkey(crate::passkey::method_id(&[7; 16]));
    let given = (&store as &dyn Store).read(|directory| directory.given(facet()));
    append(&store, batch(signed_in(ALICE, 7, 1)).given([given.clone()])).unwrap();
    let error = append(&store, batch(signed_in(ALICE, 7, 1)).given([given])).unwrap_err();
    assert_eq!(error, StoreError::Conflict { facet: facet(), expected: 2, found: 3 });
}

#[test]
fn a_batch_is_taken_as_a_whole_or_not_at_all() {
    let store = store(Retention::default());
    let mut both = batch(registered(ALICE, 7));
    both.events.push(Draft { event: registered(BOB, 7), input: None });
    append(&store, both).unwrap_err();
    let store: &dyn Store = &store;
    assert_eq!(store.read(|directory| (directory.seq(), directory.credential(&[7; 16]).is_some())), (1, false));
    assert_eq!(store.log(&Query::default()).unwrap().len(), 1);
}

#[test]
fn of_many_who_register_one_credential_one_succeeds() {
    let store = Arc::new(store(Retention::default()));
    let register = |user: &'static str| {
        let store: Arc<MemoryStore> = Arc::clone(&store);
        std::thread::spawn(move || append(&*store, batch(registered(user, 7))).is_ok())
    };
    let threads: Vec<_> = [ALICE, BOB].into_iter().cycle().take(16).map(register).collect();
    let successes = threads.into_iter().map(|thread| thread.join().unwrap());
    assert_eq!(successes.filter(|success| *success).count(), 1);
}

#[test]
fn what_passes_by_is_forgotten_and_what_followed_from_it_is_not() {
    let store = store(Retention { newest: 3 });
    append(&store, batch(registered(ALICE, 7)).with_input(vec![7])).unwrap();
    for count in 1..=10 {
        append(&store, batch(signed_in(ALICE, 7, count)).with_input(vec![1])).unwrap();
    }
    let store: &dyn Store = &store;
    let all = store.log(&Query::default()).unwrap();
    let numbers: Vec<_> = all.iter().map(|recorded| recorded.seq).collect();
    assert_eq!(numbers, [1, 2, 10, 11, 12]);
    assert_eq!((store.input(2).unwrap(), store.input(12).unwrap()), (None, Some(vec![1])));
    let count = store.read(|directory| directory.credential(&[7; 16]).unwrap().record.as_ref().unwrap().sign_count);
    assert_eq!(count, 10);
}

#[test]
fn the_log_is_asked_by_kind_user_and_place() {
    let store = store(Retention::default());
    append(&store, batch(registered(ALICE, 7))).unwrap();
    append(&store, batch(registered(BOB, 8))).unwrap();
    append(&store, batch(signed_in(BOB, 8, 1))).unwrap();
    let numbers = |query: Query| store.log(&query).unwrap().iter().map(|recorded| recorded.seq).collect::<Vec<_>>();
    let ceremonies = || Query { kinds: Kind::CEREMONIES.to_vec(), ..Query::default() };
    assert_eq!(numbers(ceremonies()), [2, 3, 4]);
    assert_eq!(numbers(Query { user: Some(BOB.to_uppercase()), ..ceremonies() }), [3, 4]);
    assert_eq!(numbers(Query { newest_first: true, limit: Some(2), ..ceremonies() }), [4, 3]);
    assert_eq!(numbers(Query { after: Some(2), before: Some(4), ..ceremonies() }), [3]);
}

#[test]
fn nothing_that_never_was_has_version_zero() {
    let store = store(Retention::default());
    let given = Given { facet: Facet::Passkey("nope".to_owned()), version: 0 };
    append(&store, batch(registered(ALICE, 7)).given([given])).unwrap();
}
