//! What follows from events.

use lab_entra::tenant::Resource;
use serde_json::json;

use super::support::*;
use crate::passkey::{method_id, spelled};
use crate::{Event, Facet, Retention, Store, StoreError, Unfit};

#[test]
fn a_tenants_file_is_listed_and_has_no_key() {
    let store = store(Retention::default());
    let store: &dyn Store = &store;
    store.read(|directory| {
        let listed: Vec<_> = directory.passkeys_of(ALICE).collect();
        assert_eq!((listed.len(), &listed[0].id[..], listed[0].record.is_none()), (1, "AAECAwQFBgc", true));
        assert!(!listed[0].facts().unwrap().backup_eligible);
        assert_eq!(directory.user("ALICE@contoso.example"), Some(ALICE));
        assert_eq!(directory.tenant().users()[0].other["mail"], "kept");
    });
}

#[test]
fn a_passkey_is_registered_used_renamed_and_deleted() {
    let store = store(Retention::default());
    let store: &dyn Store = &store;
    append(store, batch(registered(ALICE, 7))).unwrap();
    append(store, batch(signed_in(ALICE, 7, 41))).unwrap();
    let id = method_id(&[7; 16]);
    let after = "Blue key".to_owned();
    let renamed = Event::PasskeyRenamed { user: ALICE.to_owned(), passkey: id.clone(), before: None, after };
    append(store, batch(renamed)).unwrap();
    store.read(|directory| {
        let passkey = directory.credential(&[7; 16]).unwrap();
        assert_eq!(passkey.record.as_ref().unwrap().sign_count, 41);
        assert_eq!(passkey.method.display_name.as_deref(), Some("Blue key"));
        assert_eq!(passkey.method.last_used_date_time.as_deref(), Some("2026-11-20T10:00:00Z"));
        let facts = passkey.facts().unwrap();
        assert!(facts.backup_eligible && !facts.backup_state, "the facts are those of the registration: {facts:?}");
        let handle = directory.handle_of(ALICE).unwrap();
        assert_eq!((handle.len(), directory.user_of_handle(handle)), (51, Some(ALICE)));
    });
    let deleted = Event::PasskeyDeleted { user: ALICE.to_owned(), passkey: id, display_name: None, aa_guid: None };
    append(store, batch(deleted.clone())).unwrap();
    let again = append(store, batch(deleted)).unwrap_err();
    assert!(matches!(again, StoreError::Unfit(Unfit::NoPasskey { .. })), "{again}");
    assert!(store.read(|directory| directory.credential(&[7; 16]).is_none()));
}

#[test]
fn a_credential_belongs_to_one_user() {
    let store = store(Retention::default());
    append(&store, batch(registered(ALICE, 7))).unwrap();
    let taken = append(&store, batch(registered(BOB, 7))).unwrap_err();
    assert_eq!(taken, StoreError::Unfit(Unfit::Taken { passkey: method_id(&[7; 16]), owner: ALICE.to_owned() }));
}

#[test]
fn a_deleted_user_takes_everything_along() {
    let store = store(Retention::default());
    append(&store, batch(registered(ALICE, 7))).unwrap();
    append(&store, batch(user_gone(ALICE))).unwrap();
    let late = append(&store, batch(signed_in(ALICE, 7, 1))).unwrap_err();
    assert!(matches!(late, StoreError::Unfit(Unfit::NoPasskey { .. })), "{late}");
    let late = append(&store, batch(registered(ALICE, 8))).unwrap_err();
    assert_eq!(late, StoreError::Unfit(Unfit::NoUser { user: ALICE.to_owned() }));
    let store: &dyn Store = &store;
    store.read(|directory| {
        assert_eq!((directory.passkeys().count(), directory.handle_of(ALICE)), (0, None));
        assert_eq!(directory.version(&Facet::User(ALICE.to_owned())), 0);
    });
}

#[test]
fn another_tenant_keeps_what_was_registered_here_for_users_who_stay() {
    let store = store(Retention::default());
    append(&store, batch(registered(ALICE, 7))).unwrap();
    append(&store, batch(registered(BOB, 8))).unwrap();
    let mut tenant = tenant().to_json();
    tenant["users"].as_array_mut().unwrap().pop();
    tenant.as_object_mut().unwrap().remove("passkeys");
    append(&store, batch(Event::TenantImported { tenant })).unwrap();
    let store: &dyn Store = &store;
    let ids = store.read(|directory| directory.passkeys().map(|passkey| passkey.id.clone()).collect::<Vec<_>>());
    assert_eq!(ids, [method_id(&[7; 16])]);
}

#[test]
fn a_policy_that_cannot_be_read_changes_nothing() {
    let store = store(Retention::default());
    let changed = |after| Event::PolicyChanged { resource: Resource::Fido2, before: None, after: Some(after) };
    let error = append(&store, batch(changed(json!({"state": 5})))).unwrap_err();
    assert!(matches!(&error, StoreError::Unfit(Unfit::Tenant(_))), "{error}");
    append(&store, batch(changed(json!({"state": "disabled"})))).unwrap();
    let store: &dyn Store = &store;
    assert_eq!(store.tenant().to_json()["fido2"], json!({"state": "disabled"}));
    assert_eq!(store.tenant_before(2).unwrap().to_json()["fido2"]["state"], "enabled");
}

#[test]
fn method_ids_are_found_in_every_spelling() {
    for bytes in [&[0, 1, 2, 3, 4, 5, 6, 7][..], &[0xFB; 16], &[0xFF; 48]] {
        let id = method_id(bytes);
        let padding = (4 - id.len() % 4) % 4;
        let base64 = id.replace('-', "+").replace('_', "/") + &"=".repeat(padding);
        for spelling in [id.clone(), base64, format!("{id}{}", "=".repeat(padding)), format!("{id}{padding}")] {
            assert!(spelled(&spelling).any(|other| other == id), "{spelling}");
        }
    }
    assert_eq!(spelled("AAECAwQFBgc2").collect::<Vec<_>>(), ["AAECAwQFBgc2"; 2]);
}
