//! Entra's passkey policy, evaluated a second time.
//!
//! `text` and what it leans on follow Microsoft's sentences over the raw JSON of a tenant, and share
//! nothing with the policy engine but the types in which a passkey is described. Both answer the same
//! random tenants, people and passkeys. Where they differ, one of them has misread the text: read the
//! section again before changing either.

mod draw;
mod logic;
mod passkey;
mod passkeys;
mod people;
mod policies;
mod shrink;
mod text;

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use lab_entra::scope::scope_of;
use lab_entra::{
    Ceremony, CeremonyOutcome, Decision, Persona, ProfileOutcome, Rule, Tenant, TenantFile, UserFacts, register,
    sign_in,
};
use lab_protocol::trace::{Check, Document};
use serde_json::Value;

use draw::Draw;
use logic::{Against, Answer, Opinion};
use passkeys::Case;
use people::{Person, Who};
use text::Found;

const TENANTS: u64 = 4_000;
const PEOPLE: usize = 5;
const PASSKEYS: usize = 5;

/// What a ceremony can be refused for, or left undecided by; which one is all the same to the policy.
static FORGED: Check = Check::new("second-opinion/forged", Document::Lab, "0", "The response is genuine.");
static NOT_BUILT: Check = Check::new("second-opinion/not-built", Document::Lab, "0", "The lab can judge the response.");

/// One question to both, about somebody.
#[derive(Debug, Clone)]
struct Question {
    case: Case,
    found: Found,
    registering: bool,
}

impl Question {
    fn second_opinion(&self, tenant: &Value, person: &Person<'_>) -> Opinion {
        let (candidate, response) = (&self.case.candidate, !matches!(self.found, Found::NoResponse));
        if self.registering {
            let candidate = response.then_some(candidate);
            text::register(tenant, person, &self.case.circumstances, (self.found, candidate))
        } else {
            text::sign_in(tenant, person, (self.found, response.then_some(&candidate.passkey)))
        }
    }

    fn engine(&self, tenant: &Tenant, facts: &UserFacts) -> Opinion {
        let candidate = &self.case.candidate;
        if self.registering {
            opinion(&register(tenant, facts, &self.case.circumstances, self.ceremony(candidate)))
        } else {
            opinion(&sign_in(tenant, facts, self.ceremony(&candidate.passkey)))
        }
    }

    fn ceremony<'c, T>(&self, says: &'c T) -> Ceremony<'c, T> {
        match self.found {
            Found::Valid => Ceremony::valid(says),
            Found::Invalid(_) => Ceremony::invalid(&FORGED, Some(says)),
            Found::Undecided(_) => Ceremony { outcome: CeremonyOutcome::Undecided(&NOT_BUILT), says: Some(says) },
            Found::NoResponse => Ceremony::no_response(),
        }
    }
}

