//! The saved state: it says what the log says, and a start reads little more.

use lab_directory::{Directory, TemporaryAccessPass};
use lab_entra::tenant::Resource;

use super::*;
use crate::store::{SAVE_AFTER, file};

fn log(folder: &Folder) -> Connection {
    Connection::open(folder.path().join("lab.sqlite")).unwrap()
}

/// The state by the whole log alone.
fn replayed(folder: &Folder) -> Directory {
    file::replay_from(&log(folder), None).unwrap().unwrap().directory
}

fn user(id: u64, name: &str) -> serde_json::Value {
    json!({"id": format!("{id:08x}-0000-4000-8000-000000000000"), "userPrincipalName": format!("{name}{id}@x.example")})
}

/// Something of every kind, differently for each number.
fn event(number: u64) -> Event {
    let id = user(number / 5, "")["id"].as_str().unwrap().to_owned();
    let pass = TemporaryAccessPass {
        id: format!("pass {number}"),
        created_date_time: time(),
        start_date_time: time(),
        lifetime_in_minutes: 60,
        is_usable_once: false,
    };
    let passkey = method_id(&(number / 7).to_be_bytes());
    match number % 9 {
        0 | 1 => Event::UserChanged { id, before: None, after: Some(user(number / 5, "user")) },
        2 if number.is_multiple_of(4) => Event::UserChanged { id, before: None, after: None },
        3 => registered(number / 7),
        4 => signed_in(number / 7, u32::try_from(number).unwrap()),
        5 => Event::PassIssued { user: ALICE.to_owned(), pass },
        6 => Event::PasskeyRenamed { user: ALICE.to_owned(), passkey, before: None, after: number.to_string() },
        7 if number.is_multiple_of(2) => {
            let after = Some(json!({"id": "g", "displayName": number.to_string(), "members": [ALICE]}));
            Event::GroupChanged { id: "g".to_owned(), before: None, after }
        }
        7 => Event::PolicyChanged { resource: Resource::ConditionalAccess, before: None, after: Some(json!([number])) },
        _ => Event::PasskeyDeleted { user: ALICE.to_owned(), passkey, display_name: None, aa_guid: None },
    }
}

#[tokio::test]
async fn the_saved_state_and_the_log_agree() {
    let folder = Folder::new("store-snapshot");
    let mut taken = 0;
    for round in 0..4 {
        let store = open(&folder, 50).unwrap();
        for number in round * 900..(round + 1) * 900 {
            // What does not fit (a passkey that is not there) is refused, as it should be.
            taken += u64::from(store.append(batch(event(number))).await.is_ok());
        }
        drop(store);
        let saved = file::replay(&log(&folder)).unwrap().unwrap();
        assert_eq!(saved.directory.save(), replayed(&folder).save(), "round {round}");
        assert!(saved.unsaved < SAVE_AFTER, "round {round}: {} events after the saved state", saved.unsaved);
    }
    assert!(taken > 2_000, "{taken}");
    let numbers: (i64, i64) = log(&folder)
        .query_row("SELECT snapshot.seq, max(events.seq) FROM snapshot, events", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert!(numbers.0 > 1_000, "the state was saved on the way: {numbers:?}");
}

#[tokio::test]
async fn a_saved_state_that_nobody_can_read_is_made_again_from_the_log() {
    let folder = Folder::new("store-snapshot-unreadable");
    let store = open(&folder, 50).unwrap();
    for number in 0..SAVE_AFTER {
        store.append(batch(registered(number))).await.unwrap();
    }
    drop(store);
    let changed = log(&folder).execute("UPDATE snapshot SET body = '{\"of\": \"another version\"}'", []).unwrap();
    assert_eq!(changed, 1);
    let store = open(&folder, 50).unwrap();
    assert_eq!(sign_count(&store, SAVE_AFTER - 1), Some(0));
    drop(store);
    let saved = file::replay(&log(&folder)).unwrap().unwrap();
    assert_eq!(saved.unsaved, 0, "it is saved again");
}

#[tokio::test]
async fn a_file_of_before_is_brought_to_this_version() {
    let folder = Folder::new("store-migration");
    let store = open(&folder, 50).unwrap();
    store.append(batch(registered(7))).await.unwrap();
    drop(store);
    log(&folder).execute_batch("DROP TABLE snapshot; DROP TABLE waiting; PRAGMA user_version = 1").unwrap();
    assert_eq!(sign_count(&open(&folder, 50).unwrap(), 7), Some(0));
}
