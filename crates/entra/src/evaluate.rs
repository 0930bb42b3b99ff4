//! One registration, or one sign-in, held against a tenant.
//!
//! Order in which rules decide. Registration: the user (method on, not excluded, in scope), the
//! circumstances (self-service, Graph's caller, fresh authentication, no guest), **the WebAuthn
//! ceremony**, the passkey (algorithm, classification, attestation), the profiles. Sign-in: the user,
//! the passkey and the profiles without attestation, **then the WebAuthn ceremony**.
//!
//! The ceremony is the caller's. Its outcome is an argument ([`Ceremony`]), so that the first failure in
//! this order decides, whosever it is, while every rule is still asked and shown.
//!
//! Any one profile must match as a whole. When none does, the first rule that fails of the *nearest*
//! profile decides: the profile with the fewest failed rules, the first of them in the tenant's order.
//! A rule that fails for a profile decides nothing once another profile matches: it is a note then.
//!
//! Source: `how-to-authentication-passkey-profiles.md` @06cae533, read 2026-11-20; the order between
//! the groups of rules is the lab's.

use std::sync::Arc;

use lab_protocol::trace::{Check, Finding, Outcome, Trace};

use crate::attestation::{self, Level};
use crate::candidate::{AttestationFacts, Candidate, Passkey};
use crate::circumstances::Circumstances;
use crate::decision::{Ceremony, CeremonyOutcome, Decision, ProfileOutcome, Verdict};
use crate::graph::{AttestationLevel, PasskeyType};
use crate::policy::Policy;
use crate::reason::{Plain, as_note, is_undecided, undecided};
use crate::rules::{self, Case, Held, RULES, Rule, Stage};
use crate::scope::UserFacts;
use crate::tenant::Tenant;

/// Holds a registration against the tenant.
#[must_use]
pub fn register<'a>(
    tenant: &'a Tenant,
    facts: &'a UserFacts,
    circumstances: &'a Circumstances,
    ceremony: Ceremony<'a, Candidate<'a>>,
) -> Decision<'a> {
    let case = Case { policy: &tenant.policy, facts, circumstances: Some(circumstances) };
    let subject = ceremony.says.map(|candidate| Subject::registering(case.policy, circumstances, candidate));
    let mut run = Run::new();
    run.before(&case);
    run.ceremony(ceremony.outcome);
    run.after(&case, subject.as_ref(), ceremony.outcome);
    run.decision(subject.as_ref())
}

/// Holds a sign-in against the tenant. `ceremony.says` is the passkey as it was registered.
#[must_use]
pub fn sign_in<'a>(tenant: &'a Tenant, facts: &'a UserFacts, ceremony: Ceremony<'a, Passkey>) -> Decision<'a> {
    let case = Case { policy: &tenant.policy, facts, circumstances: None };
    let subject = ceremony.says.map(|passkey| Subject::new(case.policy, *passkey));
    let mut run = Run::new();
    run.before(&case);
    run.after(&case, subject.as_ref(), ceremony.outcome);
    run.ceremony(ceremony.outcome);
    run.decision(subject.as_ref())
}

/// The passkey, as the rules see it.
pub(crate) struct Subject<'a> {
    pub(crate) policy: &'a Arc<Policy>,
    pub(crate) passkey: Passkey,
    pub(crate) kind: PasskeyType,
    /// `None` at sign-in.
    pub(crate) registering: Option<Registering<'a>>,
}

/// What there is to ask at a registration only.
pub(crate) struct Registering<'a> {
    pub(crate) circumstances: &'a Circumstances,
    pub(crate) attestation: &'a AttestationFacts<'a>,
    pub(crate) algorithm: i64,
    pub(crate) level: Level,
}

impl<'a> Subject<'a> {
    fn new(policy: &'a Arc<Policy>, passkey: Passkey) -> Self {
        let kind = rules::classification::classify(passkey, policy.switches);
        Self { policy, passkey, kind, registering: None }
    }

    fn registering(policy: &'a Arc<Policy>, circumstances: &'a Circumstances, candidate: &'a Candidate<'a>) -> Self {
        let level = attestation::conclude(candidate, circumstances.path, policy.switches);
        let registering =
            Registering { circumstances, attestation: &candidate.attestation, algorithm: candidate.algorithm, level };
        Self { registering: Some(registering), ..Self::new(policy, candidate.passkey) }
    }
}

