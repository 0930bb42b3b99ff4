//! Every lie is caught where its page says, and nowhere else.
//!
//! Each lie is told by several models, in three of the example tenants, by everybody who is treated alike, from the
//! registration on and from the sign-in on, and once more where backup eligibility may not change. A check
//! catches a lie if it decides with the lie and not without, or if it fails in the ceremony itself.

use std::collections::{BTreeMap, BTreeSet};

use lab_entra::{Tenant, TenantFile, scope};
use lab_jobs::ceremony::{self, Flow, LiesFrom, Outcome, Request, StepView, Who};
use lab_jobs::input::tenants;
use lab_jobs::models::{Catalogue, Choice};
use lab_jobs::world::World;
use serde_json::{Value, json};

const MODELS: [&str; 4] = ["yubikey-5-nfc", "icloud-keychain", "authenticator-ios", "samsung-pass"];

/// The other model that a lie is about: one that profiles list.
fn told(usage: &str) -> String {
    usage.replace("MODEL", "security-key-nfc")
}

/// Example tenants as they are, and with the strict reading of what the relying party asks.
fn tenants() -> Vec<Tenant> {
    let names = ["admins-attested", "fresh-default", "legacy-block-list"];
    let strict = json!({"backupEligibilityChange": "refused"});
    names.iter().flat_map(|name| [tenant(name, None), tenant(name, Some(&strict))]).collect()
}

fn tenant(name: &str, switches: Option<&Value>) -> Tenant {
    let files = tenants::example_files(name).unwrap();
    let lab = |text: &str| {
        let mut lab: Value = serde_json::from_str(text).unwrap();
        lab["switches"] = switches.cloned().unwrap_or_else(|| json!({}));
        lab.to_string()
    };
    let texts: Vec<_> =
        files.iter().map(|file| if file.name == "lab.json" { lab(file.text) } else { file.text.to_owned() }).collect();
    let files: Vec<_> = files.iter().zip(&texts).map(|(file, text)| TenantFile { name: file.name, text }).collect();
    Tenant::from_files(&files).unwrap()
}

struct Stage {
    catalogue: Catalogue,
    world: World,
    tenants: Vec<Tenant>,
}

impl Stage {
    fn new() -> Self {
        let world = World::seeded(3, "2026-11-20T12:00:00Z".parse().unwrap());
        Self { catalogue: Catalogue::read(None).unwrap(), world, tenants: tenants() }
    }

    /// Everything that decided or failed, by situation, with these lies.
    fn failures(&self, lies: &[String]) -> BTreeMap<String, BTreeSet<&'static str>> {
        let mut all = BTreeMap::new();
        for (index, tenant) in self.tenants.iter().enumerate() {
            for scope in scope::scopes(tenant) {
                let Some(user) = scope.members.first().map(|user| tenant.users()[*user].label().to_owned()) else {
                    continue;
                };
                for (model, from) in
                    MODELS.iter().flat_map(|model| [(model, LiesFrom::Registration), (model, LiesFrom::SignIn)])
                {
                    let outcome = self.run(tenant, &user, model, (lies, from));
                    all.insert(format!("{index}/{user}/{model}/{from:?}"), failed(&outcome));
                }
            }
        }
        all
    }

    fn run(&self, tenant: &Tenant, user: &str, model: &str, (lies, lies_from): (&[String], LiesFrom)) -> Outcome {
        let choice: Choice = self.catalogue.choose(model).unwrap();
        let flow = if model.starts_with("authenticator") { Flow::InApp } else { Flow::SameDevice };
        let request = Request {
            who: Who::User(user.to_owned()),
            flow,
            lies: ceremony::lies(lies, &self.catalogue).unwrap(),
            lies_from,
            registered_earlier: true,
            ..Request::new(tenant, choice)
        };
        ceremony::run(&request, &self.catalogue, &self.world).unwrap()
    }
}

fn failed(outcome: &Outcome) -> BTreeSet<&'static str> {
    let steps = [Some(&outcome.registration), outcome.sign_in.as_ref()].into_iter().flatten();
    let of = |step: &StepView| {
        let theirs = step.webauthn.iter().flat_map(|case| case.failed.iter().copied());
        step.decided_by.into_iter().chain(theirs).collect::<Vec<_>>()
    };
    steps.flat_map(of).collect()
}

/// Checks that fail only where the relying party demands trust whatever the tenant says; `fixtures/cases`
/// has a case of each.
const UNDER_ANOTHER_POLICY: [&str; 2] = ["registration/trust", "attestation/trust-path"];

#[test]
fn every_lie_is_caught_where_its_page_says() {
    let stage = Stage::new();
    let honest = stage.failures(&[]);
    let mut wrong = Vec::new();
    for page in lab_lies::all() {
        let told = stage.failures(&[told(&page.usage())]);
        let caught: BTreeSet<_> = told.iter().flat_map(|(case, failed)| failed - &honest[case]).collect();
        let said: BTreeSet<_> = page
            .caught_by
            .iter()
            .map(|caught| caught.check)
            .filter(|check| !UNDER_ANOTHER_POLICY.contains(check))
            .collect();
        eprintln!("LIE: {}: {caught:?}", page.name);
        wrong.extend(
            (&said - &caught).iter().map(|check| format!("{}: its page says {check}, which did not fail", page.name)),
        );
        wrong.extend(
            (&caught - &said).iter().map(|check| format!("{}: {check} failed, which its page does not say", page.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
