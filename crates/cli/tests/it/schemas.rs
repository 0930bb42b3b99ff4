//! Every JSON result is as its schema says, and the schemas say something.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::program::{Ran, case, ceremony, run, run_with};

pub fn validator(command: &str) -> Validator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/schemas");
    let text = fs::read_to_string(folder.join(format!("{command}.schema.json"))).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{command}: {error}"));
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

pub fn parsed(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

pub fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn ceremonies_of_every_kind() {
    let schema = validator("ceremony");
    let runs: &[(&str, &str, &[&str])] = &[
        ("fresh-default", "yubikey-5-nfc", &[]),
        ("fresh-default", "peer/passkey-rs", &[]),
        ("fresh-default", "icloud-keychain", &["--flow", "cross-device"]),
        ("legacy-block-list", "icloud-keychain", &["--platform", "windows"]),
        ("admins-attested", "authenticator-ios", &["--flow", "in-app"]),
        ("fresh-default", "yubikey-5-nfc", &["--lie", "wrong-rp-id-hash"]),
        ("fresh-default", "yubikey-5-nfc", &["--lie", "foreign-root"]),
        ("fresh-default", "icloud-keychain", &["--lie", "be-hidden"]),
        ("fresh-default", "yubikey-5-nfc", &["--groups", "Nursing staff"]),
        ("fresh-default", "yubikey-5-nfc", &["--tenant-at-sign-in", "example:fresh-default"]),
    ];
    for (tenant, model, more) in runs {
        let all: Vec<&str> = more.iter().copied().chain(["--format", "json"]).collect();
        assert_valid(&schema, &parsed(&ceremony(tenant, model, &all)));
    }
}

#[test]
fn a_step_that_the_client_refused_has_an_error_and_no_response() {
    let folder = super::program::scratch("client-error");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tenants/fresh-default/fido2.json");
    fs::copy(fixture, folder.join("fido2.json")).unwrap();
    fs::write(folder.join("lab.json"), r#"{"rpId": "contoso.example", "origins": ["http://contoso.example"]}"#)
        .unwrap();
    let arguments = ["ceremony", "--model", "yubikey-5-nfc", "--format", "json", "--tenant", folder.to_str().unwrap()];
    let ran = run(&arguments);
    let value = parsed(&ran);
    assert_valid(&validator("ceremony"), &value);
    let step = &value["result"]["registration"];
    assert_eq!((ran.status, &step["error"]["name"], &step["webauthn"]), (1, &json!("SecurityError"), &Value::Null));
}

#[test]
fn judged_cases() {
    let schema = validator("verify");
    let (registration, authentication) = (case("registration-none"), case("authentication-es256"));
    let (registration, authentication) = (registration.to_str().unwrap(), authentication.to_str().unwrap());
    let good = parsed(&run(&["verify", registration, authentication, "no-such-file.json", "--format", "json"]));
    assert_valid(&schema, &good);
    assert_eq!(good["result"].as_array().unwrap().len(), 3);
    let asked = run(&["verify", registration, authentication, "--second-opinion", "webauthn-rs", "--format", "json"]);
    assert_valid(&schema, &parsed(&asked));
    let bare = fs::read_to_string(registration).unwrap().replace("\"expected\"", "\"unexpected\"");
    assert_valid(&schema, &parsed(&run_with(&["verify", "-", "--format", "json"], &bare)));
    let open = fs::read_to_string(registration).unwrap().replace("\"valid\"", "\"implementation-defined\"");
    let open = parsed(&run_with(&["verify", "-", "--format", "json"], &open));
    assert_valid(&schema, &open);
    assert_eq!(open["result"][0]["agrees"], Value::Null);
}

#[test]
fn tenants() {
    for tenant in [
        "example:admins-attested",
        "example:fresh-default",
        "example:legacy-block-list",
        "example:contradictory",
        "example:large-over-limit",
    ] {
        assert_valid(&validator("tenant-check"), &parsed(&run(&["tenant", "check", tenant, "--format", "json"])));
        assert_valid(&validator("tenant-show"), &parsed(&run(&["tenant", "show", tenant, "--format", "json"])));
    }
}

#[test]
fn models() {
    let list = parsed(&run(&["models", "list", "--format", "json"]));
    assert_valid(&validator("models-list"), &list);
    let schema = validator("models-show");
    for id in list["result"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).take(40) {
        assert_valid(&schema, &parsed(&run(&["models", "show", id, "--format", "json"])));
    }
}

#[test]
fn explanations_of_everything_that_the_list_names() {
    let schema = validator("explain");
    let list = parsed(&run(&["explain", "--format", "json"]));
    assert_valid(&schema, &list);
    let mut kinds = std::collections::BTreeMap::new();
    for page in list["result"].as_array().unwrap() {
        kinds.entry(page["kind"].as_str().unwrap()).or_insert_with(Vec::new).push(page["id"].as_str().unwrap());
    }
    assert_eq!(kinds.len(), 10, "{:?}", kinds.keys());
    for id in kinds.values().flat_map(|ids| ids.iter().take(8)) {
        assert_valid(&schema, &parsed(&run(&["explain", id, "--format", "json"])));
    }
}

#[test]
fn the_schemas_refuse_what_is_not_the_contracts() {
    let schema = validator("ceremony");
    let good = parsed(&ceremony("fresh-default", "yubikey-5-nfc", &["--format", "json"]));
    let broken: [(&str, Value); 6] = [
        ("/schema", json!("passkey-lab/verify/1")),
        ("/result/registration/verdict", json!("maybe")),
        ("/result/registration/decided_by", json!(7)),
        ("/result/registration/webauthn/flags/up", json!(1)),
        ("/result/registration/webauthn/attestation/trust", json!("yes")),
        ("/result/flow", json!("hybrid")),
    ];
    for (place, value) in broken {
        let mut changed = good.clone();
        *changed.pointer_mut(place).unwrap() = value;
        assert!(!schema.is_valid(&changed), "{place}");
    }
    for place in ["/result/registration", "/result/registration/webauthn", "/result", "/result/registration/trace/0"] {
        let mut changed = good.clone();
        changed.pointer_mut(place).unwrap()["surprise"] = json!(1);
        assert!(!schema.is_valid(&changed), "{place}");
    }
}

#[test]
fn matrices_with_and_without_traces() {
    let schema = validator("matrix");
    let models = "yubikey-5-nfc,icloud-keychain,authenticator-ios,windows-hello,peer/passkey-rs";
    let common = ["matrix", "--tenant", "example:admins-attested", "--models", models, "--format", "json"];
    for more in [&[][..], &["--traces"], &["--flows", "all"], &["--users", "lena.vogt@nordhafen.example"]] {
        let arguments: Vec<&str> = common.iter().chain(more).copied().collect();
        let ran = run(&arguments);
        assert_eq!(ran.status, 0, "{ran:?}");
        assert_valid(&schema, &parsed(&ran));
    }
}

#[test]
fn differences_and_their_exit_status() {
    let schema = validator("diff");
    let folder = super::program::scratch("diff");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tenants/admins-attested/fido2.json");
    let changed = fs::read_to_string(policy)
        .unwrap()
        .replace("a25342c0-3cdc-4414-8e46-f4807fca511c", "00000000-0000-4000-8000-000000000001");
    fs::write(folder.join("fido2.json"), changed).unwrap();
    let after = folder.join("fido2.json");
    let common =
        ["diff", "--before", "example:admins-attested", "--models", "yubikey-5-nfc", "--format", "json", "--after"];
    for (after, status) in [(after.to_str().unwrap(), 1), ("example:admins-attested", 0), ("example:fresh-default", 4)]
    {
        let arguments: Vec<&str> = common.iter().copied().chain([after]).collect();
        let ran = run(&arguments);
        assert_eq!(ran.status, status, "{ran:?}");
        assert_valid(&schema, &parsed(&ran));
    }
}
