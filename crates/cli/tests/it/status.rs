//! Exit statuses, streams, and the form of what is said.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use super::program::{FIXED, case, ceremony, command, finish, run, run_with};

const YUBIKEY: &str = "yubikey-5-nfc";

#[test]
fn an_allowed_ceremony_is_good_and_a_refused_one_bad() {
    assert_eq!(ceremony("fresh-default", YUBIKEY, &[]).status, 0);
    assert_eq!(ceremony("legacy-block-list", "icloud-keychain", &[]).status, 1);
}

#[test]
fn what_is_expected_is_good() {
    let refused = |expect| ceremony("legacy-block-list", "icloud-keychain", &["--expect", expect]).status;
    assert_eq!(refused("refused"), 0);
    assert_eq!(refused("refused:entra/passkey-type"), 0);
    assert_eq!(refused("refused:entra/key-restrictions"), 1);
    assert_eq!(refused("allowed"), 1);
    assert_eq!(ceremony("fresh-default", YUBIKEY, &["--expect", "refused"]).status, 1);
}

#[test]
fn a_refusal_of_the_client_is_a_verdict_with_an_error() {
    let refused = ceremony("fresh-default", YUBIKEY, &["--lie", "wrong-origin", "--format", "json"]);
    assert_eq!((refused.status, refused.stderr.as_str()), (1, ""));
}

#[test]
fn verify_says_by_its_status_what_became_of_the_worst_case() {
    let (good, other) = (case("registration-none"), case("authentication-es256"));
    let (good, other) = (good.to_str().unwrap(), other.to_str().unwrap());
    assert_eq!(run(&["verify", good, other]).status, 0);
    assert_eq!(run(&["verify", good, "no-such-file.json"]).status, 2);
    let text = std::fs::read_to_string(good).unwrap();
    assert_eq!(run_with(&["verify", "-"], &text).status, 0);
    let elsewhere = text.replace("\"origin\": \"https://example.org\"", "\"origin\": \"https://other.example\"");
    assert_eq!(run_with(&["verify", "-"], &elsewhere).status, 1, "the case expects it to be valid");
    let refused =
        elsewhere.replace("\"result\": \"valid\"", "\"result\": \"invalid\", \"check\": \"registration/origin\"");
    assert_eq!(run_with(&["verify", "-"], &refused).status, 0, "the case expects just that");
    let by_another = refused.replace("registration/origin", "registration/challenge");
    assert_eq!(run_with(&["verify", "-"], &by_another).status, 1, "another check decides than the case expects");
}

#[test]
fn an_algorithm_that_nobody_knows_could_not_be_decided() {
    let es256k = std::fs::read_to_string(case("authentication-es256k")).unwrap();
    assert_eq!(run_with(&["verify", "-"], &es256k).status, 0);
    let unknown = es256k.replace("pQECAzguIAgh", "pQECAzhAIAgh");
    let ran = run_with(&["verify", "-"], &unknown);
    assert_eq!(ran.status, 4, "{ran:?}");
    assert!(ran.stdout.starts_with("UNSUPPORTED by authentication/signature\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("-65"), "{}", ran.stdout);
}

#[test]
fn malformed_bytes_inside_a_response_are_a_verdict() {
    let text = std::fs::read_to_string(case("registration-none")).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (member, check) in [("clientDataJSON", "registration/json"), ("attestationObject", "registration/att-obj")] {
        let mut broken = value.clone();
        broken["response"]["response"][member] = "AAAA".into();
        let ran = run_with(&["verify", "-"], &broken.to_string());
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stdout.starts_with(&format!("INVALID by {check}\n")), "{}", ran.stdout);
    }
    value["response"]["response"]["clientDataJSON"] = "*".into();
    assert_eq!(run_with(&["verify", "-"], &value.to_string()).status, 2, "a text that is no base64url is no bytes");
}

#[test]
fn no_command_shows_help_and_is_bad_usage() {
    for arguments in [&[][..], &["tenant"], &["models"]] {
        let ran = run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("Usage: passkey-lab"), "{}", ran.stderr);
    }
}

#[test]
fn every_command_helps_with_examples() {
    let commands = [
        "",
        "ceremony",
        "matrix",
        "diff",
        "verify",
        "tenant",
        "tenant check",
        "tenant show",
        "tenant init",
        "tenant import",
        "tenant pseudonymise",
        "models",
        "models list",
        "models show",
        "models find",
        "models check",
        "models import",
        "explain",
        "completions",
        "man",
    ];
    for path in commands {
        let arguments: Vec<&str> = path.split_whitespace().chain(["--help"]).collect();
        let ran = run(&arguments);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{path}");
        assert!(
            ran.stdout.contains(&format!("Examples:\n  passkey-lab {}", path.split(' ').next().unwrap())),
            "{path}"
        );
        assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{path}: {}", ran.stdout);
    }
}

