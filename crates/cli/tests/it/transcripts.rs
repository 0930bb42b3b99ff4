//! `--record`, `replay`, `models compare` and `models draft`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::program::{FIXED, Ran, ceremony, command, run, run_with, scratch};
use super::schemas::{assert_valid, parsed, validator};

fn record(name: &str, arguments: &[&str]) -> (Ran, PathBuf) {
    let file = scratch(name).join("transcript.jsonl");
    let all = arguments.iter().copied().chain(["--record", file.to_str().unwrap()]);
    (run(&all.collect::<Vec<_>>()), file)
}

fn replay(file: &Path, more: &[&str]) -> Ran {
    run(&["replay", file.to_str().unwrap()].into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn a_replay_prints_what_the_recorded_command_printed() {
    let runs: &[(&str, &[&str])] = &[
        (
            "attested",
            &[
                "--tenant",
                "example:admins-attested",
                "--model",
                "yubikey-5-nfc",
                "--user",
                "admin.berg@nordhafen.example",
            ],
        ),
        ("hid", &["--tenant", "example:fresh-default", "--model", "yubikey-bio-mpe", "--over", "hid"]),
        ("synced", &["--tenant", "example:fresh-default", "--model", "icloud-keychain", "--flow", "cross-device"]),
        ("lie", &["--tenant", "example:fresh-default", "--model", "yubikey-5-nfc", "--lie", "wrong-origin"]),
        ("peer", &["--tenant", "example:fresh-default", "--model", "peer/passkey-rs"]),
        ("nobody", &["--tenant", "example:fresh-default", "--model", "yubikey-5-nfc", "--groups", "Nursing staff"]),
    ];
    for (name, arguments) in runs {
        for fixed in [&FIXED[..], &[]] {
            let all: Vec<&str> =
                ["ceremony"].iter().chain(*arguments).chain(fixed).chain(&["--format", "json"]).copied().collect();
            let (recorded, file) = record(&format!("replay-{name}-{}", fixed.len()), &all);
            let replayed = replay(&file, &["--format", "json"]);
            assert_eq!(
                (replayed.status, &replayed.stdout),
                (recorded.status, &recorded.stdout),
                "{name}: {replayed:?}"
            );
            assert!(recorded.stdout.len() > 1000);
        }
    }
}

#[test]
fn recording_changes_nothing_and_the_same_seed_records_the_same() {
    let arguments = ["ceremony", "--tenant", "example:fresh-default", "--model", "yubikey-5-nfc"];
    let all: Vec<&str> = arguments.into_iter().chain(FIXED).collect();
    let (first, one) = record("record-one", &all);
    let (_, two) = record("record-two", &all);
    assert_eq!(first.stdout, ceremony("fresh-default", "yubikey-5-nfc", &[]).stdout);
    assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
}

#[test]
fn every_line_is_as_the_schema_says() {
    let (_, file) = record(
        "record-schema",
        &["ceremony", "--tenant", "example:fresh-default", "--model", "yubikey-5-nfc", "--over", "hid"],
    );
    let schema = validator("transcript");
    let text = fs::read_to_string(file).unwrap();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_valid(&schema, &value);
        let mut broken = value.clone();
        broken["surprise"] = true.into();
        assert!(!schema.is_valid(&broken));
    }
    assert!(text.contains("redacted: 32 bytes") && text.lines().count() > 6);
}

#[test]
fn what_is_no_transcript_is_refused_with_its_line() {
    let (_, file) =
        record("record-broken", &["ceremony", "--tenant", "example:fresh-default", "--model", "yubikey-5-nfc"]);
    let good = fs::read_to_string(&file).unwrap();
    let broken = [
        (good.replace("transcript/1", "transcript/9"), "line 1: expected the schema passkey-lab/transcript/1"),
        (good.replacen("\"exchange\":2", "\"exchange\":7", 1), "line 3: expected exchange 2, found exchange 7"),
        (good.replacen("\"ceremony\",", "\"tenant\",\"check\",", 1), "line 1: run: `passkey-lab tenant check"),
        ("{}".to_owned(), "line 1: expected the schema"),
    ];
    for (text, message) in broken {
        fs::write(&file, text).unwrap();
        let ran = replay(&file, &[]);
        assert!(ran.refusal().contains(message), "{ran:?}");
        assert!(ran.stderr.contains("hint: "), "{ran:?}");
    }
}

#[test]
fn a_request_that_was_not_recorded_is_said_to_be_another() {
    let (_, file) =
        record("record-other", &["ceremony", "--tenant", "example:fresh-default", "--model", "yubikey-5-nfc"]);
    let text = fs::read_to_string(&file).unwrap();
    let first = text.lines().next().unwrap();
    fs::write(&file, text.replacen(first, &first.replace("fresh-default", "admins-attested"), 1)).unwrap();
    let ran = replay(&file, &[]);
    assert!(ran.refusal().contains("as it is asked for now: the one on line"), "{ran:?}");
}

#[test]
fn a_model_beside_a_transcript() {
    let (_, file) = record(
        "compare",
        &[
            "ceremony",
            "--tenant",
            "example:fresh-default",
            "--model",
            "yubikey-5-nfc-5.4",
            "--seed",
            "7",
            "--at",
            "2026-11-20T12:00:00Z",
        ],
    );
    let file = file.to_str().unwrap();
    for format in ["table", "markdown"] {
        let ran = run(&["models", "compare", "yubikey-5-nfc", "--with", file, "--format", format]);
        insta::assert_snapshot!(format!("models-compare-{format}"), format!("{}--- {} ---", ran.stdout, ran.status));
    }
    let ran = run(&["models", "compare", "yubikey-5-nfc", "--with", file, "--format", "json"]);
    assert_valid(&validator("models-compare"), &parsed(&ran));
    let ran = run(&["models", "draft", file]);
    insta::assert_snapshot!("models-draft", ran.stdout);
    assert_valid(&validator("models-draft"), &parsed(&run(&["models", "draft", file, "--format", "json"])));
}

#[test]
fn a_draft_is_a_model_that_the_transcript_cannot_be_told_from() {
    let (_, file) = record("draft", &["ceremony", "--tenant", "example:fresh-default", "--model", "yubikey-bio-fido"]);
    let (file, folder) = (file.to_str().unwrap(), scratch("draft-models"));
    let draft = folder.join("draft.toml");
    assert_eq!(run(&["models", "draft", file, "--output", draft.to_str().unwrap()]).status, 0);
    let checked = run(&["models", "check", draft.to_str().unwrap()]);
    assert_eq!(checked.status, 0, "{checked:?}");
    let compared =
        run(&["models", "compare", "yubikey-bio-fido", "--with", file, "--models-dir", folder.to_str().unwrap()]);
    assert!(compared.stdout.starts_with("The recorded key is as the model yubikey-bio-fido says."), "{compared:?}");
}

/// An emulated key behind a socket, as `key --path` reaches it.
struct Plugged {
    process: Child,
    folder: PathBuf,
}

impl Plugged {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("lab-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let door = format!("unix:{}", folder.join("key").display());
        let mut start = command(&["authenticator", "run", "--model", "yubikey-5-nfc", "--listen", &door]);
        let mut process = start.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { process, folder }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// A command on it, with a PIN on standard input.
    fn key(&self, words: &[&str], more: &[&str]) -> Ran {
        let (path, ledger) = (format!("unix:{}", self.file("key")), self.file("ledger.json"));
        let which = ["--path", &path, "--ledger", &ledger, "--yes"];
        let all: Vec<&str> = ["key"].iter().chain(words).chain(&which).chain(more).copied().collect();
        run_with(&all, "864209\n")
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_key_behind_a_door_is_recorded_and_replays_to_the_same_result() {
    let key = Plugged::new("recorded");
    assert_eq!(key.key(&["pin", "set"], &["--new-pin-fd", "0"]).status, 0);
    let tenant = ["--tenant", "example:fresh-default"];
    let runs: [(&str, Vec<&str>); 4] = [
        ("info", vec!["info"]),
        ("register", [&["register"][..], &tenant].concat()),
        ("sign-in", [&["sign-in"][..], &tenant].concat()),
        ("credentials", vec!["credentials"]),
    ];
    for (name, words) in runs {
        let file = PathBuf::from(key.file(&format!("{name}.jsonl")));
        let more = ["--pin-fd", "0", "--format", "json", "--record", file.to_str().unwrap()];
        let recorded = key.key(&words, &more);
        assert!(recorded.stdout.len() > 100, "{name}: {recorded:?}");
        let ledger = fs::read(key.file("ledger.json")).ok();
        let replayed = replay(&file, &["--format", "json"]);
        assert_eq!((replayed.status, &replayed.stdout), (recorded.status, &recorded.stdout), "{name}: {replayed:?}");
        assert_eq!(fs::read(key.file("ledger.json")).ok(), ledger, "{name}: a replay writes no ledger");
        assert!(!fs::read_to_string(&file).unwrap().contains("864209"));
    }
}
