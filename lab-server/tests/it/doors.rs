//! The same mistakes at every door: pages, FIDO's conformance API, Graph.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use jiff::SignedDuration;
use lab_directory::{Actor, Batch, Event, Retention};
use lab_jobs::world::World;
use lab_protocol::base64url;
use lab_server::Settings;
use lab_server::store::SqliteStore;
use serde_json::{Value, json};

use crate::lab::{Answer, Browser, OTHER, TestLab, USER, request, start, tenant};

/// Where a ceremony is begun and answered.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Door {
    Pages,
    Conformance,
    Graph,
}

const REGISTRATION: [Door; 3] = [Door::Pages, Door::Conformance, Door::Graph];
const SIGN_IN: [Door; 2] = [Door::Pages, Door::Conformance];

impl Door {
    async fn begin(self, lab: &TestLab, user: &str) -> Value {
        match self {
            Self::Pages => lab.post("/mysecurityinfo/options", &json!({ "user": user })).await.ok(),
            Self::Conformance => lab.post("/attestation/options", &json!({ "username": user })).await.ok(),
            Self::Graph => {
                graph(lab, Method::GET, &methods(user, "/creationOptions"), None).await.ok()["publicKey"].clone()
            }
        }
    }

    async fn register(self, lab: &TestLab, user: &str, credential: &Value) -> Answer {
        match self {
            Self::Pages => lab.post("/mysecurityinfo/result", &json!({ "credential": credential })).await,
            Self::Conformance => lab.post("/attestation/result", credential).await,
            Self::Graph => {
                let response = &credential["response"];
                let response = json!({"clientDataJSON": response["clientDataJSON"], "attestationObject": response["attestationObject"]});
                let body = json!({"publicKeyCredential": {"id": credential["id"], "response": response}});
                graph(lab, Method::POST, &methods(user, ""), Some(body)).await
            }
        }
    }

    async fn begin_sign_in(self, lab: &TestLab, user: &str) -> Value {
        match self {
            Self::Pages => lab.post("/signin/options", &json!({ "user": user })).await.ok(),
            _ => lab.post("/assertion/options", &json!({ "username": user })).await.ok(),
        }
    }

    async fn sign_in(self, lab: &TestLab, credential: &Value) -> Answer {
        match self {
            Self::Pages => lab.post("/signin/result", &json!({ "credential": credential })).await,
            _ => lab.post("/assertion/result", credential).await,
        }
    }
}

/// Whether a ceremony came to its good end.
fn good(answer: &Answer) -> bool {
    let verdict = |answer: &Answer| answer.json().get("verdict").is_none_or(|verdict| verdict == "allowed");
    answer.status.is_success() && verdict(answer)
}

fn methods(user: &str, tail: &str) -> String {
    format!("/beta/users/{user}/authentication/fido2Methods{tail}")
}

async fn graph(lab: &TestLab, method: Method, path: &str, body: Option<Value>) -> Answer {
    let headers = [("content-type", "application/json"), ("authorization", "Bearer any")];
    let body = body.map_or_else(String::new, |body| body.to_string());
    lab.ask(request(method, path, &headers, body.into())).await
}

fn passkeys(lab: &TestLab) -> usize {
    lab.lab.store.read(|directory| directory.passkeys().count())
}

async fn delete(lab: &TestLab, user: &str) {
    let id = lab.lab.store.read(|directory| directory.user(user).unwrap().to_owned());
    let now = lab_server::Clock::now(&lab.clock);
    let gone = Event::UserChanged { id, before: None, after: None };
    lab.lab.store.append(Batch::of(now, Actor::default(), gone)).await.unwrap();
}

/// A registration response with format `none`, so that nobody has signed which challenge it answers.
fn unsigned(credential: &Value, challenge: &Value) -> Value {
    let mut made = credential.clone();
    let client_data = json!({"type": "webauthn.create", "challenge": challenge, "origin": "http://localhost:8080"});
    made["response"]["clientDataJSON"] = base64url::encode(client_data.to_string()).into();
    let object = base64url::decode(made["response"]["attestationObject"].as_str().unwrap()).unwrap();
    let object = crate::ceremonies::without_statement(&object);
    made["response"]["attestationObject"] = base64url::encode(object).into();
    made
}

