//! What users read, word for word.

use super::program::{Ran, case, ceremony, run};

fn shown(ran: &Ran) -> String {
    format!("{}--- {} ---\n{}", ran.stdout, ran.status, ran.stderr)
}

/// A ceremony as a table and as Markdown.
fn both(name: &str, (tenant, model): (&str, &str), more: &[&str]) {
    for format in ["table", "markdown"] {
        let all: Vec<&str> = more.iter().copied().chain(["--format", format]).collect();
        insta::assert_snapshot!(format!("{name}-{format}"), shown(&ceremony(tenant, model, &all)));
    }
}

fn lines(name: &str, arguments: &[&str]) {
    for format in ["table", "markdown"] {
        let all: Vec<&str> = arguments.iter().copied().chain(["--format", format]).collect();
        insta::assert_snapshot!(format!("{name}-{format}"), shown(&run(&all)));
    }
}

#[test]
fn ceremony_allowed() {
    both("ceremony-allowed", ("fresh-default", "yubikey-5-nfc"), &[]);
    insta::assert_snapshot!(
        "ceremony-allowed-json",
        shown(&ceremony("fresh-default", "yubikey-5-nfc", &["--format", "json"]))
    );
}

#[test]
fn ceremony_refused_by_the_policy() {
    both("ceremony-refused-by-policy", ("legacy-block-list", "icloud-keychain"), &["--platform", "windows"]);
}

#[test]
fn ceremony_refused_because_of_a_lie() {
    both("ceremony-refused-because-of-a-lie", ("fresh-default", "yubikey-5-nfc"), &["--lie", "wrong-rp-id-hash"]);
}

#[test]
fn ceremony_refused_at_sign_in() {
    let tenant = super::tenants::fresh_default("snapshot-sign-in", |policy| {
        policy["passkeyProfiles"][0]["passkeyTypes"] = serde_json::json!("deviceBound");
    });
    let tomorrow = ["--tenant-at-sign-in", tenant.to_str().unwrap()];
    both("ceremony-refused-at-sign-in", ("fresh-default", "icloud-keychain"), &tomorrow);
}

#[test]
fn ceremony_refused_by_the_client() {
    let folder = super::program::scratch("snapshot-client-error");
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/tenants/fresh-default/fido2.json");
    std::fs::copy(fixture, folder.join("fido2.json")).unwrap();
    let lab = r#"{"rpId": "contoso.example", "origins": ["http://contoso.example"]}"#;
    std::fs::write(folder.join("lab.json"), lab).unwrap();
    let start = ["ceremony", "--model", "yubikey-5-nfc", "--tenant", folder.to_str().unwrap()];
    lines("ceremony-refused-by-the-client", &start.into_iter().chain(super::program::FIXED).collect::<Vec<_>>());
}

#[test]
fn a_narrow_terminal() {
    let mut narrow = super::program::command(&["ceremony", "--tenant", "example:legacy-block-list"]);
    narrow.args(["--model", "icloud-keychain"]).args(super::program::FIXED).env("COLUMNS", "60");
    insta::assert_snapshot!("ceremony-narrow", shown(&super::program::finish(&mut narrow)));
}

#[test]
fn verified_cases() {
    let (registration, authentication) = (case("registration-none"), case("authentication-es256"));
    lines("verify-registration", &["verify", registration.to_str().unwrap()]);
    lines("verify-two", &["verify", registration.to_str().unwrap(), authentication.to_str().unwrap()]);
}

#[test]
fn an_unknown_model() {
    insta::assert_snapshot!("unknown-model", shown(&ceremony("fresh-default", "yubikey-5-nfd", &[])));
}

#[test]
fn tenants() {
    for tenant in ["admins-attested", "fresh-default", "legacy-block-list"] {
        let example = format!("example:{tenant}");
        lines(&format!("tenant-check-{tenant}"), &["tenant", "check", &example]);
        lines(&format!("tenant-show-{tenant}"), &["tenant", "show", &example]);
    }
}

#[test]
fn a_model() {
    lines("models-show-yubikey-5-nfc", &["models", "show", "yubikey-5-nfc"]);
}

#[test]
fn explanations() {
    for (name, id) in [
        ("check", "registration/rp-id-hash"),
        ("rule", "entra/key-restrictions"),
        ("switch", "switch/emptyAllowList"),
        ("lie", "foreign-root"),
        ("finding", "tenant/guests-in-scope"),
        ("platform", "platform/windows"),
        ("model", "yubikey-5-nfc"),
    ] {
        lines(&format!("explain-{name}"), &["explain", id]);
    }
}
