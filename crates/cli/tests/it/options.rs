//! Options that make no sense: each is named, with what was found and what was expected.

use super::program::{ceremony, run, run_with};

fn refused(more: &[&str]) -> String {
    ceremony("fresh-default", "yubikey-5-nfc", more).refusal().to_owned()
}

/// Starts a ceremony without `--seed` and `--at`, which may be given once.
fn refused_alone(more: &[&str]) -> String {
    let start = ["ceremony", "--tenant", "example:fresh-default", "--model", "yubikey-5-nfc"];
    run(&start.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()).refusal().to_owned()
}

#[test]
fn values_that_are_none_of_the_option() {
    for (option, value, said) in [
        ("--flow", "hybrid", "--flow: “hybrid” is no flow: expected in-app, same-device or cross-device"),
        (
            "--expect",
            "no",
            "--expect: expected allowed, refused, or refused:ID such as refused:entra/key-restrictions, found “no”",
        ),
        ("--over", "nfc", "--over: expected direct or hid, found “nfc”"),
        ("--format", "yaml", "--format: expected table, json, jsonl or markdown, found “yaml”"),
        ("--color", "red", "--color: expected auto, always or never, found “red”"),
        (
            "--in-app-attestation",
            "maybe",
            "--in-app-attestation: expected passed, failed or unavailable, found “maybe”",
        ),
        (
            "--sign-in-at",
            "noon",
            "--sign-in-at: expected a time with its zone, such as 2026-11-20T12:00:00Z, found “noon”",
        ),
        (
            "--register-at",
            "2026-11-20",
            "--register-at: expected a time with its zone, such as 2026-11-20T12:00:00Z, found “2026-11-20”",
        ),
    ] {
        assert_eq!(refused(&[option, value]), said);
    }
    assert_eq!(
        refused_alone(&["--seed", "-1"]),
        "--seed: expected a whole number from 0 to 18446744073709551615, found “-1”"
    );
    assert_eq!(
        refused_alone(&["--at", "yesterday"]),
        "--at: expected a time with its zone, such as 2026-11-20T12:00:00Z, found “yesterday”"
    );
}

#[test]
fn names_that_nothing_has() {
    let user = "expected a user of the tenant (object id or user principal name), found “nobody@lindenhof.example”";
    assert!(refused(&["--user", "nobody@lindenhof.example"]).starts_with(user));
    assert!(
        refused(&["--groups", "No such group"])
            .starts_with("expected a group of the tenant (id or displayName), found")
    );
    assert!(refused(&["--lie", "foreignroot"]).starts_with("there is no lie “foreignroot”"));
    assert!(refused(&["--lie", "foreignroot"]).contains("foreign-root"));
    assert!(refused(&["--lie", "aaguid-of:no-model"]).contains("no-model"));
    assert!(refused(&["--lie", "aaguid-of"]).contains("aaguid-of"));
    assert!(refused(&["--platform", "edge"]).starts_with("there is no platform “edge”: expected one of "));
    assert!(refused(&["--expect", "refused:key-restrictions"]).ends_with("perhaps entra/key-restrictions"));
    let tenant = run(&["tenant", "check", "example:contoso"]);
    assert!(tenant.refusal().starts_with("there is no example tenant “contoso”: expected admins-attested, "));
    let model = ceremony("fresh-default", "yubikey-6", &[]);
    assert!(model.refusal().starts_with("there is no model “yubikey-6”"), "{model:?}");
    assert!(model.stderr.contains("passkey-lab: hint: `passkey-lab models list` shows all models"));
    assert_eq!(
        run(&["explain", "key-restrictions"]).refusal(),
        "nothing is called “key-restrictions”; perhaps entra/key-restrictions"
    );
}

