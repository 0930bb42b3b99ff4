//! The recorded cases of `fixtures/cases`: the folder is the register, and a new file takes part by being there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lab_jobs::input::cases::{self, Case, Response};
use lab_jobs::models::Catalogue;
use lab_jobs::verify::{Options, Outcome};
use lab_protocol::trace::Trace;
use lab_relying_party::registration::TrustPolicy;
use lab_relying_party::{CredentialRecord, Expected, Origins, Policy, authentication, registration};
use lab_tests::fixtures;
use lab_tests::folder::Folder;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A case with what the lab's own say beyond the public format; other members are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "members that only the public reader asks for are here so that others are refused")]
struct Fixture {
    id: String,
    comment: String,
    source: String,
    #[serde(deserialize_with = "present")]
    fails_at: Option<String>,
    kind: cases::Kind,
    rp_id: String,
    origin: String,
    challenge: String,
    verify_time: String,
    require_user_verification: Option<bool>,
    allowed_algs: Option<Vec<i64>>,
    allow_cross_origin: Option<bool>,
    mediation: Option<String>,
    stored: Option<Value>,
    #[serde(default)]
    allow_credentials: Vec<String>,
    #[serde(default)]
    anchors: Vec<String>,
    policy: Option<Policy>,
    known: Option<Vec<CredentialRecord>>,
    response: Value,
    expected: Value,
}

/// A member that may be null and has to be there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/cases")
}

/// Every file of the folder: its path, its text, and what it says.
fn all() -> Vec<(String, String, Fixture)> {
    let found = Folder::new(folder()).found().unwrap();
    let read = |(path, text): (String, String)| {
        let fixture = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        (path, text, fixture)
    };
    found.into_iter().map(read).collect()
}

fn can_fail(id: &str) -> bool {
    lab_relying_party::checks().iter().any(|check| check.id == id && check.cannot_fail.is_none())
}

impl Fixture {
    /// What is wrong with what a file says about itself.
    fn faults(&self, path: &str) -> Vec<String> {
        let fails_at = self.fails_at.as_deref();
        let result = self.expected["result"].as_str();
        let chosen = self.policy.is_some() || self.known.is_some();
        let consistent = match (fails_at, result) {
            (Some(check), Some("invalid")) => self.expected["check"] == check && !chosen,
            (Some(check), Some("implementation-defined")) => self.expected["check"] == check && chosen,
            (None, Some("valid" | "implementation-defined")) => self.expected.get("check").is_none() && !chosen,
            _ => false,
        };
        let wrong = [
            (path != format!("{}.json", self.id), "the id is not the path"),
            (self.comment.len() < 20 || !self.comment.ends_with('.'), "the comment is no sentence"),
            (self.source.is_empty(), "there is no source"),
            (!fails_at.is_none_or(can_fail), "fails_at is no check that can fail"),
            (!fails_at.is_none_or(|check| self.id.starts_with(check)), "the id does not begin with the check"),
            (!consistent, "fails_at, expected and policy do not belong together"),
        ];
        wrong.into_iter().filter(|(wrong, _)| *wrong).map(|(_, fault)| format!("{path}: {fault}")).collect()
    }
}

/// What else fails, by the beginning of a case's id: what sums the first check up, or stands on it.
const ALSO_FAIL: &[(&str, &str)] = &[
    ("attestation/path-", "attestation/trust-path"),
    // A key of App Attest is named by its hash; two empty lists say nothing about the purpose either.
    ("attestation/appattest-key-other", "attestation/appattest-key-id"),
    ("attestation/akey-origin-of-empty-lists", "attestation/akey-purpose"),
    ("authenticator-data/at-required-unannounced", "authenticator-data/trailing"),
];

/// What a verification came to: the result, the check that decided, and every check that failed.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    outcome: &'static str,
    decided_by: Option<String>,
    failed: Vec<String>,
}

impl Found {
    /// As the command judges it.
    fn by_command(path: &str, text: &str, catalogue: &Catalogue) -> Self {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let options =
            Options { anchors: None, metadata: None, at: None, now, second_opinion: false, anatomy: false, catalogue };
        let mut outcome = Outcome::default();
        outcome.judge_file(&folder().join(path), text, &options);
        let case = &outcome.cases[0];
        assert_eq!((outcome.cases.len(), outcome.exit_status()), (1, 0), "{path}: {} {}", case.outcome, case.message);
        let failed = case.failed.iter().map(ToString::to_string).collect();
        Self { outcome: case.outcome, decided_by: case.decided_by.map(str::to_owned), failed }
    }

    fn of(trace: &Trace<'_>, outcome: &'static str) -> Self {
        let failed = trace.failures().map(|entry| entry.check.id.to_owned()).collect();
        Self { outcome, decided_by: trace.decided_by().map(|check| check.id.to_owned()), failed }
    }

