//! Entra's ceremonies at the pages: begun, answered, recorded, looked at; and everything that can go wrong.

use axum::http::StatusCode;
use jiff::SignedDuration;
use lab_directory::{Actor, Batch, Event};
use lab_protocol::base64url;
use serde_json::{Value, json};

use crate::lab::{Browser, OTHER, TestLab, USER};

const YUBIKEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

async fn begin(lab: &TestLab, user: &str) -> Value {
    lab.post("/mysecurityinfo/options", &json!({ "user": user })).await.ok()
}

async fn register(lab: &TestLab, browser: &mut Browser) -> Value {
    let options = begin(lab, USER).await;
    let credential = browser.create(&options);
    lab.post("/mysecurityinfo/result", &json!({ "credential": credential, "name": "Blue key" })).await.ok()
}

async fn sign_in(lab: &TestLab, browser: &mut Browser) -> Value {
    let options = lab.post("/signin/options", &json!({})).await.ok();
    lab.post("/signin/result", &json!({ "credential": browser.get(&options) })).await.ok()
}

#[tokio::test]
async fn a_user_registers_signs_in_and_the_pages_show_why() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let registered = register(&lab, &mut browser).await;
    assert_eq!(registered["verdict"], "allowed", "{registered}");
    let signed_in = sign_in(&lab, &mut browser).await;
    assert_eq!((&signed_in["verdict"], &signed_in["passkey"]), (&json!("allowed"), &registered["passkey"]));
    let page = lab.get(&format!("/ceremonies/{}", registered["ceremony"])).await.text;
    for shown in ["registration/rp-id-hash", "packed", "Everybody", "attestationObject"] {
        assert!(page.contains(shown), "{shown}");
    }
    let case = lab.get(&format!("/ceremonies/{}/case.json", signed_in["ceremony"])).await.ok();
    assert_eq!((&case["kind"], &case["rp_id"]), (&json!("authentication"), &json!("localhost")));
    let info = lab.get(&format!("/mysecurityinfo?user={USER}")).await.text;
    assert!(info.contains("Blue key") && info.contains("allowed by “Everybody”"));
}

#[tokio::test]
async fn no_options_that_leave_the_process_carry_entras_handle_or_rp_id() {
    let lab = TestLab::new();
    let options = begin(&lab, USER).await;
    let handle = base64url::decode(options["user"]["id"].as_str().unwrap()).unwrap();
    assert!(handle.starts_with(b"LAB"));
    assert_eq!(options["rp"]["id"], "localhost");
    assert_ne!(options["user"]["id"], begin(&lab, USER).await["user"]["id"], "random until one is registered");
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    register(&lab, &mut browser).await;
    let again = (begin(&lab, USER).await, begin(&lab, USER).await);
    assert_eq!(again.0["user"]["id"], again.1["user"]["id"], "then the same, so that a device keeps one");
}

#[tokio::test]
async fn a_policy_that_changes_decides_the_next_ceremony_and_old_ones_stay_as_they_were() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let registered = register(&lab, &mut browser).await;
    let page = lab.get("/tenant").await.text;
    let version = page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = format!(
        "version={version}&action=save&enabled=on&self-service=on&name-0=Everybody&deviceBound-0=on&enforced-0=on&enforcement-0=allow&aaguids-0={YUBIKEY}"
    );
    assert_eq!(lab.form("/tenant/profiles", &fields).await.status, StatusCode::SEE_OTHER);
    let refused = sign_in(&lab, &mut browser).await;
    assert_eq!((&refused["verdict"], &refused["decidedBy"]), (&json!("refused"), &json!("entra/key-restrictions")));
    let old = lab.get(&format!("/ceremonies/{}", registered["ceremony"])).await.text;
    assert!(old.contains("class=\"verdict good\""), "judged by the tenant of its time");
    assert!(!old.contains("not on the allow list"));
    let stale = lab.form("/tenant/profiles", &fields).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "somebody else changed it meanwhile");
}

