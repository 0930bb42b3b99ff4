//! The cases of `fixtures/rules`: each rule of the tenant's policy that can refuse, deciding. The folder is the
//! register, and a new file takes part by being there.

mod case;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lab_entra::rules::RULES;
use lab_entra::scope::{Persona, scope_of};
use lab_entra::{Aaguid, AttestationFacts, Candidate, Ceremony, Circumstances, Decision, Passkey, Tenant, Verdict};
use serde_json::{Map, Value};

use crate::decisions;
use case::{Case, Step, Who};

impl Case {
    /// Runs the case and says what differs.
    fn differs(&self) -> Option<String> {
        let patches: Vec<&Value> = self.patch.iter().collect();
        let tenant = decisions::tenant(&self.tenant, &patches, &self.switches);
        let facts = scope_of(&tenant, &self.persona(&tenant));
        let circumstances = self.circumstances.circumstances();
        match self.step {
            Step::Register => {
                let candidate = self.candidate.candidate();
                let candidate = candidate.unwrap_or_else(|| panic!("{}: the candidate is not whole", self.name));
                let ceremony = Ceremony::valid(&candidate);
                self.compare(&lab_entra::register(&tenant, &facts, &circumstances, ceremony))
            }
            Step::SignIn => {
                assert!(self.candidate.is_stored(), "{}: a sign-in knows only what was stored", self.name);
                let passkey = self.candidate.passkey();
                self.compare(&lab_entra::sign_in(&tenant, &facts, Ceremony::valid(&passkey)))
            }
        }
    }

    fn persona(&self, tenant: &Tenant) -> Persona {
        let persona = match &self.persona {
            Who::User(name) => Persona::user(tenant, name),
            Who::Groups(names) => Persona::groups(tenant, names.iter().map(String::as_str)),
        };
        persona.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn compare(&self, decision: &Decision<'_>) -> Option<String> {
        let decided_by = decision.decided_by.map(|check| check.id);
        let same = decision.verdict == Verdict::Refused && decided_by == Some(self.decided_by.as_str());
        (!same).then(|| {
            format!(
                "{}: {} by {decided_by:?}: {:?}",
                self.name,
                decision.verdict,
                decision.message().unwrap_or_default()
            )
        })
    }
}

fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/rules");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let cases = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = |path: std::path::PathBuf| {
        let case = serde_json::from_str::<Case>(&fs::read_to_string(&path).unwrap());
        let case = case.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(path.file_stem().and_then(|stem| stem.to_str()), Some(case.name.as_str()), "the name is the file's");
        case
    };
    cases.map(read).collect()
}

#[test]
fn every_file_says_what_it_is_about() {
    for case in all() {
        let rule =
            case.decided_by.strip_prefix("entra/").unwrap_or_else(|| panic!("{}: no rule of Entra's", case.name));
        assert!(case.name.starts_with(rule), "{}: the name begins with the rule", case.name);
        assert!(case.comment.len() > 20 && case.comment.ends_with('.'), "{}: the comment is a sentence", case.name);
        assert!(!case.source.is_empty(), "{}: there is a source", case.name);
    }
}

#[test]
fn each_case_is_refused_by_the_rule_that_it_names() {
    let wrong: Vec<_> = all().iter().filter_map(Case::differs).collect();
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_that_can_refuse_decides_a_case() {
    let all = all();
    let decide: BTreeSet<_> = all.iter().map(|case| case.decided_by.as_str()).collect();
    let can_refuse = RULES.iter().filter(|rule| rule.check.cannot_fail.is_none()).map(|rule| rule.check.id);
    let missing: Vec<_> = can_refuse.filter(|id| !decide.contains(id)).collect();
    assert!(missing.is_empty(), "no case of fixtures/rules is decided by {missing:?}");
}

#[test]
fn without_patch_and_switches_an_ordinary_passkey_is_taken() {
    let tenant = decisions::tenant("fresh-default", &[], &Map::new());
    let facts = scope_of(&tenant, &Persona::user(&tenant, "anna.seidel@lindenhof.example").unwrap());
    let passkey = Passkey { aaguid: Aaguid([7; 16]), backup_eligible: false, backup_state: false };
    let candidate = Candidate { passkey, attestation: AttestationFacts::NONE, algorithm: -7 };
    let circumstances = Circumstances::default();
    let registered = lab_entra::register(&tenant, &facts, &circumstances, Ceremony::valid(&candidate));
    let signed_in = lab_entra::sign_in(&tenant, &facts, Ceremony::valid(&passkey));
    assert_eq!((registered.verdict, signed_in.verdict), (Verdict::Allowed, Verdict::Allowed));
}
