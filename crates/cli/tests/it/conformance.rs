//! `conformance authenticator`.

use std::fs;

use super::authenticator::{Key, Scratch};
use super::program::{FIXED, run};
use super::schemas::{assert_valid, parsed, validator};

const MODEL: [&str; 4] = ["conformance", "authenticator", "--target", "model:yubikey-5-nfc"];

fn conformance(more: &[&str]) -> super::program::Ran {
    run(&[&MODEL[..], &FIXED, more].concat())
}

#[test]
fn the_result_is_as_its_schema_says_and_a_model_passes() {
    let ran = conformance(&["--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let value = parsed(&ran);
    assert_valid(&validator("conformance"), &value);
    assert_eq!(value["result"]["counts"]["fail"], 0);
    assert!(value["result"]["counts"]["pass"].as_i64().unwrap() > 200);
}

#[test]
fn cases_can_be_chosen_and_written_in_every_form() {
    let table = conformance(&["--case", "au.hid.ping-*", "-v"]);
    assert!(
        table.stdout.contains("8 passed, 0 failed") && table.stdout.contains("au.hid.ping-7609"),
        "{}",
        table.stdout
    );
    let lines = conformance(&["--case", "au.hid.ping-*", "--format", "jsonl"]);
    assert_eq!(lines.stdout.lines().count(), 8);
    let junit = conformance(&["--case", "au.mc.base", "--format", "junit"]);
    assert!(junit.stdout.contains("tests=\"1\" failures=\"0\""), "{}", junit.stdout);
}

#[test]
fn what_cannot_be_run_says_why() {
    let unknown = conformance(&["--case", "au.tomato"]);
    assert_eq!((unknown.status, unknown.stdout.as_str()), (2, ""));
    assert!(unknown.stderr.contains("no case is called au.tomato"), "{}", unknown.stderr);
    let nobody = run(&["conformance", "authenticator", "--target", "unix:/nonexistent/key.sock"]);
    assert_eq!(nobody.status, 3, "{}", nobody.stderr);
    let target = run(&["conformance", "authenticator", "--target", "yubikey-5-nfc"]);
    assert_eq!(target.status, 2);
    assert!(target.stderr.contains("expected model:ID"), "{}", target.stderr);
}

/// Wrong PINs block a key until it is unplugged: with its control port somebody does that.
#[test]
fn a_key_on_a_socket_is_unplugged_at_its_control_port() {
    let folder = Scratch::new("conformance");
    let (socket, token) = (folder.path("key.sock"), folder.path("token"));
    fs::write(&token, "swordfish").unwrap();
    let token = token.to_str().unwrap();
    let key = Key::at(&socket, &["--control", "127.0.0.1:0", "--control-token-file", token]);
    let port = key.line["control"].as_str().unwrap().strip_prefix("http://").unwrap();
    let target = format!("unix:{}", socket.display());
    let on = ["conformance", "authenticator", "--target", &target, "--destructive", "--case", "au.pin.token-*"];
    let alone = run(&[&on[..], &["--format", "json"]].concat());
    assert_eq!(
        (alone.status, outcome(&alone, "au.pin.token-wrong-3")),
        (0, "not-applicable".into()),
        "{}",
        alone.stderr
    );
    let control = ["--control", port, "--control-token-file", token, "--format", "json"];
    let attended = run(&[&on[..], &control].concat());
    assert_eq!(
        (attended.status, outcome(&attended, "au.pin.token-wrong-3")),
        (0, "pass".into()),
        "{}",
        attended.stdout
    );
    fs::write(folder.path("other"), "another").unwrap();
    let other = folder.path("other");
    let refused = run(&[&on[..], &["--control", port, "--control-token-file", other.to_str().unwrap()]].concat());
    assert_eq!(refused.status, 3);
    assert!(refused.stderr.contains("401") && !refused.stderr.contains("another"), "{}", refused.stderr);
}

fn outcome(ran: &super::program::Ran, id: &str) -> String {
    let value = parsed(ran);
    let case = value["result"]["cases"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap().clone();
    case["outcome"].as_str().unwrap().to_owned()
}