fn opinion(decision: &Decision<'_>) -> Opinion {
    let answer = Answer { verdict: decision.verdict.name(), because: decision.decided_by.map_or("", |check| check.id) };
    let ids = |rules: &[&'static Rule]| rules.iter().map(|rule| rule.check.id).collect();
    let against =
        |profile: &ProfileOutcome<'_>| Against { failed: ids(&profile.failed), open: ids(&profile.undecided) };
    Opinion { answer, profiles: decision.profiles.iter().map(against).collect() }
}

fn persona(who: &Who) -> Persona {
    match who {
        Who::User(place) => Persona::User(*place),
        Who::MemberOf(groups) => Persona::Groups(groups.clone()),
    }
}

/// The tenant as the lab reads it from its files.
fn read(tenant: &Value) -> Option<Tenant> {
    let texts: Vec<_> =
        tenant.as_object()?.iter().map(|(key, value)| (format!("{key}.json"), value.to_string())).collect();
    let files: Vec<_> = texts.iter().map(|(name, text)| TenantFile { name, text }).collect();
    Tenant::from_files(&files).ok()
}

fn question(draw: &mut Draw) -> Question {
    let others = [Found::Invalid(FORGED.id), Found::Undecided(NOT_BUILT.id), Found::NoResponse];
    let found = draw.mostly(Found::Valid, 8, &others);
    Question { case: passkeys::case(draw), found, registering: true }
}

fn who(draw: &mut Draw) -> Who {
    if draw.percent(80) {
        return Who::User(draw.below(policies::USERS));
    }
    Who::MemberOf(draw.some(&[0, 1, 2, 3, 4, 5], 30).into_iter().map(policies::group_id).collect())
}

/// Where the two differ: the whole case.
type Difference = (Value, Who, Question);

/// What was seen: how often each answer came, and where the two differ.
#[derive(Default)]
struct Seen {
    answers: BTreeMap<(bool, Answer), usize>,
    differences: BTreeMap<(bool, Opinion, Opinion), Vec<Difference>>,
}

impl Seen {
    /// Asks both about the same person.
    fn ask(&mut self, raw: &Value, tenant: &Tenant, who: &Who, questions: &[Question]) {
        let (person, facts) = (Person::of(raw, who), scope_of(tenant, &persona(who)));
        for question in questions {
            let (ours, theirs) = (question.second_opinion(raw, &person), question.engine(tenant, &facts));
            *self.answers.entry((question.registering, ours.answer)).or_default() += 1;
            if ours != theirs {
                let same = self.differences.entry((question.registering, ours, theirs)).or_default();
                same.push((raw.clone(), who.clone(), question.clone()));
            }
        }
    }

    fn add(&mut self, other: Self) {
        for (answer, count) in other.answers {
            *self.answers.entry(answer).or_default() += count;
        }
        for (kind, cases) in other.differences {
            self.differences.entry(kind).or_default().extend(cases);
        }
    }

    /// One of each kind of difference, as small as it gets.
    fn report(&self) -> String {
        let kinds = self.differences.iter().take(12);
        kinds.map(|((_, ours, theirs), cases)| smallest(ours, theirs, cases)).collect::<Vec<_>>().join("\n\n")
    }
}

fn smallest(ours: &Opinion, theirs: &Opinion, cases: &[Difference]) -> String {
    let shrunk = cases.iter().take(3).map(|(raw, who, question)| {
        let shows = |raw: &Value| {
            let same = |tenant| question.engine(&tenant, &scope_of(&tenant, &persona(who))) == *theirs;
            question.second_opinion(raw, &Person::of(raw, who)) == *ours && read(raw).is_some_and(same)
        };
        (shrink::shrink(raw.clone(), shows), who, question)
    });
    let (raw, who, question) = shrunk.min_by_key(|(raw, ..)| raw.to_string().len()).unwrap();
    let aaguid = question.case.candidate.passkey.aaguid;
    let times = cases.len();
    format!("{times} times: the text says {ours:?}, the engine {theirs:?}\n{raw:#}\n{who:?} {aaguid}: {question:?}")
}

fn survey() -> Seen {
    let (half, mut seen) = (TENANTS / 2, Seen::default());
    thread::scope(|scope| {
        let halves = [0..half, half..TENANTS].map(|seeds| scope.spawn(|| survey_of(seeds)));
        halves.into_iter().for_each(|half| seen.add(half.join().unwrap()));
    });
    seen
}

fn survey_of(seeds: Range<u64>) -> Seen {
    let mut seen = Seen::default();
    for seed in seeds {
        let draw = &mut Draw::new(seed);
        let raw = policies::tenant(draw);
        let tenant = read(&raw).unwrap_or_else(|| panic!("tenant {seed} cannot be read: {raw:#}"));
        for _ in 0..PEOPLE {
            let who = who(draw);
            let registrations: Vec<_> = (0..PASSKEYS).map(|_| question(draw)).collect();
            let sign_ins = registrations.iter().map(|question| Question { registering: false, ..question.clone() });
            let questions: Vec<_> = sign_ins.chain(registrations.iter().cloned()).collect();
            seen.ask(&raw, &tenant, &who, &questions);
        }
    }
    seen
}

/// 100,000 combinations of tenant, person and passkey, each registered and signed in with.
#[test]
fn a_second_reading_of_the_text_agrees_with_the_engine() {
    let seen = survey();
    assert!(seen.differences.is_empty(), "{}", seen.report());
    let combinations: usize = seen.answers.iter().filter(|((registering, _), _)| *registering).map(|(_, n)| n).sum();
    assert_eq!(combinations, 100_000);
    let thin: Vec<_> = EXPECTED.iter().filter(|expected| often(&seen, expected) < 20).collect();
    assert!(thin.is_empty(), "hardly ever asked: {thin:?} of {:#?}", seen.answers);
}

fn often(seen: &Seen, (registering, verdict, because): &(bool, &str, &str)) -> usize {
    let wanted = |(asked, answer): &(bool, Answer)| {
        asked == registering && answer.verdict == *verdict && answer.because == *because
    };
    seen.answers.iter().filter(|(key, _)| wanted(key)).map(|(_, count)| count).sum()
}

/// Answers that the random cases must reach, or they prove little: whether registering, verdict, reason.
const EXPECTED: &[(bool, &str, &str)] = &[
    (true, "allowed", ""),
    (true, "refused", ""),
    (true, "refused", "entra/algorithm"),
    (true, "refused", "entra/attestation"),
    (true, "refused", "entra/batch-attestation"),
    (true, "refused", "entra/fresh-mfa"),
    (true, "refused", "entra/graph-caller"),
    (true, "refused", "entra/graph-format"),
    (true, "refused", "entra/in-scope"),
    (true, "refused", "entra/key-restrictions"),
    (true, "refused", "entra/legacy-settings"),
    (true, "refused", "entra/method-enabled"),
    (true, "refused", "entra/not-excluded"),
    (true, "refused", "entra/not-guest"),
    (true, "refused", "entra/one-time-pass"),
    (true, "refused", "entra/passkey-type"),
    (true, "refused", "entra/self-attestation"),
    (true, "refused", "entra/self-service"),
    (true, "refused", "entra/statement-format"),
    (true, "refused", "entra/windows-hello"),
    (true, "refused", "entra/windows-hello-container"),
    (true, "refused", "second-opinion/forged"),
    (true, "unknown", "entra/attestation"),
    (true, "unknown", "entra/key-restrictions"),
    (true, "unknown", "entra/method-enabled"),
    (true, "unknown", "entra/passkey-type"),
    (true, "unknown", "second-opinion/not-built"),
    (false, "allowed", ""),
    (false, "refused", "entra/in-scope"),
    (false, "refused", "entra/key-restrictions"),
    (false, "refused", "entra/legacy-settings"),
    (false, "refused", "entra/method-enabled"),
    (false, "refused", "entra/not-excluded"),
    (false, "refused", "entra/passkey-type"),
    (false, "refused", "entra/self-service"),
    (false, "refused", "entra/synced-after-attestation"),
    (false, "refused", "entra/windows-hello"),
    (false, "refused", "second-opinion/forged"),
    (false, "unknown", "entra/key-restrictions"),
];
