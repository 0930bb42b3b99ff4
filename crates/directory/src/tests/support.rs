//! A small tenant, and passkeys of its users.

use std::task::{Context, Poll, Waker};

use jiff::Timestamp;
use lab_entra::graph::Fido2AuthenticationMethod;
use lab_entra::{Tenant, TenantFile};
use lab_relying_party::CredentialRecord;
use serde_json::json;

use crate::passkey::method_id;
use crate::{Actor, Batch, Event, MemoryStore, RegisteredPasskey, Retention, Store, StoreError, Use};

pub(super) const ALICE: &str = "00000000-0000-0000-0000-00000000000a";
pub(super) const BOB: &str = "00000000-0000-0000-0000-00000000000b";
pub(super) const AAGUID: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

pub(super) fn time() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

pub(super) fn tenant() -> Tenant {
    let text = json!({
        "fido2": {"id": "Fido2", "state": "enabled", "odd": [1]},
        "users": [
            {"id": ALICE, "userPrincipalName": "alice@contoso.example", "mail": "kept"},
            {"id": BOB, "userPrincipalName": "bob@contoso.example"},
        ],
        "groups": [{"id": "g", "displayName": "Pilots", "members": [ALICE]}],
        "passkeys": {"alice@contoso.example": [
            {"id": "AAECAwQFBgc", "displayName": "key one", "aaGuid": AAGUID, "passkeyType": "deviceBound"}]},
    });
    Tenant::from_files(&[TenantFile { name: "t.json", text: &text.to_string() }]).unwrap()
}

pub(super) fn store(retention: Retention) -> MemoryStore {
    MemoryStore::new(&tenant(), time(), retention).unwrap()
}

pub(super) fn passkey(user: &str, credential: u8) -> RegisteredPasskey {
    let cose = [&[0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], &[1; 32], &[0x22, 0x58, 32], &[2; 32]].concat();
    let mut record = CredentialRecord::of_key([credential; 16], cose).unwrap();
    record.user_handle = Some([&b"LAB"[..], &[credential; 48]].concat());
    let id = method_id(&record.id);
    RegisteredPasskey {
        user: user.to_owned(),
        method: Fido2AuthenticationMethod {
            id: Some(id.clone()),
            aa_guid: Some(AAGUID.to_owned()),
            ..Fido2AuthenticationMethod::default()
        },
        record: Some(record),
        flags: Some(0x4D),
        format: Some("packed".to_owned()),
        profile: None,
        id,
    }
}

pub(super) fn registered(user: &str, credential: u8) -> Event {
    Event::Registered(Box::new(passkey(user, credential)))
}

pub(super) fn signed_in(user: &str, credential: u8, sign_count: u32) -> Event {
    let used = Use { at: time(), sign_count, backup_state: true, uv_initialized: true };
    Event::SignedIn { user: user.to_owned(), passkey: method_id(&[credential; 16]), used }
}

pub(super) fn user_gone(id: &str) -> Event {
    Event::UserChanged { id: id.to_owned(), before: None, after: None }
}

pub(super) fn batch(event: Event) -> Batch {
    Batch::of(time(), Actor::default(), event)
}

/// The answer of a store that answers at once.
pub(super) fn append(store: &dyn Store, batch: Batch) -> Result<u64, StoreError> {
    match store.append(batch).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the store in memory answers at once"),
    }
}
