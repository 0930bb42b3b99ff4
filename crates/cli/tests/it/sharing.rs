//! `tenant init`, `import` and `pseudonymise`: folders that are written whole or not at all.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::{command, finish, run, scratch};
use super::schemas::{assert_valid, parsed, validator};

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tenants").join(name);
    folder.to_str().unwrap().to_owned()
}

fn scopes(tenant: &str) -> Value {
    parsed(&run(&["tenant", "show", tenant, "--format", "json"]))["result"]["scopes"].clone()
}

#[test]
fn init_writes_a_tenant_and_never_overwrites_one() {
    let folder = scratch("init").join("contoso");
    let name = folder.to_str().unwrap();
    let ran = run(&["tenant", "init", name, "--format", "json"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert_valid(&validator("tenant-init"), &parsed(&ran));
    assert_eq!(run(&["tenant", "check", name]).status, 0);
    fs::write(folder.join("fido2.json"), "mine").unwrap();
    fs::remove_file(folder.join("README.md")).unwrap();
    let again = run(&["tenant", "init", name]);
    let refusal = again.refusal();
    assert!(refusal.contains("fido2.json") && !refusal.contains("README.md"), "{refusal}");
    assert_eq!(fs::read_to_string(folder.join("fido2.json")).unwrap(), "mine");
    assert!(!folder.join("README.md").exists(), "nothing is written beside what is there");
}

#[test]
fn init_without_a_folder_is_here() {
    let folder = scratch("init-here");
    let ran = finish(command(&["tenant", "init"]).current_dir(&folder));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(folder.join("export.sh").exists() && folder.join("lab.json").exists());
}

#[test]
fn import_gives_the_same_scopes_and_says_what_it_read() {
    let folder = scratch("import").join("contoso");
    let ran = run(&[
        "tenant",
        "import",
        &example("admins-attested"),
        "--output",
        folder.to_str().unwrap(),
        "--format",
        "json",
    ]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert_valid(&validator("tenant-import"), &parsed(&ran));
    assert_eq!(scopes(folder.to_str().unwrap()), scopes("example:admins-attested"));
}

#[test]
fn import_refuses_what_it_cannot_read_and_writes_nothing() {
    let folder = scratch("import-refused");
    let output = folder.join("contoso");
    let into = ["--output", output.to_str().unwrap()];
    let import = |files: &[&str]| run(&[&["tenant", "import"], files, &into].concat());
    let cut = folder.join("users.1.json");
    fs::write(&cut, "{\"value\": [").unwrap();
    let policy = format!("{}/fido2.json", example("large"));
    let other = format!("{}/fido2.json", example("legacy-block-list"));
    for (files, says) in [
        (&[policy.as_str(), cut.to_str().unwrap()][..], "users.1.json:1:11: expected an answer of Graph in JSON"),
        (&[policy.as_str(), other.as_str()], "expected one answer about fido2, found two that differ"),
        (&[policy.as_str(), "no-such-file.json"], "no-such-file.json: there is no such file or folder"),
        (&[cut.to_str().unwrap()], "users.1.json:1:11"),
    ] {
        let ran = import(files);
        assert!(ran.refusal().contains(says), "{}", ran.refusal());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "only what was there is there");
    }
    assert!(run(&["tenant", "import", &policy]).refusal().contains("expected --output DIR"));
}

#[test]
fn pseudonymise_is_repeatable_with_a_seed_and_leaves_no_name() {
    let folder = scratch("pseudonymise");
    let write = |name: &str, seed: &str| {
        let output = folder.join(name);
        let ran = run(&[
            "tenant",
            "pseudonymise",
            "example:contradictory",
            "--seed",
            seed,
            "--output",
            output.to_str().unwrap(),
            "--format",
            "json",
        ]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        assert_valid(&validator("tenant-pseudonymise"), &parsed(&ran));
        fs::read_to_string(output.join("users.json")).unwrap()
    };
    let (once, again, other) = (write("a", "7"), write("b", "7"), write("c", "8"));
    assert_eq!(once, again);
    assert_ne!(once, other);
    assert!(!once.contains("kranich") && !once.contains("Quist"));
    let full = run(&["tenant", "pseudonymise", "example:large", "--output", folder.to_str().unwrap()]);
    assert!(full.refusal().contains("expected a folder that does not exist or is empty"), "{full:?}");
}