/// An evaluation under way.
struct Run<'a> {
    trace: Trace<'a>,
    failed: Option<&'static Check>,
    undecided: Option<&'static Check>,
    /// There was no response: nothing is allowed, and no rule need have refused.
    no_response: bool,
    profiles: Vec<ProfileOutcome<'a>>,
}

impl<'a> Run<'a> {
    fn new() -> Self {
        Self { trace: Trace::new(), failed: None, undecided: None, no_response: false, profiles: Vec::new() }
    }

    /// Records what a rule found, and whether it decides.
    fn record(&mut self, rule: &'static Rule, finding: Finding<'a>) {
        if finding.outcome == Outcome::Fail {
            self.failed.get_or_insert(&rule.check);
        } else if is_undecided(&finding) {
            self.undecided.get_or_insert(&rule.check);
        }
        self.trace.check(&rule.check, finding);
    }

    /// The rules that ask nothing of the passkey.
    fn before(&mut self, case: &Case<'a>) {
        for rule in RULES {
            match (rule.stage, case.circumstances) {
                (Stage::User(judge), _) => self.record(rule, judge(case)),
                (Stage::Circumstances(judge), Some(circumstances)) => self.record(rule, judge(case, circumstances)),
                _ => {}
            }
        }
    }

    /// Lets the caller's ceremony decide in its place.
    fn ceremony(&mut self, outcome: CeremonyOutcome) {
        match outcome {
            CeremonyOutcome::Valid => {}
            CeremonyOutcome::Invalid(check) => _ = self.failed.get_or_insert(check),
            CeremonyOutcome::Undecided(check) => _ = self.undecided.get_or_insert(check),
            CeremonyOutcome::NoResponse => self.no_response = true,
        }
    }

    /// The rules that ask about the passkey, then the profiles.
    fn after(&mut self, case: &Case<'a>, subject: Option<&Subject<'a>>, outcome: CeremonyOutcome) {
        let Some(subject) = subject else { return self.not_judged(case, outcome) };
        for rule in RULES {
            match (rule.stage, &subject.registering) {
                (Stage::Passkey(judge), _) => self.record(rule, judge(subject)),
                (Stage::Registration(judge), Some(registering)) => self.record(rule, judge(subject, registering)),
                _ => {}
            }
        }
        if case.facts.profiles.is_empty() { self.no_profiles(case) } else { self.hold(case, subject) }
    }

    /// Holds the passkey against every profile in scope, and records the nearest first.
    fn hold(&mut self, case: &Case<'a>, subject: &Subject<'a>) {
        let profiles = case
            .facts
            .profiles
            .iter()
            .filter_map(|index| Some(Held { profile: case.policy.profiles.get(*index)?, index: *index }));
        let mut findings = Vec::with_capacity(case.facts.profiles.len());
        let mut matched = None;
        for held in profiles {
            let answers = Answers::new(subject, &held);
            matched = matched.or_else(|| answers.outcome.matches.then_some(held));
            findings.push((answers.outcome.matches, answers.outcome.failed.len(), answers.findings));
            self.profiles.push(answers.outcome);
        }
        findings.sort_by_key(|(matches, failed, _)| (!matches, *failed));
        let certain = matched.is_none() && findings.iter().all(|(_, failed, _)| *failed > 0);
        for (.., findings) in findings {
            self.record_profile(findings, matched.is_some(), certain);
        }
        let summary = rules::profile_match::summary(subject, matched, self.profiles.len(), certain);
        self.trace.check(&rules::profile_match::RULE.check, summary);
    }

    /// A failure refuses only where every profile certainly fails; else it is a note.
    fn record_profile(&mut self, findings: Findings<'a>, matched: bool, certain: bool) {
        for (rule, mut finding) in findings {
            if finding.outcome == Outcome::Fail && !certain {
                finding = as_note(finding);
            }
            if matched {
                self.trace.check(&rule.check, finding);
            } else {
                self.record(rule, finding);
            }
        }
    }

