//! `conformance authenticator`.

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
