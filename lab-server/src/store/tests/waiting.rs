//! Ceremonies that wait across a restart.

use jiff::SignedDuration;
use lab_directory::Waits;
use lab_directory::store::MAX_KEPT_WAITING;

use super::*;

fn waits(number: u64, minutes: i64) -> Waits {
    let mut challenge = [0; 32];
    challenge[..8].copy_from_slice(&number.to_be_bytes());
    Waits { challenge, expires: time() + SignedDuration::from_mins(minutes), body: number.to_be_bytes().to_vec() }
}

fn begun(number: u64, minutes: i64) -> Batch {
    batch(Event::OptionsIssued { user: ALICE.to_owned() }).waits(waits(number, minutes))
}

fn waiting(store: &SqliteStore, minutes: i64) -> Vec<u64> {
    let waiting = store.waiting(time() + SignedDuration::from_mins(minutes)).unwrap();
    waiting.into_iter().map(|body| u64::from_be_bytes(body.try_into().unwrap())).collect()
}

#[tokio::test]
async fn they_wait_until_they_are_answered_or_too_late() {
    let folder = Folder::new("store-waiting");
    let store = open(&folder, 10).unwrap();
    for (number, minutes) in [(1, 5), (2, 60), (3, 60)] {
        store.append(begun(number, minutes)).await.unwrap();
    }
    store.append(batch(registered(7)).answers(Some(waits(2, 0).challenge))).await.unwrap();
    drop(store);
    let store = open(&folder, 10).unwrap();
    assert_eq!((waiting(&store, 0), waiting(&store, 6), waiting(&store, 61)), (vec![1, 3], vec![3], vec![]));
    let later = Batch { at: time() + SignedDuration::from_mins(30), ..begun(4, 90) };
    store.append(later).await.unwrap();
    assert_eq!(waiting(&store, 0), [3, 4], "what is too late goes when another one comes");
}

#[tokio::test]
async fn an_answer_that_is_refused_leaves_them_waiting() {
    let folder = Folder::new("store-waiting-refused");
    let store = open(&folder, 10).unwrap();
    store.append(batch(registered(7))).await.unwrap();
    store.append(begun(1, 60)).await.unwrap();
    let again = batch(registered(7)).answers(Some(waits(1, 0).challenge));
    store.append(again).await.unwrap_err();
    assert_eq!(waiting(&store, 0), [1]);
}

#[tokio::test]
async fn of_too_many_the_newest_wait() {
    let folder = Folder::new("store-waiting-many");
    let store = open(&folder, 10).unwrap();
    for number in 0..MAX_KEPT_WAITING + 10 {
        store.append(begun(number, 60)).await.unwrap();
    }
    let waiting = waiting(&store, 0);
    assert_eq!((waiting.len() as u64, waiting[0]), (MAX_KEPT_WAITING, 10));
}