#[tokio::test]
async fn a_challenge_is_answered_once_in_time_and_where_it_was_issued() {
    for door in REGISTRATION {
        let (lab, elsewhere) = (TestLab::new(), TestLab::new());
        elsewhere.lab.dice.secret();
        let mut browser = Browser::with("yubikey-5-nfc", &lab);
        let credential = browser.create(&door.begin(&lab, USER).await);
        let first = door.register(&lab, USER, &credential).await;
        assert!(good(&first), "{door:?}: {}", first.text);
        assert_eq!(door.register(&lab, USER, &credential).await.status, StatusCode::CONFLICT, "{door:?}: used");
        let foreign = browser.create(&door.begin(&elsewhere, USER).await);
        assert_eq!(door.register(&lab, USER, &foreign).await.status, StatusCode::NOT_FOUND, "{door:?}: foreign");
        let late = Browser::with("yubikey-5-nfc", &elsewhere).create(&door.begin(&lab, USER).await);
        lab.clock.by(SignedDuration::from_mins(6));
        assert_eq!(door.register(&lab, USER, &late).await.status, StatusCode::GONE, "{door:?}: late");
        lab.clock.by(SignedDuration::from_mins(-6));
        assert_eq!(door.register(&lab, USER, &late).await.status, StatusCode::GONE, "{door:?}: late stays late");
        assert_eq!(passkeys(&lab), 1, "{door:?}");
    }
}

#[tokio::test]
async fn sign_ins_are_answered_once_in_time_and_where_they_were_begun() {
    for door in SIGN_IN {
        let (lab, elsewhere) = (TestLab::new(), TestLab::new());
        elsewhere.lab.dice.secret();
        let mut browser = Browser::with("yubikey-5-nfc", &lab);
        let credential = browser.create(&door.begin(&lab, USER).await);
        door.register(&lab, USER, &credential).await.ok();
        let assertion = browser.get(&door.begin_sign_in(&lab, USER).await);
        assert!(good(&door.sign_in(&lab, &assertion).await), "{door:?}");
        assert_eq!(door.sign_in(&lab, &assertion).await.status, StatusCode::CONFLICT, "{door:?}: used");
        door.register(
            &elsewhere,
            USER,
            &Browser::with("yubikey-5-nfc", &lab).create(&door.begin(&elsewhere, USER).await),
        )
        .await
        .ok();
        let mut options = door.begin_sign_in(&elsewhere, USER).await;
        options["allowCredentials"][0]["id"] = credential["id"].clone();
        let foreign = browser.get(&options);
        assert_eq!(door.sign_in(&lab, &foreign).await.status, StatusCode::NOT_FOUND, "{door:?}: foreign");
        let late = browser.get(&door.begin_sign_in(&lab, USER).await);
        lab.clock.by(SignedDuration::from_mins(6));
        assert_eq!(door.sign_in(&lab, &late).await.status, StatusCode::GONE, "{door:?}: late");
    }
}

#[tokio::test]
async fn a_challenge_of_the_other_ceremony_is_refused_and_goes_on_waiting() {
    for door in SIGN_IN {
        let lab = TestLab::new();
        let mut browser = Browser::with("yubikey-5-nfc", &lab);
        let credential = browser.create(&door.begin(&lab, USER).await);
        door.register(&lab, USER, &credential).await.ok();
        let creation = door.begin(&lab, OTHER).await;
        let mut request = door.begin_sign_in(&lab, USER).await;
        let challenge = std::mem::replace(&mut request["challenge"], creation["challenge"].clone());
        let crossed = door.sign_in(&lab, &browser.get(&request)).await;
        assert_eq!(crossed.status, StatusCode::BAD_REQUEST, "{door:?}: {}", crossed.text);
        request["challenge"] = challenge;
        assert!(good(&door.sign_in(&lab, &browser.get(&request)).await), "{door:?}");
        assert!(good(&door.register(&lab, OTHER, &browser.create(&creation)).await), "{door:?}: it still waited");
    }
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    for door in REGISTRATION {
        let lab = TestLab::new();
        let (mut left, mut right) = (Browser::with("yubikey-5-nfc", &lab), Browser::with("yubikey-5-nfc", &lab));
        right.create(&door.begin(&lab, OTHER).await);
        let (one, two) = (door.begin(&lab, USER).await, door.begin(&lab, USER).await);
        let (one, two) = (left.create(&one), right.create(&two));
        assert!(good(&door.register(&lab, USER, &two).await), "{door:?}: the later one first");
        assert!(good(&door.register(&lab, USER, &one).await), "{door:?}: and the earlier one after it");
        assert_eq!(passkeys(&lab), 2, "{door:?}");
        for door in SIGN_IN {
            let (one, two) = (door.begin_sign_in(&lab, USER).await, door.begin_sign_in(&lab, USER).await);
            assert!(good(&door.sign_in(&lab, &right.get(&two)).await), "{door:?}");
            assert!(good(&door.sign_in(&lab, &left.get(&one)).await), "{door:?}");
        }
    }
}

