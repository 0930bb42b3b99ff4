//! Events as JSON.

use lab_entra::tenant::Resource;
use lab_protocol::webauthn::Ceremony;
use serde_json::{Value, json};

use super::support::*;
use crate::{Actor, Door, Event, Kind, Recorded, TemporaryAccessPass};

/// One event of each kind.
fn events() -> Vec<Event> {
    let (user, passkey) = (ALICE.to_owned(), "AAECAwQFBgc".to_owned());
    let pass = TemporaryAccessPass {
        id: "p".to_owned(),
        created_date_time: time(),
        start_date_time: time(),
        lifetime_in_minutes: 60,
        is_usable_once: true,
    };
    assert_eq!(pass.ends().to_string(), "2026-11-20T11:00:00Z");
    vec![
        Event::TenantImported { tenant: tenant().to_json() },
        Event::PolicyChanged { resource: Resource::ConditionalAccess, before: None, after: Some(json!([])) },
        Event::UserChanged { id: user.clone(), before: Some(json!({"id": "x"})), after: None },
        Event::GroupChanged { id: "g".to_owned(), before: None, after: Some(json!({"id": "g", "odd": null})) },
        Event::OptionsIssued { user: user.clone() },
        registered(ALICE, 9),
        signed_in(ALICE, 9, u32::MAX),
        Event::Refused {
            ceremony: Ceremony::Registration,
            verdict: lab_entra::Verdict::Refused,
            user: None,
            passkey: None,
            decided_by: Some("entra/key-restrictions".to_owned()),
            message: "…".to_owned(),
        },
        Event::PasskeyRenamed { user: user.clone(), passkey: passkey.clone(), before: None, after: "n".to_owned() },
        Event::PasskeyDeleted { user: user.clone(), passkey, display_name: None, aa_guid: Some(AAGUID.to_owned()) },
        Event::PassIssued { user: user.clone(), pass },
        Event::PassDeleted { user, pass: "p".to_owned() },
    ]
}

#[test]
fn every_kind_survives_its_json_form_and_is_named_there() {
    let events = events();
    assert_eq!(events.iter().map(Event::kind).collect::<Vec<_>>(), Kind::ALL);
    for (index, event) in events.into_iter().enumerate() {
        let actor = Actor { door: Door::Graph, name: Some("admin".to_owned()), request_id: None };
        let recorded = Recorded { seq: index as u64, at: time(), actor, event };
        let json = serde_json::to_value(&recorded).unwrap();
        assert_eq!(json["event"], recorded.event.kind().name());
        assert_eq!(serde_json::from_value::<Recorded>(json).unwrap(), recorded);
    }
}

#[test]
fn what_is_no_event_is_refused_with_a_reason() {
    let unknown = json!({"event": "policyChanged", "resource": "nonsense", "before": null, "after": null});
    for (value, problem) in [(json!({"event": "danced"}), "danced"), (unknown, "nonsense"), (Value::Null, "null")] {
        let error = serde_json::from_value::<Event>(value).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}
