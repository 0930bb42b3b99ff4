//! The catalogue against the lab's models, honest and lying.

// Helpers of tests are tests too, which the lint does not see.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use lab_attestation::emit::{Vendors, VendorsOptions};
use lab_attestation::keys::Backend;
use lab_authenticator::{Authenticator, Model, models};
use lab_conformance::{Facts, ModelTarget, Options, Report, WireTarget, all, run};
use lab_lies::{Lie, Seam, parse, tamper};
use lab_protocol::{Env, Random};

/// Counts, so that every run is the same.
#[derive(Clone)]
struct Counting(u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

fn at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn vendors() -> Arc<Vendors> {
    let window = VendorsOptions {
        backend: Backend::Deterministic,
        seeded: true,
        not_before: "2020-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2050-01-01T00:00:00Z".parse().unwrap(),
    };
    Arc::new(Vendors::new(window, &mut Counting(1)))
}

/// A model of the lab's, or of this folder.
fn model(id: &str) -> Arc<Model> {
    match id {
        "nothing-kept" => Arc::new(Model::from_toml(id, include_str!("models/nothing-kept.toml")).unwrap()),
        _ => Arc::clone(models::find(id).unwrap()),
    }
}

/// A model, as it tells these lies.
fn target(id: &str, lies: &[&str]) -> ModelTarget {
    let lies: Vec<Lie> = lies.iter().map(|lie| parse(lie).unwrap()).collect();
    let honest = model(id);
    let vendors = vendors();
    let facts = Facts::of(&honest, &vendors);
    let model: Arc<Model> = lies.iter().fold(honest, |model, lie| lie.adjust(model));
    let make = move || {
        let env = Env { rng: Box::new(Counting(2)), tamper: tamper(&lies) };
        Authenticator::new(Arc::clone(&model), Arc::clone(&vendors), Backend::Fast, env)
    };
    ModelTarget::new(id, facts, at(), make).unwrap()
}

fn report(id: &str, lies: &[&str], only: &[&str]) -> Report {
    let only = only.iter().map(|id| (*id).to_owned()).collect();
    run(&mut target(id, lies), &Options { only, destructive: false })
}

fn failures(report: &Report) -> Vec<String> {
    report.failed().map(|row| format!("{}: {}", row.id, row.message)).collect()
}

#[test]
fn ids_are_unique() {
    let mut seen = BTreeMap::new();
    for case in all() {
        assert!(seen.insert(case.id, case.sends).is_none(), "{} is there twice", case.id);
    }
    assert!(seen.len() > 240, "{}", seen.len());
}

/// Models of several makers and ages: everything that has a wire. And one of nobody's, for what none of them is.
const MODELS: [&str; 11] = [
    "lab-every-option",
    "yubikey-5-nfc",
    "yubikey-bio-mpe",
    "yubikey-5-nfc-5.1",
    "yubikey-5-nfc-enhanced-pin",
    "yubikey-bio-fido",
    "security-key-nfc",
    "opensk",
    "feitian-epass-fido2",
    "icloud-keychain",
    "nothing-kept",
];

#[test]
fn every_case_that_applies_passes_against_the_models() {
    let mut failed = Vec::new();
    let mut applied: BTreeMap<&str, usize> = BTreeMap::new();
    for id in MODELS {
        let report = report(id, &[], &[]);
        for row in report.cases.iter().filter(|row| row.outcome != "not-applicable") {
            *applied.entry(row.id).or_default() += 1;
        }
        assert!(report.count("pass") > 100, "{id}: {}", report.count("pass"));
        failed.extend(failures(&report).into_iter().map(|failure| format!("{id}: {failure}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let never: Vec<_> = all().map(|case| case.id).filter(|id| !applied.contains_key(id)).collect();
    assert!(never.is_empty(), "cases that apply to none of the models: {never:?}");
}

/// What each lie says on the wire, and the case that catches it.
const CAUGHT: [(&str, &str, &str); 11] = [
    ("yubikey-5-nfc", "aaguid-of:icloud-keychain", "au.info.shape"),
    ("yubikey-5-nfc", "self-attestation", "au.mc.att-verify"),
    ("yubikey-5-nfc", "foreign-root", "au.mc.att-verify"),
    ("yubikey-5-nfc", "certificate-of:yubikey-5-nfc-5.4", "au.mc.att-verify"),
    ("yubikey-5-nfc", "statement-stripped", "au.mc.att-verify"),
    ("icloud-keychain", "be-hidden", "au.mc.be-bs"),
    ("yubikey-5-nfc", "bs-without-be", "au.ga.base"),
    ("icloud-keychain", "be-changed-at-sign-in", "au.ga.base"),
    ("yubikey-5-nfc", "counter-frozen", "au.ga.counter"),
    ("yubikey-5-nfc", "uv-claimed", "au.ga.pin-missing"),
    ("yubikey-5-nfc", "wrong-rp-id-hash", "au.mc.base"),
];

/// The lies that no authenticator can tell, and why.
const NOT_ON_THE_WIRE: [(&str, &str); 1] =
    [("wrong-origin", "the client writes client data; an authenticator is sent only their hash")];

#[test]
fn every_lie_on_the_wire_is_caught() {
    let mut missed = Vec::new();
    for (model, lie, case) in CAUGHT {
        let honest = report(model, &[], &[case]);
        assert_eq!(honest.failed().count(), 0, "{model} honest: {:?}", failures(&honest));
        if report(model, &[lie], &[case]).failed().count() == 0 {
            let all = failures(&report(model, &[lie], &[]));
            missed.push(format!("{lie} by {case}; these fail: {all:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_lie_is_on_the_wire_or_the_client_tells_it() {
    let row = |(_, lie, _): &(&str, &'static str, &str)| lab_lies::find(lie).unwrap().name;
    let mut listed: Vec<_> = CAUGHT.iter().map(row).chain(NOT_ON_THE_WIRE.map(|(lie, _)| lie)).collect();
    listed.sort_unstable();
    let known: Vec<_> = lab_lies::all().iter().map(|page| page.name).collect();
    assert_eq!(listed, known, "each lie is in one list");
    for page in lab_lies::all() {
        let of_the_client = page.seams.iter().all(|seam| *seam == Seam::ClientData);
        let listed = NOT_ON_THE_WIRE.iter().any(|(lie, _)| *lie == page.name);
        assert_eq!(listed, of_the_client, "{}: {:?}", page.name, page.seams);
    }
}

/// A target that is no model is neither reset nor given a PIN unless that was allowed.
#[test]
fn somebodys_key_is_left_as_it_is() {
    let vendors = vendors();
    let model = Arc::clone(models::find("yubikey-5-nfc").unwrap());
    let env = Env::honest(Counting(3));
    let key = Authenticator::new(model, vendors, Backend::Fast, env).set_up("8023-1946").unwrap();
    let link = lab_hid::Loopback::new(key, at(), lab_hid::Obliging);
    let mut target = WireTarget::open("a key", link).unwrap();
    let report = run(&mut target, &Options::default());
    assert!(failures(&report).is_empty(), "{:?}", failures(&report));
    assert!(report.count("pass") > 50, "{}", report.count("pass"));
    let retries = report.cases.iter().find(|row| row.id == "au.pin.token-wrong").unwrap();
    assert_eq!(retries.outcome, "not-applicable");
}
