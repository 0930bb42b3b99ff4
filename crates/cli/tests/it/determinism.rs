//! With `--seed` and `--at` a run is byte-identical, on one core and on several.

use std::process::Command;

use super::program::{FIXED, ceremony, finish};

const RUNS: &[(&str, &[&str])] = &[
    ("yubikey-5-nfc", &[]),
    ("yubikey-5-nfc", &["--lie", "foreign-root"]),
    ("yubikey-5-nfc", &["--lie", "wrong-rp-id-hash"]),
    ("icloud-keychain", &[]),
    ("icloud-keychain", &["--flow", "cross-device"]),
    ("authenticator-ios", &["--flow", "in-app"]),
    ("windows-hello", &[]),
    ("samsung-pass", &["--groups", "Nursing staff"]),
    ("peer/passkey-rs", &[]),
];

fn json(model: &str, more: &[&str]) -> String {
    let all: Vec<&str> = more.iter().copied().chain(["--format", "json", "-v"]).collect();
    ceremony("fresh-default", model, &all).stdout
}

#[test]
fn the_same_seed_and_time_give_the_same_bytes() {
    for (model, more) in RUNS {
        let first = json(model, more);
        assert!(first.starts_with('{'), "{model}: {first}");
        assert_eq!(first, json(model, more), "{model} {more:?}");
    }
}

#[test]
fn packets_change_nothing() {
    for (model, more) in RUNS.iter().filter(|(model, _)| *model != "peer/passkey-rs") {
        let direct = json(model, more);
        let hid: Vec<&str> = more.iter().copied().chain(["--over", "hid"]).collect();
        assert_eq!(json(model, &hid), direct, "{model} {more:?}");
    }
}

#[test]
fn another_seed_gives_other_bytes_somewhere() {
    let of = |seed: &str| {
        let arguments = ["ceremony", "--tenant", "example:fresh-default", "--model", "peer/passkey-rs", "--seed", seed];
        let fixed = ["--at", FIXED[3], "--format", "json"];
        super::program::run(&arguments.into_iter().chain(fixed).collect::<Vec<_>>()).stdout
    };
    assert_ne!(of("7"), of("8"));
}

#[test]
fn one_core_gives_what_several_give() {
    if Command::new("taskset").arg("--version").output().is_err() {
        eprintln!("SKIPPED: taskset is not installed");
        return;
    }
    for (model, more) in RUNS {
        let mut one = Command::new("taskset");
        one.args(["-c", "0", env!("CARGO_BIN_EXE_passkey-lab"), "ceremony", "--tenant", "example:fresh-default"]);
        one.args(["--model", model, "--format", "json", "-v"]).args(FIXED).args(*more);
        assert_eq!(finish(&mut one).stdout, json(model, more), "{model} {more:?}");
    }
}
