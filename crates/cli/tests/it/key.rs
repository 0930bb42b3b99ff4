//! `key` at an emulated key behind a unix socket: what it says, what it writes, and what it refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::program::{Ran, command, finish};
use super::schemas::{assert_valid, parsed, validator};

const TENANT: [&str; 4] = ["--tenant", "example:fresh-default", "--user", "anna.seidel@lindenhof.example"];

/// A key, and the folder that it listens in.
struct Guest {
    process: Child,
    folder: PathBuf,
}

impl Guest {
    fn new(name: &str, more: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("lab-key-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let socket = folder.join("k");
        let listen = format!("unix:{}", socket.display());
        let arguments = ["authenticator", "run", "--model", "yubikey-5-nfc", "--listen", &listen, "--quiet"];
        let process = command(&[&arguments[..], more].concat()).stdout(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while !socket.exists() && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let guest = Self { process, folder };
        fs::write(guest.file("pin"), "a1b2c3d4\n").unwrap();
        assert_eq!(guest.run(&["pin", "set", "--new-pin-fd", "4"]).status, 0);
        guest
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// `key ...` from a shell that opens the PIN as 3 and 4.
    fn run(&self, arguments: &[&str]) -> Ran {
        let program = command(&[]).get_program().to_owned();
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg("exec \"$0\" \"$@\" 3<\"$PIN\" 4<\"$PIN\"").arg(program).arg("key").args(arguments);
        let path = format!("unix:{}", self.file("k").display());
        shell.args(["--path", &path, "--ledger", self.file("ledger.json").to_str().unwrap()]);
        finish(shell.env("PIN", self.file("pin")).env_remove("COLUMNS").stdin(Stdio::null()))
    }

    /// The result, held against its schema.
    fn result(&self, schema: &str, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--format", "json"]].concat());
        let value = parsed(&ran);
        assert_valid(&validator(schema), &value);
        assert!(!(ran.stdout.contains("a1b2c3d4") || ran.stderr.contains("a1b2c3d4")), "it shows the PIN");
        value["result"].clone()
    }

    /// The text for people, without what differs from run to run.
    fn text(&self, arguments: &[&str]) -> String {
        let Ran { status, stdout, stderr } = self.run(arguments);
        let folder = self.folder.display().to_string();
        format!("status {status}\n{stdout}---\n{stderr}").replace(&folder, "FOLDER")
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_rehearsal_from_the_first_look_to_the_clean_key() {
    let guest = Guest::new("whole", &[]);
    let with_pin = |arguments: &[&'static str]| [arguments, &["--pin-fd", "3"]].concat();
    assert_eq!(guest.result("key-info", &["info"])["model"]["id"], "yubikey-5-nfc");
    assert_eq!(guest.result("key-pin", &["pin"])["pin"]["retries"], 8);
    let registered = guest.result("key-register", &[&with_pin(&["register", "--yes"])[..], &TENANT].concat());
    assert_eq!(registered["registration"]["verdict"], "allowed");
    let signed_in = guest.result("key-sign-in", &[&with_pin(&["sign-in"])[..], &TENANT].concat());
    assert_eq!(signed_in["sign_in"]["verdict"], "allowed");
    let held = guest.result("key-credentials", &with_pin(&["credentials"]));
    assert_eq!((held["credentials"][0]["lab"].clone(), held["slots"]["remaining"].clone()), (true.into(), 99.into()));
    let cleaned = guest.result("key-clean", &with_pin(&["credentials", "clean", "--yes"]));
    assert_eq!(cleaned["deleted"].as_array().unwrap().len(), 1);
    assert_eq!(guest.result("key-credentials", &with_pin(&["credentials"]))["credentials"], Value::Array(Vec::new()));
}

#[test]
fn what_people_read() {
    let guest = Guest::new("text", &[]);
    insta::assert_snapshot!("key-info", guest.text(&["info"]));
    insta::assert_snapshot!("key-nobody-agreed", guest.text(&["register", "--pin-fd", "3"]));
    insta::assert_snapshot!("key-nothing-registered", guest.text(&["sign-in", "--pin-fd", "3"]));
    insta::assert_snapshot!("key-clean-nothing", guest.text(&["credentials", "clean", "--pin-fd", "3"]));
    insta::assert_snapshot!("key-seed", guest.text(&["info", "--seed", "7"]));
    insta::assert_snapshot!("key-reset-untyped", guest.text(&["reset"]));
}

#[test]
fn a_wrong_pin_of_a_descriptor_is_not_tried_twice() {
    let guest = Guest::new("wrong", &[]);
    fs::write(guest.file("pin"), "wrong-pin\n").unwrap();
    let ran = guest.run(&["register", "--yes", "--pin-fd", "3"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("the PIN was wrong: 7 attempts left"), "{ran:?}");
    assert_eq!(guest.result("key-pin", &["pin"])["pin"]["retries"], 7);
    assert!(fs::read_to_string(guest.file("ledger.json")).unwrap().contains("\"entries\": []"));
}

#[test]
fn entras_own_name_needs_a_word_and_a_list() {
    let guest = Guest::new("entra", &["--allow-rp-id", "login.microsoft.com"]);
    let entra = ["--rp-id", "login.microsoft.com", "--pin-fd", "3"];
    let refused = guest.run(&[&["register"][..], &entra].concat());
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("is the name of a real relying party"), "{refused:?}");
    assert_eq!(guest.run(&[&["register", "--yes"][..], &entra].concat()).status, 0);
    // The lab's own rehearsal there is a passkey of the same user: it is not replaced either.
    let held = guest.run(&[&["register", "--yes"][..], &entra].concat());
    assert_eq!(held.status, 2, "{held:?}");
    assert!(held.stderr.contains("could replace it"), "{held:?}");
    assert_eq!(guest.run(&[&["sign-in"][..], &entra].concat()).status, 0);
}

#[test]
fn keys_that_are_not_there_and_ledgers_that_are_none() {
    let at = |path: &str| finish(&mut command(&["key", "info", "--path", path]));
    assert_eq!(at("/dev/null").status, 2);
    assert_eq!(at("/dev/no-such-node").status, 3);
    assert_eq!(at("unix:/no/such/socket").status, 3);
    let folder = std::env::temp_dir().join(format!("lab-key-ledger-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let ledger = folder.join("ledger.json");
    fs::write(&ledger, "{\"schema\": \"passkey-lab/ledger/1\", \"entries\": [{}]}").unwrap();
    let ran = finish(&mut command(&["key", "credentials", "--ledger", ledger.to_str().unwrap()]));
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("entries[0]"), "{ran:?}");
    assert!(Path::new(&ledger).exists());
    fs::remove_dir_all(folder).unwrap();
}