#[test]
fn completions_and_manual_pages_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.status, 0);
        assert!(ran.stdout.contains("passkey-lab") && ran.stdout.contains("tenant-at-sign-in"), "{shell}");
    }
    assert!(run(&["man"]).stdout.contains(".TH passkey-lab 1"));
    assert!(run(&["man", "tenant", "check"]).stdout.contains(".TH passkey-lab-tenant-check 1"));
}

#[test]
fn the_result_is_on_standard_output_and_the_conversation_is_not() {
    let table = ceremony("fresh-default", YUBIKEY, &[]);
    assert_eq!(table.stderr, "passkey-lab: note: no --user given: this is anna.seidel@lindenhof.example\n");
    assert!(!table.stdout.contains("no --user given"));
    assert_eq!(ceremony("fresh-default", YUBIKEY, &["-q"]).stderr, "");
    for format in ["json", "markdown"] {
        let carried = ceremony("fresh-default", YUBIKEY, &["--format", format]);
        assert!(carried.stdout.contains("no --user given") && carried.stderr.is_empty(), "{carried:?}");
    }
}

#[test]
fn verbose_shows_every_check() {
    let brief = ceremony("fresh-default", YUBIKEY, &[]).stdout;
    let all = ceremony("fresh-default", YUBIKEY, &["-v"]).stdout;
    assert!(!brief.contains("registration/challenge") && all.contains("registration/challenge"));
    assert!(brief.contains("-v shows every check") && !all.contains("-v shows every check"));
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let colored = |more: &[&str]| ceremony("fresh-default", YUBIKEY, more).stdout.contains('\u{1b}');
    assert!(!colored(&[]), "no terminal, no colours");
    assert!(colored(&["--color", "always"]));
    let mut asked = command(&["explain", "entra/attestation", "--color", "always"]);
    assert!(finish(asked.env("NO_COLOR", "1")).stdout.contains('\u{1b}'), "an option comes before the environment");
}

#[test]
fn no_line_is_wider_than_the_terminal_and_no_aaguid_is_broken() {
    let lists: [&[&str]; 4] = [
        &["models", "list"],
        &["models", "show", YUBIKEY],
        &["tenant", "show", "example:admins-attested"],
        &["ceremony", "--tenant", "example:admins-attested", "--model", YUBIKEY, "-v"],
    ];
    for (arguments, columns) in lists.into_iter().flat_map(|list| [60, 100, 140].map(|columns| (list, columns))) {
        let text = finish(command(arguments).env("COLUMNS", columns.to_string())).stdout;
        assert!(text.contains("a25342c0-3cdc-4414-8e46-f4807fca511c"), "{columns}: {text}");
        // A single word, such as an address, may stick out.
        let wide = text.lines().find(|line| line.chars().count() > columns && line.split_whitespace().count() > 2);
        assert_eq!(wide, None, "{columns} columns: {arguments:?}");
    }
}

#[test]
fn a_closed_pipe_is_quiet() {
    let mut child =
        command(&["explain", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    drop(reader);
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((line.as_str(), status.code(), said.as_str()), ("{\n", Some(0), ""));
}

#[test]
fn json_lines_are_the_items_of_the_result() {
    let lines = run(&["models", "list", "--format", "jsonl"]).stdout;
    let ids: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(ids.len() > 10 && ids.iter().any(|item| item["id"] == YUBIKEY));
    let ceremony = ceremony("fresh-default", YUBIKEY, &["--format", "jsonl"]).stdout;
    assert_eq!(ceremony.lines().count(), 1);
}

#[test]
fn models_list_has_every_model_with_its_aaguid() {
    let text = run(&["models", "list"]).stdout;
    for (id, aaguid) in [
        ("authenticator-ios", "90a3ccdf-635c-4729-a248-9b709135078f"),
        ("authenticator-android", "de1e552d-db1d-4423-a619-566b625cdc84"),
        ("windows-hello", "08987058-cadc-4b81-b6e1-30de50dcbe96"),
        ("yubikey-5-nfc", "a25342c0-3cdc-4414-8e46-f4807fca511c"),
        ("peer/passkey-rs", "00000000-0000-0000-0000-000000000000"),
    ] {
        let row = text.lines().find(|line| line.starts_with(&format!("{id} ")));
        assert!(row.is_some_and(|row| row.contains(aaguid)), "{id}: {text}");
    }
}

#[test]
fn the_clock_of_lab_json_is_the_time_of_the_run() {
    let folder = super::program::scratch("clock");
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/tenants/fresh-default/fido2.json");
    std::fs::copy(fixture, folder.join("fido2.json")).unwrap();
    std::fs::write(folder.join("lab.json"), r#"{"clock": "2026-11-20T12:00:00Z"}"#).unwrap();
    let run = |more: &[&str]| {
        let start = ["ceremony", "--tenant", folder.to_str().unwrap(), "--model", YUBIKEY, "--seed", "7"];
        run(&start.into_iter().chain(more.iter().copied()).chain(["-v"]).collect::<Vec<_>>()).stdout
    };
    assert_eq!(run(&[]), run(&FIXED[2..]));
}