#[tokio::test]
async fn a_user_who_is_deleted_in_the_middle_neither_registers_nor_signs_in() {
    for door in REGISTRATION {
        let lab = TestLab::new();
        let mut browser = Browser::with("yubikey-5-nfc", &lab);
        let credential = browser.create(&door.begin(&lab, USER).await);
        assert!(good(&door.register(&lab, USER, &credential).await), "{door:?}");
        let second = Browser::with("yubikey-5-nfc", &lab).create(&door.begin(&lab, USER).await);
        let mut assertions = Vec::new();
        for door in SIGN_IN {
            assertions.push((door, browser.get(&door.begin_sign_in(&lab, USER).await)));
        }
        delete(&lab, USER).await;
        let status = door.register(&lab, USER, &second).await.status;
        let gone = if door == Door::Graph { StatusCode::NOT_FOUND } else { StatusCode::CONFLICT };
        assert_eq!((status, passkeys(&lab)), (gone, 0), "{door:?}");
        for (door, assertion) in assertions {
            assert_eq!(door.sign_in(&lab, &assertion).await.status, StatusCode::CONFLICT, "{door:?}");
        }
    }
}

#[tokio::test]
async fn of_many_who_register_one_credential_at_the_same_time_one_does() {
    for door in REGISTRATION {
        let lab = TestLab::new();
        let credential = Browser::with("yubikey-5-nfc", &lab).create(&door.begin(&lab, USER).await);
        let mut twins = Vec::new();
        for user in [USER, OTHER].into_iter().cycle().take(8) {
            twins.push((user, unsigned(&credential, &door.begin(&lab, user).await["challenge"])));
        }
        let answers = join_all(twins.iter().map(|(user, twin)| door.register(&lab, user, twin))).await;
        assert_eq!(
            (answers.iter().filter(|answer| good(answer)).count(), passkeys(&lab)),
            (1, 1),
            "{door:?}: {answers:?}"
        );
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{door:?}: {answers:?}");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_ends_no_ceremony_that_is_in_time() {
    for door in REGISTRATION {
        let lab = TestLab::new();
        let mut browser = Browser::with("yubikey-5-nfc", &lab);
        let credential = browser.create(&door.begin(&lab, USER).await);
        lab.clock.by(SignedDuration::from_hours(-30));
        let answer = door.register(&lab, USER, &credential).await;
        assert!(good(&answer), "{door:?}: answered before it was begun, by the clock: {}", answer.text);
        for hours in [50, -400, 9_000, -9_000] {
            lab.clock.by(SignedDuration::from_hours(hours));
            for door in SIGN_IN {
                let assertion = browser.get(&door.begin_sign_in(&lab, USER).await);
                assert!(good(&door.sign_in(&lab, &assertion).await), "{door:?} after {hours} h");
            }
            for path in ["/", "/log", &format!("/mysecurityinfo?user={USER}")] {
                assert_eq!(lab.get(path).await.status, StatusCode::OK, "{path}");
            }
            assert_eq!(graph(&lab, Method::GET, &methods(USER, ""), None).await.status, StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn somebody_elses_passkey_does_not_sign_a_user_in() {
    for door in SIGN_IN {
        let lab = TestLab::new();
        let mut keys = [USER, OTHER].map(|user| (user, Browser::with("yubikey-5-nfc", &lab)));
        keys[1].1.create(&door.begin(&lab, OTHER).await);
        let mut ids = Vec::new();
        for (user, browser) in &mut keys {
            let credential = browser.create(&door.begin(&lab, user).await);
            door.register(&lab, user, &credential).await.ok();
            ids.push(credential["id"].clone());
        }
        let mut options = door.begin_sign_in(&lab, USER).await;
        options["allowCredentials"][0]["id"] = ids[1].clone();
        let answer = door.sign_in(&lab, &keys[1].1.get(&options)).await;
        assert!(!good(&answer) && !answer.status.is_server_error(), "{door:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_graph_began_can_be_answered_after_a_restart_and_once() {
    let folder = std::env::temp_dir().join(format!("passkey-lab-doors-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let open = |seed| {
        let store = SqliteStore::open(&folder.join("lab.sqlite"), &tenant(), start(), Retention::default()).unwrap();
        TestLab::over(Arc::new(store), Settings::localhost(8080), World::seeded(seed, start()), |grounds| grounds)
    };
    let lab = open(1);
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let path = methods(USER, "/creationOptions(challengeTimeoutInMinutes=43200)");
    let options = graph(&lab, Method::GET, &path, None).await.ok()["publicKey"].clone();
    let page = browser.create(&Door::Pages.begin(&lab, OTHER).await);
    drop(lab);
    let lab = open(2);
    lab.clock.by(SignedDuration::from_hours(29 * 24));
    let credential = browser.create(&options);
    let answer = Door::Graph.register(&lab, USER, &credential).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(Door::Pages.register(&lab, OTHER, &page).await.status, StatusCode::NOT_FOUND, "pages begin again");
    drop(lab);
    assert_eq!(Door::Graph.register(&open(3), USER, &credential).await.status, StatusCode::NOT_FOUND, "once");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What a client may send where an object is expected.
fn rubbish() -> Vec<Vec<u8>> {
    let texts = [
        "",
        "null",
        "true",
        "7",
        "-1e999",
        "\"text\"",
        "[]",
        "[{}]",
        "{\"username\":7}",
        "{\"username\":\"a\\u0000b\"}",
        "{\"user\":{}}",
        "{\"credential\":[]}",
        "{\"credential\":{\"id\":\"=\",\"rawId\":7}}",
        "{\"id\":\"\u{1F511}\"}",
        "{\"publicKeyCredential\":{\"id\":\"%\",\"response\":{\"clientDataJSON\":\"!\",\"attestationObject\":\"\"}}}",
        "{\"a\":1,\"a\":2}",
        "{\"username\":\"x\"",
        "{}{}",
        "{\"extensions\":[1]}",
        "{\"challenge\":\"AA\",\"failure\":7}",
        "{\"ceremony\":\"dance\",\"challenge\":\"AA\",\"failure\":{\"name\":\"x\"}}",
        "{\"authenticatorSelection\":\"none\",\"username\":\"x\"}",
    ];
    let mut all: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    all.extend([vec![0xFF; 64], vec![b'['; 60_000], vec![0], "{\"user\":".repeat(5_000).into_bytes()]);
    all.push(json!({ "username": "x".repeat(200_000), "user": "y".repeat(200_000) }).to_string().into_bytes());
    all
}

#[tokio::test]
async fn rubbish_is_refused_at_every_door_and_changes_nothing() {
    let lab = TestLab::new();
    let events = || lab.lab.store.read(lab_directory::Directory::seq);
    let before = events();
    let base = "/beta/policies/authenticationMethodsPolicy";
    let posts = [
        "/mysecurityinfo/options",
        "/mysecurityinfo/result",
        "/signin/result",
        "/failed",
        "/attestation/options",
        "/attestation/result",
        "/assertion/result",
        "/v1.0/users",
        "/v1.0/groups",
        "/v1.0/$batch",
        &methods(USER, ""),
        "/v1.0/identity/conditionalAccess/policies",
        "/v1.0/policies/authenticationStrengthPolicies",
    ];
    let patches =
        [&format!("{base}/authenticationMethodConfigurations/fido2"), "/v1.0/users/nobody", "/v1.0/groups/none"];
    let calls = posts.map(|path| (Method::POST, path)).into_iter().chain(patches.map(|path| (Method::PATCH, path)));
    for (method, path) in calls {
        for body in rubbish() {
            let headers = [("content-type", "application/json"), ("authorization", "Bearer any")];
            // A PATCH of what Graph does not know is kept, as Graph's own unknown properties are.
            if path.ends_with("fido2") && body.starts_with(b"{\"") && serde_json::from_slice::<Value>(&body).is_ok() {
                continue;
            }
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            let answer = lab.ask(request(method.clone(), path, &headers, body.into())).await;
            assert!(answer.status.is_client_error(), "{method} {path} {shown}: {} {}", answer.status, answer.text);
            assert!(!answer.text.is_empty() && answer.json().is_object(), "{method} {path} {shown}");
        }
    }
    assert_eq!(events(), before);
}
