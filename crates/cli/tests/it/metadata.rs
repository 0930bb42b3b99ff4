//! `metadata ...`, and the lab's own BLOB where it is asked.

use std::fs;
use std::path::PathBuf;

use super::program::{FIXED, Ran, ceremony, run, scratch};
use super::schemas::{assert_valid, parsed, validator};

fn metadata(arguments: &[&str]) -> Ran {
    run(&[&["metadata"], arguments, &FIXED].concat())
}

/// A BLOB of the lab's with these scenarios.
fn blob(name: &str, scenarios: &[&str]) -> PathBuf {
    let file = scratch(&format!("metadata-{name}")).join(format!("{name}.jwt"));
    let scenarios = scenarios.iter().flat_map(|scenario| ["--scenario", scenario]);
    let arguments: Vec<&str> = ["lab", "--output", file.to_str().unwrap()].into_iter().chain(scenarios).collect();
    let ran = metadata(&arguments);
    assert_eq!(ran.status, 0, "{ran:?}");
    file
}

#[test]
fn the_labs_own_blob_is_shown_checked_and_searched() {
    let file = blob("whole", &["revoked=yubikey-5-nfc"]);
    let file = file.to_str().unwrap();
    let show = metadata(&["show", file, "--format", "json"]);
    assert_valid(&validator("metadata-show"), &parsed(&show));
    assert_eq!(parsed(&show)["result"]["root"]["stand_in"], true);
    assert_eq!(parsed(&show)["result"]["verdicts"]["refused"], 2, "TruU for Windows is revoked in reality");
    let check = metadata(&["check", file, "--format", "json"]);
    assert_eq!(check.status, 0, "{check:?}");
    assert_valid(&validator("metadata-check"), &parsed(&check));
    assert_eq!(parsed(&check)["result"]["entries"]["problems"].as_array().unwrap().len(), 0);
    let find = metadata(&["find", file, "yubikey-5-nfc", "--format", "json"]);
    assert_valid(&validator("metadata-find"), &parsed(&find));
    let csv = metadata(&["find", file, "REVOKED", "--format", "csv"]);
    assert!(csv.stdout.contains("a25342c0-3cdc-4414-8e46-f4807fca511c,"), "{csv:?}");
    assert_eq!(csv.stdout.lines().count(), 3, "{csv:?}");
    assert!(metadata(&["show", file]).stdout.starts_with("VERIFIED\n\n  number"));
    insta::assert_snapshot!("metadata-find-table", metadata(&["find", file, "a25342c0"]).stdout);
    insta::assert_snapshot!(
        "metadata-find-markdown",
        metadata(&["find", file, "a25342c0", "--format", "markdown"]).stdout
    );
}

#[test]
fn what_changed_for_the_models_on_our_lists() {
    let (before, after) = (blob("before", &[]), blob("after", &["revoked=yubikey-5-nfc", "unknown=titan-v2"]));
    let files = [before.to_str().unwrap(), after.to_str().unwrap()];
    let all = metadata(&["diff", files[0], files[1], "--format", "json"]);
    assert_eq!(all.status, 1);
    assert_valid(&validator("metadata-diff"), &parsed(&all));
    let fates: Vec<_> =
        parsed(&all)["result"]["changes"].as_array().unwrap().iter().map(|it| it["fate"].clone()).collect();
    assert_eq!(fates, ["removed", "changed"]);
    let ours = ["diff", files[0], files[1], "--tenant", "example:hardware-keys-only"];
    insta::assert_snapshot!("metadata-diff-table", metadata(&ours).stdout);
    insta::assert_snapshot!("metadata-diff-csv", metadata(&[&ours[..], &["--format", "csv"]].concat()).stdout);
    assert_eq!(metadata(&["diff", files[0], files[0]]).status, 0);
}

