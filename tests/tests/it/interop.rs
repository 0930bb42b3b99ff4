//! What the emulator makes, judged by verifiers that nobody here wrote.
//!
//! Every model and every algorithm it makes keys of, with attestation `direct` and `none`, and every
//! format with every hierarchy that it has: one registration and one sign-in each. Whoever does not accept needs a row in `fixtures/divergences.toml`;
//! a row that matches nothing, or whose verifier accepts, fails the run.

mod divergences;
mod formats;
mod judges;
mod responses;
mod table;

use std::collections::BTreeMap;

use divergences::Divergences;
use judges::Verdict;
use responses::{Made, every_response};

/// Holds the verdicts of one judge against what is known of it.
fn hold(judge: &str, responses: &[Made], verdicts: &[Verdict]) {
    assert_eq!(responses.len(), verdicts.len(), "{judge}: one verdict for each response");
    let known = Divergences::read();
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (made, verdict) in responses.iter().zip(verdicts) {
        match (verdict.result.as_str(), known.find(judge, made)) {
            ("accept", None) => {}
            (result, Some(row)) if result == row.result => *used.entry(&row.id).or_default() += 1,
            (result, Some(row)) => wrong
                .push(format!("{}: {result}, but divergence {} says {}: {}", made.id, row.id, row.result, verdict.why)),
            (result, None) => wrong.push(format!("{}: {result}: {}", made.id, verdict.why)),
        }
    }
    wrong.extend(
        known
            .of(judge)
            .filter(|row| !used.contains_key(row.id.as_str()))
            .map(|row| format!("{}: healed, or matches nothing", row.id)),
    );
    let accepted = verdicts.iter().filter(|verdict| verdict.result == "accept").count();
    eprintln!("INTEROP: {judge}: {accepted} of {} accepted, divergences {used:?}", responses.len());
    assert!(wrong.is_empty(), "{judge}: {} differences\n{}", wrong.len(), wrong.join("\n"));
    table::hold(judge, &table::column(judge, responses, verdicts));
}

#[test]
fn py_webauthn() {
    outside("py_webauthn");
}

#[test]
fn python_fido2() {
    outside("python-fido2");
}

#[test]
fn simplewebauthn() {
    outside("@simplewebauthn/server");
}

fn outside(judge: &str) {
    let responses = every_response();
    if let Some(verdicts) = judges::ask(judge, &responses) {
        hold(judge, &responses, &verdicts);
    }
}

#[test]
fn webauthn_rs_core() {
    let responses = every_response();
    let verdicts: Vec<_> = responses.iter().map(judges::second_opinion).collect();
    hold("webauthn-rs-core", &responses, &verdicts);
}

/// The relying party of the lab is held to the same responses: it accepts every one.
#[test]
fn our_own_relying_party() {
    let wrong: Vec<_> = every_response().iter().filter_map(judges::ours).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