#[tokio::test]
async fn a_challenge_is_answered_once_in_time_and_by_its_own_ceremony() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let credential = browser.create(&begin(&lab, USER).await);
    let body = json!({ "credential": credential });
    assert_eq!(lab.post("/mysecurityinfo/result", &body).await.ok()["verdict"], "allowed");
    assert_eq!(lab.post("/mysecurityinfo/result", &body).await.status, StatusCode::CONFLICT, "used");

    let late = browser.get(&lab.post("/signin/options", &json!({})).await.ok());
    lab.clock.by(SignedDuration::from_mins(6));
    assert_eq!(lab.post("/signin/result", &json!({ "credential": late })).await.status, StatusCode::GONE);

    let elsewhere = TestLab::new();
    elsewhere.lab.dice.secret();
    let foreign = browser.get(&elsewhere.post("/signin/options", &json!({})).await.ok());
    assert_eq!(lab.post("/signin/result", &json!({ "credential": foreign })).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_clock_that_is_set_back_confuses_nobody() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    register(&lab, &mut browser).await;
    lab.clock.by(SignedDuration::from_hours(-5));
    assert_eq!(sign_in(&lab, &mut browser).await["verdict"], "allowed");
    assert_eq!(lab.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_credential_is_registered_once_however_many_try_at_the_same_time() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let credential = browser.create(&begin(&lab, USER).await);
    // The same key pair answers a second challenge: a client that clones a response cannot, the lab's own case can.
    let mut twin = credential.clone();
    let other = begin(&lab, OTHER).await;
    let client_data =
        json!({"type": "webauthn.create", "challenge": other["challenge"], "origin": "http://localhost:8080"});
    twin["response"]["clientDataJSON"] = base64url::encode(client_data.to_string()).into();
    let attestation = base64url::decode(twin["response"]["attestationObject"].as_str().unwrap()).unwrap();
    twin["response"]["attestationObject"] = base64url::encode(without_statement(&attestation)).into();
    let (first, twin) = (json!({ "credential": credential }), json!({ "credential": twin }));
    let (a, b) = tokio::join!(lab.post("/mysecurityinfo/result", &first), lab.post("/mysecurityinfo/result", &twin));
    let verdicts = [a.ok()["verdict"].clone(), b.ok()["verdict"].clone()];
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == "allowed").count(), 1, "{verdicts:?}");
    assert_eq!(lab.lab.store.read(|directory| directory.passkeys().count()), 1);
}

/// The attestation object with format `none`: its authenticator data is signed by nobody.
pub fn without_statement(object: &[u8]) -> Vec<u8> {
    let data = lab_protocol::webauthn::AttestationObject::parse(object).unwrap().auth_data.to_vec();
    let mut made = vec![0xa3, 0x63];
    made.extend(b"fmt\x64none\x67attStmt\xa0\x68authData");
    match u8::try_from(data.len()) {
        Ok(length) => made.extend([0x58, length]),
        Err(_) => made.extend([0x59, u8::try_from(data.len() >> 8).unwrap(), u8::try_from(data.len() & 0xff).unwrap()]),
    }
    made.extend(data);
    made
}