#[test]
fn a_blob_that_does_not_verify_is_said_not_to() {
    let file = blob("cut", &[]);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text.trim_end()[..text.trim_end().len() - 6]).unwrap();
    let check = metadata(&["check", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!(check.status, 1);
    assert_valid(&validator("metadata-check"), &parsed(&check));
    assert_eq!(parsed(&check)["result"]["decided_by"], "metadata/signature");
    fs::write(&file, "nonsense").unwrap();
    let nonsense = metadata(&["check", file.to_str().unwrap()]);
    assert_eq!(nonsense.status, 1);
    assert!(nonsense.stdout.starts_with("NOT VERIFIED by metadata/jws-syntax"), "{nonsense:?}");
    let show = metadata(&["show", file.to_str().unwrap(), "--format", "json"]);
    assert_valid(&validator("metadata-show"), &parsed(&show));
    assert_eq!(metadata(&["check", "/nowhere.jwt"]).status, 2);
    let asked = ceremony("hardware-keys-only", "yubikey-5-nfc", &["--metadata", file.to_str().unwrap()]);
    assert_eq!(asked.status, 2);
    assert!(asked.stderr.contains("is not asked: the BLOB offered does not verify"), "{asked:?}");
}

#[test]
fn another_seed_is_another_laboratory() {
    let file = blob("seed", &[]);
    let arguments = ["metadata", "check", file.to_str().unwrap(), "--seed", "8", "--at", FIXED[3]];
    assert!(run(&arguments).stdout.starts_with("NOT VERIFIED by metadata/chain"));
}

#[test]
fn each_scenario_is_refused_for_its_own_reason() {
    for (scenario, words) in [
        ("revoked", "REVOKED"),
        ("key-compromised", "ATTESTATION_KEY_COMPROMISE"),
        ("certificate-compromised", "ATTESTATION_KEY_COMPROMISE"),
        ("uv-bypass", "USER_VERIFICATION_BYPASS"),
        ("retired", "RETIRED"),
        ("wrong-root", "a root that is not trusted"),
        ("no-hmac-secret", "lacks hmac-secret"),
        ("not-certified", "not FIDO certified"),
        ("unknown", "has no entry for its model"),
        ("not-ingested", "less than four weeks ago"),
    ] {
        let expected = ["--metadata", &format!("lab:{scenario}"), "--expect", "refused:entra/attestation"];
        let ran = ceremony("hardware-keys-only", "yubikey-5-nfc", &expected);
        let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.status == 0 && text.contains(words), "{scenario}: {ran:?}");
        let other = ["--metadata", &format!("lab:{scenario}=icloud-keychain")];
        assert_eq!(ceremony("hardware-keys-only", "yubikey-5-nfc", &other).status, 0, "{scenario} of another model");
    }
    let stale = ceremony("hardware-keys-only", "yubikey-5-nfc", &["--metadata", "lab:stale"]);
    assert!(stale.status == 0 && stale.stderr.contains("due for renewal"), "{stale:?}");
    let unknown = ceremony("hardware-keys-only", "yubikey-5-nfc", &["--metadata", "lab:revoke"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("perhaps revoked"), "{unknown:?}");
}

#[test]
fn metadata_of_the_lab_changes_nothing_where_nothing_is_staged() {
    let schema = validator("ceremony");
    for model in ["yubikey-5-nfc", "icloud-keychain", "windows-hello-software"] {
        let with = ceremony("fresh-default", model, &["--metadata", "lab", "--format", "json"]);
        let without = ceremony("fresh-default", model, &["--format", "json"]);
        assert_valid(&schema, &parsed(&with));
        let verdict = |ran: &Ran| parsed(ran)["result"]["registration"]["verdict"].clone();
        assert_eq!(verdict(&with), verdict(&without), "{model}");
    }
    let matrix = |more: &[&str]| {
        let start =
            ["matrix", "--tenant", "example:hardware-keys-only", "--models", "yubikey-5-nfc", "--format", "csv"];
        run(&[&start[..], &FIXED, more].concat()).stdout
    };
    assert_eq!(matrix(&["--metadata", "lab"]), matrix(&[]));
    assert_ne!(matrix(&["--metadata", "lab:revoked=yubikey-5-nfc"]), matrix(&[]));
}
