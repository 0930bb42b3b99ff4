//! Hand-written decisions, each from Microsoft's text, held against ceremonies that are really run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use lab_entra::{Mfa, Tenant, TenantFile, Verdict};
use lab_jobs::ceremony::{self, InApp, LiesFrom, Outcome, Request, StepView, Who};
use lab_jobs::input::tenants;
use lab_jobs::models::Catalogue;
use lab_jobs::world::World;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A decision that somebody wrote down; unknown keys are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    name: String,
    user: Option<String>,
    groups: Option<Vec<String>>,
    model: String,
    #[serde(default = "same_device")]
    flow: String,
    platform: Option<String>,
    in_app_attestation: Option<String>,
    #[serde(default)]
    lies: Vec<String>,
    tenant: Option<Value>,
    tenant_at_sign_in: Option<Value>,
    #[serde(default)]
    lab: Map<String, Value>,
    registered: Option<String>,
    registration: Expected,
    sign_in: Option<Expected>,
    section: String,
    source: String,
    why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    verdict: Verdict,
    decided_by: Option<String>,
    profile: Option<String>,
}

fn same_device() -> String {
    "same-device".to_owned()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures")
}

fn decisions(tenant: &str) -> Vec<Decision> {
    let path = fixtures().join("decisions").join(format!("{tenant}.json"));
    serde_json::from_str(&fs::read_to_string(&path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let target = target.as_object_mut().unwrap();
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The tenant of the fixtures, with merge patches of its passkey policy and switches of the lab.
pub(crate) fn tenant(name: &str, patches: &[&Value], switches: &Map<String, Value>) -> Tenant {
    let files = tenants::example_files(name).unwrap();
    let mut files: Vec<(String, Value)> =
        files.iter().map(|file| (file.name.to_owned(), serde_json::from_str(file.text).unwrap())).collect();
    for (name, value) in &mut files {
        match name.as_str() {
            "fido2.json" => patches.iter().for_each(|patch| merge(value, patch)),
            "lab.json" => merge(value, &json!({ "switches": switches })),
            _ => {}
        }
    }
    let texts: Vec<(String, String)> = files.into_iter().map(|(name, value)| (name, value.to_string())).collect();
    let files: Vec<_> = texts.iter().map(|(name, text)| TenantFile { name, text }).collect();
    Tenant::from_files(&files).unwrap()
}

/// The lies that a passkey registered earlier cannot have told then: they break the ceremony itself.
const TOLD_LATER: [&str; 2] = ["wrong-origin", "wrong-rp-id-hash"];

struct Judge {
    catalogue: Catalogue,
    world: World,
}

impl Judge {
    fn new() -> Self {
        Self {
            catalogue: Catalogue::read(None).unwrap(),
            world: World::seeded(7, "2026-11-20T12:00:00Z".parse().unwrap()),
        }
    }

    fn run(&self, name: &str, decision: &Decision) -> Outcome {
        let patches: Vec<&Value> = decision.tenant.iter().collect();
        let later: Vec<&Value> = patches.iter().copied().chain(&decision.tenant_at_sign_in).collect();
        let switches = &decision.lab_switches();
        let (today, then) = (tenant(name, &patches, switches), tenant(name, &later, switches));
        let mut outcome = self.play(&today, &then, decision, LiesFrom::Registration);
        if decision.registered.is_some() {
            let from = if decision.lies.iter().any(|lie| TOLD_LATER.contains(&lie.as_str())) {
                LiesFrom::SignIn
            } else {
                LiesFrom::Registration
            };
            outcome.sign_in = self.play(&today, &then, decision, from).sign_in;
        }
        outcome
    }

    fn play(&self, tenant: &Tenant, at_sign_in: &Tenant, decision: &Decision, lies_from: LiesFrom) -> Outcome {
        let request = Request {
            registered_earlier: decision.registered.is_some(),
            tenant_at_sign_in: Some(at_sign_in),
            who: decision.who(),
            flow: decision.flow.parse().unwrap(),
            platform: decision.platform.clone().or_else(|| Some("chromium".to_owned())),
            lies: ceremony::lies(&decision.lies, &self.catalogue).unwrap(),
            lies_from,
            in_app_attestation: decision.in_app_attestation.as_deref().map(|text| text.parse::<InApp>().unwrap()),
            mfa: Mfa::Age(SignedDuration::from_mins(decision.minutes_since_mfa())),
            ..Request::new(tenant, self.catalogue.choose(&decision.model).unwrap())
        };
        ceremony::run(&request, &self.catalogue, &self.world)
            .unwrap_or_else(|error| panic!("{}: {error}", decision.name))
    }
}

impl Decision {
    fn who(&self) -> Who {
        match (&self.user, &self.groups) {
            (Some(user), None) => Who::User(user.clone()),
            (None, Some(groups)) => Who::Groups(groups.clone()),
            _ => panic!("{}: either a user or groups", self.name),
        }
    }

    fn minutes_since_mfa(&self) -> i64 {
        self.lab.get("minutesSinceMfa").and_then(Value::as_i64).unwrap_or(0)
    }

    fn lab_switches(&self) -> Map<String, Value> {
        self.lab
            .iter()
            .filter(|(name, _)| *name != "minutesSinceMfa")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// What differs from what was written down.
    fn differs(&self, outcome: &Outcome) -> Vec<String> {
        let mut wrong = self.registration.differs("registration", &outcome.registration);
        match (&self.sign_in, &outcome.sign_in) {
            (Some(expected), Some(found)) => wrong.extend(expected.differs("sign_in", found)),
            (None, None) => {}
            (expected, found) => wrong.push(format!(
                "sign_in: expected {:?}, found {:?}",
                expected.as_ref().map(|step| step.verdict),
                found.as_ref().map(|step| step.verdict)
            )),
        }
        wrong.into_iter().map(|wrong| format!("{} ({}, §{}): {wrong}", self.name, self.source, self.section)).collect()
    }
}

impl Expected {
    fn differs(&self, step: &str, found: &StepView) -> Vec<String> {
        let mut wrong = Vec::new();
        if found.verdict != self.verdict {
            wrong.push(format!(
                "{step}: expected {}, found {} ({:?}: {})",
                self.verdict, found.verdict, found.decided_by, found.message
            ));
        } else if !same_check(self.decided_by.as_deref(), found.decided_by) {
            wrong.push(format!(
                "{step}: expected to be decided by {:?}, found {:?}: {}",
                self.decided_by, found.decided_by, found.message
            ));
        }
        let matched = found.profiles.iter().find(|profile| profile.matches).map(|profile| profile.name.as_str());
        if self.profile.is_some() && matched != self.profile.as_deref() {
            wrong.push(format!("{step}: expected the profile {:?}, found {matched:?}", self.profile));
        }
        wrong
    }
}

/// `registration/att-stmt` stands for any check of the statement.
fn same_check(expected: Option<&str>, found: Option<&str>) -> bool {
    expected == found
        || (expected == Some("registration/att-stmt") && found.is_some_and(|id| id.starts_with("attestation/")))
}

fn hold(name: &str) {
    let (judge, decisions) = (Judge::new(), decisions(name));
    assert!(decisions.len() >= 40, "{name}: {} decisions", decisions.len());
    let names: BTreeSet<_> = decisions.iter().map(|decision| &decision.name).collect();
    assert_eq!(names.len(), decisions.len(), "{name}: names are unique");
    assert!(decisions.iter().all(|decision| !decision.why.is_empty()), "{name}: every decision says why");
    let wrong: Vec<_> = decisions.iter().flat_map(|decision| decision.differs(&judge.run(name, decision))).collect();
    assert!(wrong.is_empty(), "{name}: {} differences\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn fresh_default() {
    hold("fresh-default");
}

#[test]
fn admins_attested() {
    hold("admins-attested");
}

#[test]
fn hardware_keys_only() {
    hold("hardware-keys-only");
}

#[test]
fn contradictory() {
    hold("contradictory");
}

#[test]
fn large() {
    hold("large");
}

#[test]
fn large_over_limit() {
    hold("large-over-limit");
}

#[test]
fn legacy_block_list() {
    hold("legacy-block-list");
}
