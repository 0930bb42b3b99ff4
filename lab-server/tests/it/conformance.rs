//! FIDO's conformance server API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::lab::{Browser, TestLab};

async fn options(lab: &TestLab, path: &str, username: &str) -> Value {
    let body = json!({ "username": username, "displayName": "Somebody", "attestation": "direct", "userVerification": "required",
        "authenticatorSelection": { "userVerification": "preferred", "residentKey": "required" } });
    let options = lab.post(path, &body).await.ok();
    assert_eq!((&options["status"], &options["errorMessage"]), (&json!("ok"), &json!("")));
    options
}

#[tokio::test]
async fn somebody_new_registers_and_signs_in() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let creation = options(&lab, "/attestation/options", "new@lab.example").await;
    let mut credential = browser.create(&creation);
    let object = credential.as_object_mut().unwrap();
    // As FIDO's tool writes it.
    let results = object.shift_remove("clientExtensionResults").unwrap();
    object.insert("getClientExtensionResults".to_owned(), results);
    object.shift_remove("rawId");
    assert_eq!(lab.post("/attestation/result", &credential).await.ok()["status"], "ok");
    let request = options(&lab, "/assertion/options", "new@lab.example").await;
    assert_eq!(request["allowCredentials"].as_array().unwrap().len(), 1);
    let assertion = browser.get(&request);
    assert_eq!(lab.post("/assertion/result", &assertion).await.ok()["status"], "ok");
    let again = lab.post("/assertion/result", &assertion).await;
    assert_eq!((again.status, &again.json()["status"]), (StatusCode::CONFLICT, &json!("failed")));
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_shape_of_the_profile() {
    let lab = TestLab::new();
    let mut browser = Browser::with("yubikey-5-nfc", &lab);
    let creation = options(&lab, "/attestation/options", "new@lab.example").await;
    let mut credential = browser.create(&creation);
    credential["response"]["attestationObject"] = json!("oA");
    let answer = lab.post("/attestation/result", &credential).await;
    assert_eq!((answer.status, &answer.json()["status"]), (StatusCode::BAD_REQUEST, &json!("failed")));
    assert!(!answer.json()["errorMessage"].as_str().unwrap().is_empty());
    for (path, body) in [
        ("/attestation/options", json!({})),
        ("/attestation/options", json!({ "username": "" })),
        ("/attestation/options", json!(["new@lab.example"])),
        ("/attestation/result", json!([])),
        ("/assertion/options", json!({ "username": "nobody@lab.example" })),
        ("/assertion/result", json!({ "id": 7 })),
    ] {
        let answer = lab.post(path, &body).await;
        assert!(answer.status.is_client_error(), "{path} {body}");
        assert_eq!(answer.json()["status"], "failed", "{path} {body}");
    }
}
