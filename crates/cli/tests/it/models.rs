//! `models find`, `check` and `import`, and what a folder of models and lists is good for.

use std::fs;

use super::program::{Ran, ceremony, run, run_with};
use super::schemas::{assert_valid, parsed, validator};

const LIST: &str =
    "# source: A page of ours\naaguid;description;usb\n11111111-1111-4111-8111-111111111111;Our key;yes\nnope;x;\n";

fn json(arguments: &[&str]) -> Ran {
    run(&[arguments, &["--format", "json"]].concat())
}

#[test]
fn words_lead_to_aaguids() {
    let found = run(&["models", "find", "yubikey 5 fips"]);
    assert_eq!(found.status, 0);
    assert!(found.stdout.contains("73bb0cd4-e502-49b8-9c6f-b59445bf720b"), "{found:?}");
    let nothing = run(&["models", "find", "yubikey", "tomato"]);
    assert!(nothing.stderr.contains("no model has all of “yubikey tomato”; these come nearest"), "{nothing:?}");
    assert_valid(&validator("models-find"), &parsed(&json(&["models", "find", "feitian", "bio"])));
}

#[test]
fn a_list_becomes_models() {
    let folder = std::env::temp_dir().join(format!("lab-cli-models-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (raw, kept) = (folder.join("raw.txt"), folder.join("ours.csv"));
    fs::write(&raw, LIST).unwrap();
    let raw = raw.to_str().unwrap();
    let report = json(&["models", "import", raw]);
    assert_valid(&validator("models-import"), &parsed(&report));
    assert_eq!(parsed(&report)["result"]["problems"][0]["line"], 4);
    let strict = run(&["models", "import", raw, "--strict"]);
    assert_eq!((strict.status, strict.stdout.as_str()), (2, ""));
    assert!(strict.stderr.contains("raw.txt:4:1: column aaguid: “nope” is no AAGUID"), "{strict:?}");
    let csv = run(&["models", "import", raw, "--format", "csv", "--output", kept.to_str().unwrap()]);
    assert_eq!((csv.status, csv.stdout.as_str()), (0, ""));
    assert!(
        fs::read_to_string(&kept).unwrap().starts_with("# source: A page of ours\naaguid,name,type,bio,usb,nfc,ble\n")
    );
    let (id, models) = ("aaguid-11111111-1111-4111-8111-111111111111", ["--models-dir", folder.to_str().unwrap()]);
    let shown = run(&["models", "show", id, models[0], models[1]]);
    assert!(shown.stdout.contains("Our key") && shown.stdout.contains("A page of ours"), "{shown:?}");
    let allowed = ceremony("fresh-default", id, &models);
    assert_eq!(allowed.status, 0, "{allowed:?}");
    assert!(!run(&["models", "show", id]).stderr.is_empty());
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_built_in_is_clean_and_a_broken_file_is_not() {
    let clean = json(&["models", "check"]);
    assert_eq!(clean.status, 0, "{clean:?}");
    assert_valid(&validator("models-check"), &parsed(&clean));
    let broken = run_with(&["models", "check", "-", "--format", "json"], "id = \"x\"\n");
    assert_eq!(broken.status, 1);
    assert_valid(&validator("models-check"), &parsed(&broken));
    assert_eq!(parsed(&broken)["result"]["problems"][0]["line"], 1);
    assert_eq!(run(&["models", "check", "no-such.toml"]).status, 2);
}

#[test]
fn the_list_counts_and_filters() {
    let all = run(&["models", "list"]);
    assert!(all.stdout.contains("328 distinct AAGUIDs: 116 of models with a file of their own, 212 of generic models"));
    assert!(all.stderr.contains("note: left out: 00000000-0000-0000-0000-000000000000"), "{}", all.stderr);
    let platform = parsed(&json(&["models", "list", "--kind", "platform"]));
    assert!(platform["result"].as_array().unwrap().iter().all(|model| model["kind"] == "platform"));
    let generic = parsed(&json(&["models", "list", "--generic"]));
    assert_eq!(generic["result"].as_array().unwrap().len(), 212);
}
