//! Malformed tenants: file, place, what was found, what was expected; exit status 2.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::program::{Ran, command, finish, run, run_with, scratch};

/// Checks a folder with these files and gives the refusal, with `DIR` for the folder.
fn refused(name: &str, files: &[(&str, &[u8])]) -> String {
    let folder = scratch(&format!("tenant-{name}"));
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    let of = |ran: Ran| ran.refusal().replace(folder.to_str().unwrap(), "DIR");
    let checked = of(run(&["tenant", "check", folder.to_str().unwrap()]));
    let output = folder.join("result");
    let ceremony = ["ceremony", "--model", "yubikey-5-nfc", "--tenant", folder.to_str().unwrap(), "--output"];
    let run = run(&ceremony.into_iter().chain([output.to_str().unwrap()]).collect::<Vec<_>>());
    assert_eq!(of(run), checked, "every command refuses it in the same words");
    assert!(!output.exists());
    checked
}

fn policy(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![("fido2.json", text.as_bytes().to_vec())]
}

fn refused_policy(name: &str, text: &str) -> String {
    let files = policy(text);
    refused(name, &files.iter().map(|(file, text)| (*file, text.as_slice())).collect::<Vec<_>>())
}

/// A folder with the policy of an example after a change, and nothing else.
pub fn fresh_default(name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tenants/fresh-default/fido2.json");
    let mut policy: Value = serde_json::from_str(&fs::read_to_string(fixture).unwrap()).unwrap();
    change(&mut policy);
    let folder = scratch(name);
    fs::write(folder.join("fido2.json"), policy.to_string()).unwrap();
    folder
}

const GOOD: (&str, &[u8]) = ("fido2.json", b"{\"state\": \"enabled\"}");

#[test]
fn text_that_is_no_json() {
    assert_eq!(
        refused_policy("syntax", "{\n  \"state\": \"enabled\",\n}"),
        "DIR/fido2.json:3:1: expected JSON, found this problem: trailing comma"
    );
    assert_eq!(
        refused_policy("twice", "{\"state\": \"enabled\",\n \"state\": \"disabled\"}"),
        "DIR/fido2.json:2:8: expected JSON, found this problem: the key “state” stands twice in one object"
    );
    assert_eq!(
        refused("utf8", &[("fido2.json", b"{\"state\": \"\xff\"}")]),
        "DIR/fido2.json: expected UTF-8, found something else at byte offset 11"
    );
}

#[test]
fn values_of_another_type() {
    assert_eq!(
        refused_policy("type", "{\"includeTargets\": [{\"id\": 7}]}"),
        "DIR/fido2.json:1:28: $.includeTargets[0].id: expected a text, found the number 7"
    );
    assert_eq!(
        refused_policy("whole", "7"),
        "DIR/fido2.json:1:1: $: expected a fido2AuthenticationMethodConfiguration object, found the number 7"
    );
    let users = refused("user", &[GOOD, ("users.json", b"[{\"id\": true}]")]);
    assert!(users.starts_with("DIR/users.json:1:9: $[0].id: expected a text, found true"), "{users}");
}

#[test]
fn keys_of_lab_json_that_the_lab_does_not_know() {
    assert_eq!(
        refused("lab", &[GOOD, ("lab.json", b"{\"rpid\": \"x\"}")]),
        "DIR/lab.json:1:10: $.rpid: expected a key that the lab knows, such as “rpId”, found the unknown key “rpid”"
    );
    let switch = refused("switch", &[GOOD, ("lab.json", b"{\"switches\": {\"emptyAllowLst\": \"x\"}}")]);
    assert!(switch.ends_with("such as “emptyAllowList”, found the unknown key “emptyAllowLst”"), "{switch}");
}

#[test]
fn a_resource_that_two_files_define() {
    let whole = br##"{"authenticationMethodConfigurations": [{
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", "id": "Fido2", "state": "enabled"}]}"##;
    assert_eq!(
        refused("two", &[GOOD, ("authenticationMethodsPolicy.json", whole)]),
        "the resource “fido2” is defined twice, in DIR/authenticationMethodsPolicy.json \
         $.authenticationMethodConfigurations[0] and in DIR/fido2.json: keep one of them"
    );
}

#[test]
fn what_is_too_large_or_too_deep() {
    let large = format!("{{\"state\": \"{}\"}}", "x".repeat(9_000_000));
    assert_eq!(refused_policy("large", &large), "DIR/fido2.json: expected at most 8388608 bytes, found 9000013");
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    assert_eq!(
        refused_policy("deep", &deep),
        "DIR/fido2.json:1:33: expected JSON, found this problem: nested deeper than 32 levels"
    );
}

