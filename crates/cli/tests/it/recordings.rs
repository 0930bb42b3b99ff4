//! What users have at hand: a recording of their browser, or what `toJSON()` printed.

use std::fs;

use serde_json::{Value, json};

use super::program::{Ran, case, run, run_with, scratch};
use super::schemas::{assert_valid, parsed, validator};

fn response(name: &str) -> Value {
    let case: Value = serde_json::from_str(&fs::read_to_string(case(name)).unwrap()).unwrap();
    case["response"].clone()
}

fn verified(value: &Value, more: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["verify", "-", "--format", "json"].into_iter().chain(more.iter().copied()).collect();
    run_with(&arguments, &value.to_string())
}

#[test]
fn a_pasted_registration_is_judged_by_its_own_word_and_that_is_said() {
    let ran = verified(&response("registration-none"), &[]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let value = parsed(&ran);
    assert_valid(&validator("verify"), &value);
    assert_eq!(value["result"][0]["outcome"], "valid");
    assert!(value["notes"][0].as_str().unwrap().contains("taken from the response itself"), "{}", value["notes"]);
}

#[test]
fn a_pasted_sign_in_lacks_its_key() {
    let ran = verified(&response("authentication-es256"), &[]);
    assert_eq!((ran.status, parsed(&ran)["result"][0]["outcome"].as_str()), (2, Some("unreadable")), "{ran:?}");
    let message = parsed(&ran)["result"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("“credential_public_key_cose”"), "{message}");
}

#[test]
fn every_ceremony_of_a_recording_is_judged() {
    let post = |body: &Value| {
        json!({
            "startedDateTime": "2026-11-20T12:00:00Z",
            "request": {"method": "POST", "url": "https://a.example/x?y=z", "postData": {"text": body.to_string()}},
        })
    };
    let entries = [post(&response("registration-none")), post(&response("authentication-es256"))];
    let archive = json!({"log": {"version": "1.2", "entries": entries}});
    let path = scratch("har").join("recording.har");
    fs::write(&path, archive.to_string()).unwrap();
    let ran = run(&["verify", path.to_str().unwrap(), "--format", "json", "--anatomy"]);
    let value = parsed(&ran);
    assert_valid(&validator("verify"), &value);
    let ids: Vec<_> = value["result"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["request 1 POST a.example/x", "request 2 POST a.example/x"]);
    let empty = json!({"log": {"entries": []}});
    let ran = verified(&empty, &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.stdout.contains("found none in 0 requests"), "{ran:?}");
}

#[test]
fn an_anatomy_covers_every_byte() {
    let ran = verified(&response("registration-none"), &["--anatomy"]);
    let value = parsed(&ran);
    assert_valid(&validator("verify"), &value);
    let documents = value["result"][0]["anatomy"].as_array().unwrap();
    assert_eq!(documents[1]["name"], "attestationObject");
    let lengths = documents[1]["parts"].as_array().unwrap().iter().map(|part| part["length"].as_u64().unwrap());
    assert_eq!(lengths.sum::<u64>(), documents[1]["length"].as_u64().unwrap());
    let table = run_with(&["verify", "-", "--anatomy"], &response("registration-none").to_string());
    assert!(table.stdout.contains("Anatomy of attestationObject"), "{table:?}");
}