#[tokio::test]
async fn a_user_who_is_deleted_in_the_middle_registers_nothing() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let credential = browser.create(&begin(&lab, USER).await);
    let id = lab.lab.store.read(|directory| directory.user(USER).unwrap().to_owned());
    let gone = Event::UserChanged { id, before: None, after: None };
    let now = lab_server::Clock::now(&lab.clock);
    lab.lab.store.append(Batch::of(now, Actor::default(), gone)).await.unwrap();
    let answer = lab.post("/mysecurityinfo/result", &json!({ "credential": credential })).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    assert_eq!(lab.lab.store.read(|directory| directory.passkeys().count()), 0);
    assert_eq!(lab.get(&format!("/mysecurityinfo?user={USER}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_browser_that_gives_no_response_is_recorded_and_explained() {
    let lab = TestLab::new();
    let options = begin(&lab, USER).await;
    let failure = json!({ "name": "NotAllowedError", "message": "<b>no</b>", "afterMs": 9000 });
    let body = json!({ "ceremony": "registration", "challenge": options["challenge"], "failure": failure });
    let told = lab.post("/failed", &body).await.ok();
    let page = lab.get(&format!("/ceremonies/{}", told["ceremony"])).await.text;
    assert!(page.contains("Somebody cancelled") && page.contains("&#60;b&#62;no"), "{page}");
    assert_eq!(lab.post("/failed", &body).await.status, StatusCode::CONFLICT, "once");
}

#[tokio::test]
async fn passkeys_are_renamed_and_deleted_by_their_owner_only() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let passkey = register(&lab, &mut browser).await["passkey"].as_str().unwrap().to_owned();
    let change = |path: &'static str, user: &'static str| format!("{path}|user={user}&passkey={passkey}&name=Red");
    for (call, status) in [
        (change("/mysecurityinfo/rename", OTHER), StatusCode::NOT_FOUND),
        (change("/mysecurityinfo/delete", OTHER), StatusCode::NOT_FOUND),
        (change("/mysecurityinfo/rename", USER), StatusCode::SEE_OTHER),
        (change("/mysecurityinfo/delete", USER), StatusCode::SEE_OTHER),
        (change("/mysecurityinfo/delete", USER), StatusCode::NOT_FOUND),
    ] {
        let (path, fields) = call.split_once('|').unwrap();
        assert_eq!(lab.form(path, fields).await.status, status, "{call}");
    }
    let refused = sign_in(&lab, &mut browser).await;
    assert_eq!(refused["verdict"], "refused", "the key still holds it, the lab does not");
}

#[tokio::test]
async fn what_makes_no_sense_is_answered_with_the_place() {
    let lab = TestLab::new();
    let missing = lab.post("/mysecurityinfo/options", &json!({})).await;
    assert_eq!(missing.status, StatusCode::BAD_REQUEST);
    assert!(missing.json()["detail"].as_str().unwrap().contains("user"), "{}", missing.text);
    assert_eq!(missing.headers["content-type"], "application/problem+json");
    let nobody = lab.post("/mysecurityinfo/options", &json!({ "user": "nobody@lab.example" })).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    for (path, list) in [("/signin/options", json!([])), ("/mysecurityinfo/options", json!([USER]))] {
        assert_eq!(lab.post(path, &list).await.status, StatusCode::BAD_REQUEST, "a list is no object: {path}");
    }
    for credential in [json!(7), json!({}), json!({"id": "a", "rawId": "==", "type": "public-key", "response": {}})] {
        let answer = lab.post("/signin/result", &json!({ "credential": credential })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    }
    let long = json!({ "user": "x".repeat(2 << 20) });
    assert_eq!(lab.post("/signin/options", &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let text = crate::lab::request(axum::http::Method::POST, "/signin/options", &[], "{}".into());
    assert_eq!(lab.ask(text).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for path in ["/ceremonies/999", "/ceremonies/0", "/nowhere", "/ceremonies/18446744073709551615"] {
        assert_eq!(lab.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(lab.form("/tenant/import", "json=%7B%7D").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn every_page_opens_and_a_tenant_is_imported() {
    let lab = TestLab::new();
    assert_eq!(lab.form("/tenant/import", "example=admins-attested").await.status, StatusCode::SEE_OTHER);
    for path in ["/", "/ceremonies", "/mysecurityinfo", "/signin", "/tenant", "/capture", "/log", "/enter"] {
        let answer = lab.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let page = path == "/ceremonies" || (answer.text.contains("LAB") && !answer.text.contains("type=\"password\""));
        assert!(page, "{path} says that it is a lab, and asks for no password");
    }
}