    /// No profile is in scope: the rules of profiles cannot be judged, or need not be.
    fn no_profiles(&mut self, case: &Case<'a>) {
        let scope = &rules::in_scope::RULE.check;
        let refused = self.trace.entry(scope.id).is_some_and(|entry| entry.finding.outcome == Outcome::Fail);
        let finding = || if refused { Finding::not_judged(scope) } else { Finding::not_applicable() };
        for rule in profile_rules(case) {
            self.trace.check(&rule.check, finding());
        }
    }

    /// There is nothing to judge the passkey by.
    fn not_judged(&mut self, case: &Case<'a>, outcome: CeremonyOutcome) {
        let finding = || match outcome {
            CeremonyOutcome::Invalid(check) | CeremonyOutcome::Undecided(check) => Finding::not_judged(check),
            CeremonyOutcome::Valid | CeremonyOutcome::NoResponse => {
                undecided(Plain { sentence: "there is no response.", advice: None })
            }
        };
        if matches!(outcome, CeremonyOutcome::Valid) {
            self.no_response = true;
        }
        let asks = |rule: &Rule| match rule.stage {
            Stage::Passkey(_) => true,
            Stage::Registration(_) => case.circumstances.is_some(),
            _ => false,
        };
        let rules = RULES.iter().copied().filter(|rule| asks(rule)).chain(profile_rules(case));
        for rule in rules {
            self.trace.check(&rule.check, finding());
        }
    }

    fn decision(self, subject: Option<&Subject<'a>>) -> Decision<'a> {
        let (verdict, decided_by) = match (self.failed, self.no_response, self.undecided) {
            (Some(check), _, _) => (Verdict::Refused, Some(check)),
            (None, true, _) => (Verdict::Refused, None),
            (None, false, Some(check)) => (Verdict::Unknown, Some(check)),
            (None, false, None) => (Verdict::Allowed, None),
        };
        let level = subject.and_then(|subject| subject.registering.as_ref()).and_then(|it| it.level.attested());
        Decision {
            verdict,
            decided_by,
            passkey_type: subject.map(|subject| subject.kind.clone()),
            attestation_level: level.map(|attested| match attested {
                true => AttestationLevel::Attested,
                false => AttestationLevel::NotAttested,
            }),
            matched: self.profiles.iter().position(|profile| profile.matches),
            profiles: self.profiles,
            trace: self.trace,
        }
    }
}

/// The rules of profiles that this ceremony asks, with the one that sums up.
fn profile_rules(case: &Case<'_>) -> impl Iterator<Item = &'static Rule> {
    let registering = case.circumstances.is_some();
    RULES.iter().copied().filter(move |rule| match rule.stage {
        Stage::Profile(_) | Stage::Summary => true,
        Stage::RegistrationProfile(_) => registering,
        Stage::SignInProfile(_) => !registering,
        _ => false,
    })
}

/// What each rule found about one profile.
type Findings<'a> = Vec<(&'static Rule, Finding<'a>)>;

/// One profile's answers.
struct Answers<'a> {
    outcome: ProfileOutcome<'a>,
    findings: Findings<'a>,
}

impl<'a> Answers<'a> {
    fn new(subject: &Subject<'a>, held: &Held<'a>) -> Self {
        let mut findings = Vec::with_capacity(8);
        for rule in RULES {
            match (rule.stage, &subject.registering) {
                (Stage::Profile(judge), _) => findings.push((*rule, judge(subject, held))),
                (Stage::RegistrationProfile(judge), Some(it)) => findings.push((*rule, judge(subject, it, held))),
                (Stage::SignInProfile(judge), None) => findings.push((*rule, judge(subject, held))),
                _ => {}
            }
        }
        let those = |wanted: fn(&Finding<'a>) -> bool| -> Vec<&'static Rule> {
            findings.iter().filter(|(_, finding)| wanted(finding)).map(|(rule, _)| *rule).collect()
        };
        let failed = those(|finding| finding.outcome == Outcome::Fail);
        let undecided = those(is_undecided);
        let matches = failed.is_empty() && undecided.is_empty();
        let outcome = ProfileOutcome { id: &held.profile.id, name: &held.profile.name, matches, failed, undecided };
        Self { outcome, findings }
    }
}
