//! Case files that cannot be read: file, case, JSON path, found, expected; exit status 2.

use std::fs;

use serde_json::{Value, json};

use super::program::{Ran, case, run, scratch};

/// The one message of a case that is unreadable, with `FILE` for the file.
fn unreadable(name: &str, text: &[u8]) -> String {
    let path = scratch(&format!("case-{name}")).join("case.json");
    fs::write(&path, text).unwrap();
    let ran = run(&["verify", path.to_str().unwrap(), "--format", "json"]);
    message(&ran).replace(path.to_str().unwrap(), "FILE").replace(path.parent().unwrap().to_str().unwrap(), "DIR")
}

fn message(ran: &Ran) -> String {
    let output: Value = serde_json::from_str(&ran.stdout).unwrap();
    let cases = output["result"].as_array().unwrap();
    assert_eq!((ran.status, cases.len()), (2, 1), "{ran:?}");
    assert_eq!(cases[0]["outcome"], "unreadable");
    cases[0]["message"].as_str().unwrap().to_owned()
}

fn good() -> Value {
    serde_json::from_str(&fs::read_to_string(case("registration-none")).unwrap()).unwrap()
}

/// The good case after a change.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value = good();
    change(&mut value);
    unreadable(name, value.to_string().as_bytes())
}

#[test]
fn files_that_are_no_list_of_cases() {
    assert_eq!(unreadable("syntax", b"{\n  nope"), "FILE:2:3: expected JSON, found this problem: key must be a string");
    assert_eq!(unreadable("number", b"7"), "FILE: expected a case (an object) or an array of cases, found a number");
    assert_eq!(unreadable("member", b"[7]"), "FILE: case #1: $: expected an object, found a number");
    assert_eq!(unreadable("none", b"[]"), "FILE: expected 1 to 100000 cases, found 0");
    assert_eq!(
        unreadable("utf8", b"{\"id\": \"\xff\"}"),
        "FILE: expected UTF-8, found something else at byte offset 8"
    );
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    assert_eq!(
        unreadable("deep", deep.as_bytes()),
        "FILE:1:128: expected JSON, found this problem: recursion limit exceeded"
    );
}

#[test]
fn members_that_are_missing() {
    for member in ["rp_id", "origin", "challenge", "response"] {
        let said = changed(&format!("no-{member}"), |case| _ = case.as_object_mut().unwrap().remove(member));
        assert_eq!(said, format!("FILE: case registration-none: $: expected the member “{member}”, found none"));
    }
    let said = changed("no-data", |case| {
        case["response"]["response"].as_object_mut().unwrap().remove("clientDataJSON");
    });
    assert_eq!(
        said,
        "FILE: case registration-none: $.response.response: expected the member “clientDataJSON”, found none"
    );
    let mut signed: Value = serde_json::from_str(&fs::read_to_string(case("authentication-es256")).unwrap()).unwrap();
    signed.as_object_mut().unwrap().remove("stored");
    assert_eq!(
        unreadable("no-key", signed.to_string().as_bytes()),
        "FILE: case authentication-es256: $: expected “stored” or “credential_public_key_cose” for an authentication, \
         found neither"
    );
}

#[test]
fn members_of_another_type() {
    assert_eq!(
        changed("algs", |case| case["allowed_algs"] = json!("ES256")),
        "FILE: case registration-none: $.allowed_algs: expected a sequence, found string \"ES256\""
    );
    assert_eq!(
        changed("algs-item", |case| case["allowed_algs"] = json!([-7, "x"])),
        "FILE: case registration-none: $.allowed_algs[1]: expected i64, found string \"x\""
    );
    assert_eq!(
        changed("result", |case| case["expected"]["result"] = json!("fine")),
        "FILE: case registration-none: $.expected.result: expected one of `valid`, `invalid`, \
         `implementation-defined`, found `fine`"
    );
    assert_eq!(
        changed("kind", |case| {
            case.as_object_mut().unwrap().remove("kind");
            case["response"] = json!({});
        }),
        "FILE: case registration-none: $.kind: expected registration or authentication, found neither, and the \
         response is none of them"
    );
}

#[test]
fn texts_that_are_no_base64url() {
    let said = changed("base64url", |case| case["response"]["response"]["clientDataJSON"] = json!("***"));
    assert!(
        said.starts_with(
            "FILE: case registration-none: $.response.response.clientDataJSON: expected base64url without padding"
        ),
        "{said}"
    );
    let said = changed("padding", |case| case["response"]["rawId"] = json!("AA=="));
    assert!(
        said.starts_with("FILE: case registration-none: $.response.rawId: expected base64url without padding"),
        "{said}"
    );
}

#[test]
fn anchors_of_a_case() {
    assert_eq!(
        changed("anchor-missing", |case| case["anchors"] = json!(["root.pem"])),
        "FILE: case registration-none: DIR/root.pem: there is no such file or folder"
    );
    for outside in ["../root.pem", "/etc/passwd", "a/../../b.pem"] {
        assert_eq!(
            changed("anchor-outside", |case| case["anchors"] = json!([outside])),
            format!(
                "FILE: case registration-none: $.anchors: expected a PEM text or a file in the case's own folder, \
                 found “{outside}”"
            )
        );
    }
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    let said = changed("anchor-garbage", |case| case["anchors"] = json!([garbage]));
    let start =
        "FILE: case registration-none: $.anchors[0]: expected a certificate as a trust anchor, found something else";
    assert!(said.starts_with(start), "{said}");
}

#[test]
fn folders_of_anchors() {
    let folder = scratch("anchors");
    let case = case("registration-none");
    let refused = |folder: &std::path::Path| {
        let ran = run(&["verify", case.to_str().unwrap(), "--anchors", folder.to_str().unwrap()]);
        ran.refusal().replace(folder.to_str().unwrap(), "DIR")
    };
    assert_eq!(refused(&folder.join("missing")), "DIR: there is no such file or folder");
    fs::write(folder.join("root.pem"), "garbage").unwrap();
    let said = refused(&folder);
    assert!(said.starts_with("DIR/root.pem: expected a certificate as a trust anchor, found something else"), "{said}");
    let index = folder.join("index.json");
    for outside in ["../root.pem", "/etc/passwd", ".."] {
        fs::write(&index, json!([{"file": outside, "sha256": "00"}]).to_string()).unwrap();
        let said = format!("DIR/index.json: expected the name of a file in this folder, found “{outside}”");
        assert_eq!(refused(&folder), said);
    }
    fs::write(&index, "{}").unwrap();
    let said = refused(&folder);
    assert!(said.starts_with("DIR/index.json: expected an array of objects with “file” and “sha256”"), "{said}");
}

#[test]
fn one_unreadable_case_does_not_hide_the_others() {
    let mut broken = good();
    broken["id"] = json!("broken");
    broken.as_object_mut().unwrap().remove("origin");
    let path = scratch("case-several").join("case.json");
    fs::write(&path, json!([good(), broken]).to_string()).unwrap();
    let ran = run(&["verify", path.to_str().unwrap(), "--format", "json"]);
    let output: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &output["result"][0]["outcome"]), (2, &json!("valid")));
    assert_eq!(output["result"][1]["id"], "broken");
    assert_eq!(output["result"][1]["outcome"], "unreadable");
}