    /// As a relying party with the policy and the credentials of the case judges it.
    fn by_choice(fixture: &Fixture, case: &Case) -> Self {
        let policy = fixture.policy.unwrap_or_else(Policy::webauthn);
        let known = fixture.known.clone().unwrap_or_default();
        let origins = [fixture.origin.clone()];
        let expected = Expected::new(&fixture.rp_id, Origins::own(&origins), &fixture.challenge);
        match &case.response {
            Response::Registration(response) => {
                let trust = TrustPolicy { anchors: None, intermediates: &[], at: case.demand.time().unwrap() };
                let request =
                    registration::Request { response, expected: &expected, known: &known, trust, policy: &policy };
                let outcome = registration::verify(&request);
                Self::of(&outcome.trace, outcome.verdict.name())
            }
            Response::Authentication(response) => {
                let stored = case.demand.stored.as_ref().unwrap();
                let record = CredentialRecord {
                    sign_count: stored.sign_count,
                    backup_eligible: stored.backup_eligible,
                    backup_state: stored.backup_state,
                    user_handle: stored.user_handle.as_ref().map(|handle| handle.0.clone()),
                    ..CredentialRecord::of_key(
                        stored.credential_id.0.clone(),
                        stored.credential_public_key_cose.0.clone(),
                    )
                    .unwrap()
                };
                let request = authentication::Request {
                    response,
                    expected: &expected,
                    allow_credentials: &case.demand.allow_credentials,
                    user_known: record.user_handle.as_deref(),
                    record: Some(&record),
                    policy: &policy,
                };
                let outcome = authentication::verify(&request);
                Self::of(&outcome.trace, outcome.verdict.name())
            }
        }
    }

    fn valid() -> Self {
        Self { outcome: "valid", decided_by: None, failed: Vec::new() }
    }

    /// Refused by this check and by no other, but for those that cannot hold without it.
    fn invalid(id: &str, check: &str) -> Self {
        let follow = ALSO_FAIL.iter().filter(|(case, _)| id.starts_with(case)).map(|(_, follows)| *follows);
        let failed = std::iter::once(check).chain(follow).map(str::to_owned).collect();
        Self { outcome: "invalid", decided_by: Some(check.to_owned()), failed }
    }
}

#[test]
fn every_file_says_what_it_is_about() {
    let wrong: Vec<_> = all().iter().flat_map(|(path, _, fixture)| fixture.faults(path)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_case_is_decided_by_the_check_that_it_names_and_by_that_alone() {
    let catalogue = Catalogue::read(None).unwrap();
    let mut wrong = Vec::new();
    for (path, text, fixture) in all() {
        let mut compare = |how: &str, found: Found, expected: Found| {
            if found != expected {
                wrong.push(format!("{path} {how}: expected {expected:?}\n    found {found:?}"));
            }
        };
        let by_command = Found::by_command(&path, &text, &catalogue);
        let expected =
            fixture.fails_at.as_deref().map_or_else(Found::valid, |check| Found::invalid(&fixture.id, check));
        if fixture.policy.is_none() && fixture.known.is_none() {
            compare("verified", by_command, expected);
            continue;
        }
        let case = cases::read(&path, &text).unwrap().remove(0).unwrap();
        compare("without its policy", by_command, Found::valid());
        compare("under its policy", Found::by_choice(&fixture, &case), expected);
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_check_that_can_fail_decides_a_case() {
    let all = all();
    let decide: BTreeSet<&str> = all.iter().filter_map(|(_, _, fixture)| fixture.fails_at.as_deref()).collect();
    let checks = lab_relying_party::checks();
    let can_fail = checks.iter().filter(|check| check.cannot_fail.is_none()).map(|check| check.id);
    let missing: Vec<_> = can_fail.filter(|id| !decide.contains(id)).collect();
    assert!(missing.is_empty(), "no case of fixtures/cases is decided by {missing:?}");
}

#[test]
fn every_format_and_algorithm_has_a_valid_case() {
    let ids: Vec<_> = all().into_iter().map(|(_, _, fixture)| fixture.id).collect();
    let has = |part: &str| ids.iter().any(|id| id.starts_with("valid/") && id.contains(part));
    for part in [
        "android-key",
        "android-safetynet",
        "apple",
        "apple-appattest",
        "none",
        "packed-self",
        "packed-certified",
        "es256",
        "es384",
        "es512",
        "eddsa",
        "rs256",
        "ps256",
    ] {
        assert!(has(part), "no valid case of {part}");
    }
}

#[test]
fn the_folder_is_what_its_rows_make() {
    let differences = Folder::new(folder()).differences(&fixtures::files()).unwrap();
    assert!(differences.is_empty(), "run scripts/fixtures, and look at what changes:\n{}", differences.join("\n"));
}