#[test]
fn options_that_do_not_go_together() {
    assert_eq!(refused(&["--user", "a", "--groups", "b"]), "--user and --groups do not go together");
    assert_eq!(refused(&["-q", "-v"]), "--quiet and --verbose do not go together");
    assert_eq!(refused(&["--seed", "8"]), "--seed is given more than once");
    assert!(refused(&["--in-app-attestation", "passed"]).contains("expected --flow in-app beside it"));
    let twice = ["ceremony", "--tenant", "-", "--tenant-at-sign-in", "-", "--model", "yubikey-5-nfc"];
    assert_eq!(run_with(&twice, "{}").refusal(), "--tenant and --tenant-at-sign-in cannot both read standard input");
    assert_eq!(
        run_with(&["verify", "-", "-"], "[]").refusal(),
        "standard input can be read once, and - is given twice"
    );
    let flow = refused(&["--flow", "in-app"]);
    assert!(flow.starts_with("YubiKey 5 NFC, firmware 5.7 cannot register in-app"), "{flow}");
    let peer = ceremony("fresh-default", "peer/passkey-rs", &["--lie", "be-hidden"]);
    assert!(peer.refusal().starts_with("peer/passkey-rs tells no lies"), "{peer:?}");
}

#[test]
fn commands_and_options_that_do_not_exist() {
    assert_eq!(run(&["rehearse"]).refusal(), "there is no command “rehearse”");
    assert_eq!(run(&["tenant", "chek", "x"]).refusal(), "there is no command “chek”");
    let option = run(&["explain", "--frmat", "json"]);
    assert_eq!(option.refusal(), "there is no option “--frmat” here");
    assert!(option.stderr.contains("passkey-lab: hint: perhaps --format was meant"), "{}", option.stderr);
    assert_eq!(run(&["explain", "a", "b"]).refusal(), "expected nothing more, found “b”");
    assert_eq!(run(&["ceremony"]).refusal(), "--tenant <T> and --model <M> are missing");
    assert_eq!(run(&["ceremony", "--tenant"]).refusal(), "--tenant <T> is missing its value");
    assert_eq!(run(&["man", "nothing"]).refusal(), "there is no command “nothing”");
}

#[test]
fn a_form_that_no_result_has_names_those_that_it_has() {
    for format in ["csv", "html", "junit", "sarif"] {
        let said = format!("this result is not written as {format}: expected table, json, jsonl or markdown");
        assert_eq!(refused(&["--format", format]), said);
    }
}

#[test]
fn what_is_said_is_lower_case_and_has_no_full_stop() {
    let runs = [
        run(&["rehearse"]),
        run(&["models", "show", "yubikey"]),
        run(&["explain", "nothing"]),
        run(&["tenant", "check", "example:x"]),
        run(&["tenant", "check", "/no/such/folder"]),
        ceremony("fresh-default", "yubikey-5-nfc", &["--platform", "edge"]),
        ceremony("fresh-default", "yubikey-5-nfc", &["--user", "x"]),
        ceremony("fresh-default", "peer/passkey-rs", &["--lie", "be-hidden"]),
    ];
    for line in runs.iter().flat_map(|ran| ran.stderr.lines()) {
        let said = line.strip_prefix("passkey-lab: error: ").or_else(|| line.strip_prefix("passkey-lab: hint: "));
        let said = said.unwrap_or_else(|| panic!("{line}"));
        assert!(!said.starts_with(|c: char| c.is_uppercase()) && !said.ends_with('.'), "{line}");
    }
}

#[test]
fn times_at_the_ends_of_time() {
    for (at, year) in [("0001-01-01T00:00:00Z", 1), ("1999-12-31T23:59:59Z", 1999), ("9999-12-30T22:00:00Z", 9999)] {
        let said = format!("the time of the run: expected a year from 2000 to 9900, found {year}");
        assert_eq!(refused_alone(&["--at", at]), said);
    }
    for (register, sign_in) in
        [("0001-01-01T00:00:00Z", "9999-12-30T22:00:00Z"), ("9999-12-30T22:00:00Z", "0001-01-01T00:00:00Z")]
    {
        let ran = ceremony("fresh-default", "yubikey-5-nfc", &["--register-at", register, "--sign-in-at", sign_in]);
        assert!([0, 1].contains(&ran.status), "{ran:?}");
    }
}
