//! A file that cannot be written for a while.

use std::time::{Duration, Instant};

use super::*;

fn elsewhere(folder: &Folder) -> Connection {
    Connection::open(folder.path().join("lab.sqlite")).unwrap()
}

/// Appends until the store takes it, as somebody who tries again does.
async fn at_last(store: &SqliteStore, event: Event) -> u64 {
    let started = Instant::now();
    loop {
        match store.append(batch(event.clone())).await {
            Ok(seq) => return seq,
            Err(StoreError::Unavailable(_)) if started.elapsed() < Duration::from_secs(30) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_written_never_was_and_the_store_goes_on() {
    let folder = Folder::new("store-failing");
    let store = open(&folder, 10).unwrap();
    store.append(batch(registered(7))).await.unwrap();
    store.append(batch(signed_in(7, 41))).await.unwrap();
    // Every write fails as on a full disk, from here until the trigger is gone.
    let full = "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    elsewhere(&folder).execute_batch(full).unwrap();
    let attempts = [registered(8), signed_in(7, 42), registered(9)];
    for error in futures_util::future::join_all(attempts.map(|event| store.append(batch(event)))).await {
        assert!(matches!(error, Err(StoreError::Unavailable(_))), "{error:?}");
    }
    let started = Instant::now();
    while sign_count(&store, 8).is_some() || sign_count(&store, 7) != Some(41) {
        assert!(started.elapsed() < Duration::from_secs(30), "the state is not that of the file again");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    elsewhere(&folder).execute_batch("DROP TRIGGER full").unwrap();
    let seq = at_last(&store, registered(8)).await;
    assert!(seq > 4, "the numbers of what never was are not used again: {seq}");
    at_last(&store, signed_in(7, 43)).await;
    drop(store);
    let store = open(&folder, 10).unwrap();
    assert_eq!((sign_count(&store, 7), sign_count(&store, 8), sign_count(&store, 9)), (Some(43), Some(0), None));
}

#[tokio::test]
async fn a_lab_that_stops_while_nothing_can_be_written_stops() {
    let folder = Folder::new("store-failing-stop");
    let store = open(&folder, 10).unwrap();
    elsewhere(&folder)
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    store.append(batch(registered(7))).await.unwrap_err();
    drop(store);
}
