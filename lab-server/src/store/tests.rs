//! The log in a file: what survives, what is forgotten, whose file it is.

mod failing;
mod kill;
mod snapshot;
mod waiting;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use lab_directory::passkey::method_id;
use lab_directory::{Actor, Batch, Event, Kind, Query, RegisteredPasskey, Retention, Store, StoreError, Unfit, Use};
use lab_entra::graph::Fido2AuthenticationMethod;
use lab_entra::{Tenant, TenantFile};
use lab_relying_party::CredentialRecord;
use rusqlite::Connection;
use serde_json::json;

use super::SqliteStore;

const ALICE: &str = "00000000-0000-0000-0000-00000000000a";

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("passkey-lab-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn time() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn tenant() -> Tenant {
    let text = json!({"fido2": {"state": "enabled"}, "users": [{"id": ALICE, "userPrincipalName": "alice@x.example"}]});
    Tenant::from_files(&[TenantFile { name: "t.json", text: &text.to_string() }]).unwrap()
}

fn open(folder: &Folder, newest: u64) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(&folder.path().join("lab.sqlite"), &tenant(), time(), Retention { newest })
}

fn registered(credential: u64) -> Event {
    let cose = [&[0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], &[1; 32], &[0x22, 0x58, 32], &[2; 32]].concat();
    let record = CredentialRecord::of_key(credential.to_be_bytes(), cose).unwrap();
    let id = method_id(&record.id);
    Event::Registered(Box::new(RegisteredPasskey {
        user: ALICE.to_owned(),
        method: Fido2AuthenticationMethod { id: Some(id.clone()), ..Fido2AuthenticationMethod::default() },
        record: Some(record),
        flags: Some(0x45),
        format: Some("none".to_owned()),
        profile: None,
        id,
    }))
}

fn signed_in(credential: u64, sign_count: u32) -> Event {
    let used = Use { at: time(), sign_count, backup_state: false, uv_initialized: true };
    Event::SignedIn { user: ALICE.to_owned(), passkey: method_id(&credential.to_be_bytes()), used }
}

fn batch(event: Event) -> Batch {
    Batch::of(time(), Actor::default(), event)
}

fn sign_count(store: &SqliteStore, credential: u64) -> Option<u32> {
    let store: &dyn Store = store;
    store.read(|directory| Some(directory.credential(&credential.to_be_bytes())?.record.as_ref()?.sign_count))
}

#[tokio::test]
async fn a_lab_goes_on_where_it_was() {
    let folder = Folder::new("store-reopen");
    let store = open(&folder, 10_000).unwrap();
    store.append(batch(registered(7)).with_input(b"bytes".to_vec())).await.unwrap();
    store.append(batch(signed_in(7, 41))).await.unwrap();
    let before = store.log(&Query::default()).unwrap();
    drop(store);
    let store = open(&folder, 10_000).unwrap();
    assert_eq!(store.log(&Query::default()).unwrap(), before);
    assert_eq!((sign_count(&store, 7), store.input(2).unwrap()), (Some(41), Some(b"bytes".to_vec())));
    assert_eq!(store.append(batch(signed_in(7, 42))).await.unwrap(), 4);
}

#[tokio::test]
async fn sign_ins_are_forgotten_their_effect_and_the_registration_stay() {
    let folder = Folder::new("store-retention");
    let store = open(&folder, 10).unwrap();
    store.append(batch(registered(7)).with_input(vec![7])).await.unwrap();
    for count in 1..=100 {
        store.append(batch(signed_in(7, count)).with_input(vec![1])).await.unwrap();
    }
    drop(store);
    let store = open(&folder, 10).unwrap();
    let kinds = |kind| store.log(&Query { kinds: vec![kind], ..Query::default() }).unwrap();
    let sign_ins = kinds(Kind::SignedIn);
    assert!((10..=11).contains(&sign_ins.len()), "{}", sign_ins.len());
    assert_eq!(sign_ins.last().unwrap().seq, 102);
    assert_eq!((kinds(Kind::Registered).len(), store.input(2).unwrap()), (1, None));
    assert_eq!((sign_count(&store, 7), store.input(102).unwrap()), (Some(100), Some(vec![1])));
}

#[tokio::test]
async fn a_credential_that_is_made_again_begins_anew() {
    let folder = Folder::new("store-again");
    let store = open(&folder, 10).unwrap();
    store.append(batch(registered(7))).await.unwrap();
    store.append(batch(signed_in(7, 41))).await.unwrap();
    let gone = |after| Event::UserChanged { id: ALICE.to_owned(), before: None, after };
    store.append(batch(gone(None))).await.unwrap();
    store.append(batch(gone(Some(json!({"id": ALICE}))))).await.unwrap();
    store.append(batch(registered(7))).await.unwrap();
    drop(store);
    assert_eq!(sign_count(&open(&folder, 10).unwrap(), 7), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_register_one_credential_one_succeeds() {
    let folder = Folder::new("store-race");
    let store = Arc::new(open(&folder, 10).unwrap());
    let register = |_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.append(batch(registered(7))).await })
    };
    let tasks: Vec<_> = (0..32).map(register).collect();
    let mut successes = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => successes += 1,
            Err(error) => assert!(matches!(error, StoreError::Unfit(Unfit::Taken { .. })), "{error}"),
        }
    }
    assert_eq!(successes, 1);
}

#[test]
fn two_labs_do_not_share_a_file() {
    let folder = Folder::new("store-twice");
    let first = open(&folder, 10).unwrap();
    let error = open(&folder, 10).unwrap_err();
    assert!(error.to_string().contains("in use by another lab"), "{error}");
    drop(first);
    open(&folder, 10).unwrap();
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = Folder::new("store-foreign");
    let path = folder.path().join("lab.sqlite");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let error = open(&folder, 10).unwrap_err();
    assert!(error.to_string().contains("database of another program"), "{error}");
    std::fs::write(&path, [b'?'; 5000]).unwrap();
    let error = open(&folder, 10).unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[test]
fn a_newer_file_is_left_alone() {
    let folder = Folder::new("store-newer");
    drop(open(&folder, 10).unwrap());
    let path = folder.path().join("lab.sqlite");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = open(&folder, 10).unwrap_err();
    assert!(error.to_string().contains("version 99"), "{error}");
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_named() {
    let folder = Folder::new("store-corrupt");
    let store = open(&folder, 10).unwrap();
    store.append(batch(registered(7))).await.unwrap();
    drop(store);
    let path = folder.path().join("lab.sqlite");
    Connection::open(&path).unwrap().execute("UPDATE events SET body = '{}' WHERE seq = 2", []).unwrap();
    let error = open(&folder, 10).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { seq: 2, .. }), "{error}");
}
