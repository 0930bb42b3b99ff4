//! The rules, in the order in which they decide. Each is one file and its own manual page.
//!
//! To add one: a file in `rules/`, and its two lines here.

use lab_protocol::trace::{Check, Finding};

use crate::circumstances::Circumstances;
use crate::evaluate::{Registering, Subject};
use crate::policy::{Policy, Profile};
use crate::scope::UserFacts;
use crate::source::{Evidence, Source};
use crate::switches::Switch;
use std::sync::Arc;

pub(crate) mod algorithm;
pub(crate) mod attestation;
pub(crate) mod batch_attestation;
pub(crate) mod classification;
pub(crate) mod fresh_mfa;
pub(crate) mod graph_caller;
pub(crate) mod graph_format;
pub(crate) mod in_app_attestation;
pub(crate) mod in_scope;
pub(crate) mod key_restrictions;
pub(crate) mod legacy_settings;
pub(crate) mod metadata_attestation;
pub(crate) mod method_enabled;
pub(crate) mod not_excluded;
pub(crate) mod not_guest;
pub(crate) mod one_time_pass;
pub(crate) mod passkey_type;
pub(crate) mod profile_match;
pub(crate) mod samsung_pass;
pub(crate) mod self_attestation;
pub(crate) mod self_service;
pub(crate) mod statement_format;
pub(crate) mod synced_after_attestation;
pub(crate) mod windows_hello;
pub(crate) mod windows_hello_container;

/// Every rule, in the order in which they decide (the order of a registration; a sign-in leaves out
/// those that are about registering).
pub static RULES: &[&Rule] = &[
    &method_enabled::RULE,
    &not_excluded::RULE,
    &in_scope::RULE,
    &self_service::RULE,
    &graph_caller::RULE,
    &fresh_mfa::RULE,
    &one_time_pass::RULE,
    &not_guest::RULE,
    &algorithm::RULE,
    &graph_format::RULE,
    &windows_hello_container::RULE,
    &classification::RULE,
    &samsung_pass::RULE,
    &metadata_attestation::RULE,
    &in_app_attestation::RULE,
    &legacy_settings::RULE,
    &passkey_type::RULE,
    &key_restrictions::RULE,
    &windows_hello::RULE,
    &synced_after_attestation::RULE,
    &attestation::RULE,
    &statement_format::RULE,
    &self_attestation::RULE,
    &batch_attestation::RULE,
    &profile_match::RULE,
];

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.check.id == id)
}

/// A rule of Entra's, and its manual page.
#[derive(Debug)]
pub struct Rule {
    /// Its id, and what has to hold.
    pub check: Check,
    /// What it decides.
    pub what: &'static str,
    /// Why it is there.
    pub why: &'static str,
    /// A case of it.
    pub example: &'static str,
    /// The property in Graph that an administrator changes.
    pub graph_property: &'static str,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it comes from.
    pub source: &'static Source,
    /// The switches that change it.
    pub switches: &'static [&'static Switch],
    /// When it is asked, and how.
    pub(crate) stage: Stage,
}

impl PartialEq for Rule {
    /// Rules are one if their ids are.
    fn eq(&self, other: &Self) -> bool {
        self.check.id == other.check.id
    }
}

impl Eq for Rule {}

/// When a rule is asked, which says what it can ask about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// Of the user, before any ceremony, at registration and sign-in.
    User(for<'a> fn(&Case<'a>) -> Finding<'a>),
    /// Of the circumstances of a registration, before its ceremony.
    Circumstances(for<'a> fn(&Case<'a>, &'a Circumstances) -> Finding<'a>),
    /// Of the passkey, whatever the profile.
    Passkey(for<'a> fn(&Subject<'a>) -> Finding<'a>),
    /// Of a registration, whatever the profile.
    Registration(for<'a> fn(&Subject<'a>, &Registering<'a>) -> Finding<'a>),
    /// Of the passkey against one profile.
    Profile(for<'a> fn(&Subject<'a>, &Held<'a>) -> Finding<'a>),
    /// Of a registration against one profile.
    RegistrationProfile(for<'a> fn(&Subject<'a>, &Registering<'a>, &Held<'a>) -> Finding<'a>),
    /// Of a sign-in against one profile.
    SignInProfile(for<'a> fn(&Subject<'a>, &Held<'a>) -> Finding<'a>),
    /// The sum of the profiles.
    Summary,
}

/// What the rules before a ceremony see.
pub(crate) struct Case<'a> {
    pub(crate) policy: &'a Arc<Policy>,
    pub(crate) facts: &'a UserFacts,
    /// `None` at sign-in.
    pub(crate) circumstances: Option<&'a Circumstances>,
}

/// A profile that a passkey is held against.
#[derive(Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) profile: &'a Profile,
    /// Its index in the policy, for causes that outlive the evaluation.
    pub(crate) index: usize,
}

impl<'a> Held<'a> {
    /// The rule has nothing to ask under this profile.
    pub(crate) fn not_applicable(&self) -> Finding<'a> {
        Finding { expected: Some(self.profile.name.as_str().into()), ..Finding::not_applicable() }
    }
}

/// A profile as a cause keeps it.
#[derive(Debug, Clone)]
pub(crate) struct ProfileRef {
    policy: Arc<Policy>,
    index: usize,
}

impl ProfileRef {
    pub(crate) fn of(subject: &Subject<'_>, held: &Held<'_>) -> Self {
        Self { policy: Arc::clone(subject.policy), index: held.index }
    }

    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.policy.profiles.get(self.index)
    }

    /// Its name as a sentence shows it.
    pub(crate) fn name(&self) -> String {
        match self.profile() {
            Some(profile) if profile.implied => "the tenant's legacy policy (it has no profiles)".to_owned(),
            profile => format!("the profile “{}”", profile.map_or("", |profile| &profile.name)),
        }
    }

    /// Another profile that `accepts`, with a target that has it, as advice.
    pub(crate) fn alternative(&self, accepts: impl Fn(&Profile) -> bool) -> String {
        let others = self.policy.profiles.iter().enumerate();
        let other = others.filter(|(index, _)| *index != self.index).find(|(_, profile)| accepts(profile));
        match other {
            Some((index, profile)) => match self.policy.targets_of(index).next() {
                Some(target) => {
                    format!(", or give the user the profile “{}”, which takes it (as {target} has)", profile.name)
                }
                None => format!(", or give the user the profile “{}”, which takes it", profile.name),
            },
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests;