#[test]
fn folders_without_a_policy() {
    let empty = refused("empty", &[]);
    assert!(empty.starts_with("expected fido2.json, authenticationMethodsPolicy.json"), "{empty}");
    assert!(empty.ends_with("found no file"), "{empty}");
    let other = refused("other", &[("users.json", b"[]")]);
    assert!(other.ends_with("found DIR/users.json") || other.contains("users.json"), "{other}");
    let folder = scratch("tenant-missing").join("nothing");
    let ran = run(&["tenant", "check", folder.to_str().unwrap()]);
    assert_eq!(ran.refusal(), format!("{}: there is no such file or folder", folder.display()));
}

#[test]
fn standard_input_is_named_in_parentheses() {
    let ran = run_with(&["tenant", "check", "-"], "{\n");
    assert_eq!(ran.refusal(), "(standard input):2:1: expected JSON, found this problem: EOF while parsing an object");
    let good = run_with(&["tenant", "check", "-"], r#"{"fido2": {"state": "enabled"}}"#);
    assert_eq!(good.status, 0, "{good:?}");
}

#[test]
fn settings_that_a_ceremony_cannot_use() {
    let folder = scratch("tenant-origins");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tenants/fresh-default/fido2.json");
    fs::copy(fixture, folder.join("fido2.json")).unwrap();
    let ceremony = ["ceremony", "--model", "yubikey-5-nfc", "--tenant", folder.to_str().unwrap()];
    fs::write(folder.join("lab.json"), r#"{"origins": ["nonsense"]}"#).unwrap();
    assert!(run(&ceremony).refusal().starts_with("lab.json: origins: “nonsense” is no origin"));
    fs::remove_file(folder.join("lab.json")).unwrap();
    fs::write(folder.join("users.json"), r#"[{"id": "ada", "userPrincipalName": "ada@contoso.example"}]"#).unwrap();
    let said = run(&ceremony);
    assert!(said.refusal().starts_with("the user's object id “ada” is no GUID: expected"), "{said:?}");
}

#[test]
fn a_user_is_found_by_name_in_the_tenant_at_sign_in() {
    let user =
        |name: &str, id: u8| json!({"id": format!("{id:08}-0000-4000-8000-000000000000"), "userPrincipalName": name});
    let (ada, bob) = (user("ada@contoso.example", 1), user("bob@contoso.example", 2));
    let admins = |id: &str| json!([{"id": "90000000-0000-4000-8000-000000000000", "displayName": "Admins", "members": [{"id": id}]}]);
    let tenant = |name: &str, users: &[&Value], members: Option<&Value>| {
        let folder = fresh_default(name, |policy| {
            policy["excludeTargets"] = json!([{"targetType": "group", "id": "90000000-0000-4000-8000-000000000000"}]);
        });
        fs::write(folder.join("users.json"), json!(users).to_string()).unwrap();
        let member = members.and_then(|user| user["id"].as_str()).unwrap_or("none");
        fs::write(folder.join("groups.json"), admins(member).to_string()).unwrap();
        folder
    };
    let today = tenant("sign-in-today", &[&ada, &bob], None);
    let run = |tomorrow: &Path| {
        let start = ["ceremony", "--model", "yubikey-5-nfc", "--user", "ada@contoso.example", "--tenant"];
        let tenants = [today.to_str().unwrap(), "--tenant-at-sign-in", tomorrow.to_str().unwrap()];
        run(&start.into_iter().chain(tenants).collect::<Vec<_>>())
    };
    assert_eq!(run(&tenant("sign-in-bob", &[&bob, &ada], Some(&bob))).status, 0, "it is Bob who is excluded");
    let excluded = run(&tenant("sign-in-ada", &[&bob, &ada], Some(&ada)));
    assert!(excluded.stdout.starts_with("REFUSED at sign-in by entra/not-excluded\n"), "{excluded:?}");
    let gone = run(&tenant("sign-in-gone", &[&bob], None));
    assert!(gone.refusal().contains("found “ada@contoso.example”"), "{gone:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = scratch("tenant-permission");
    let path = folder.join("fido2.json");
    fs::write(&path, GOOD.1).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        eprintln!("SKIPPED: this user may read everything");
        return;
    }
    let ran = finish(&mut command(&["tenant", "check", folder.to_str().unwrap()]));
    assert_eq!(ran.refusal(), format!("{}: you have no permission", path.display()));
}
