//! The user is excluded by no target.

use std::fmt;
use std::sync::Arc;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::policy::Policy;
use crate::reason::{Cause, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/not-excluded",
        Document::Entra,
        "passkey profiles, how a user is evaluated",
        "No exclude target reaches the user.",
    )
    .step(1),
    what: "Whether the user is in a group that the policy excludes.",
    why: "An exclusion beats every inclusion, at registration and at sign-in.",
    example: "A member of “Pilots” (included) who is also in “Contractors” (excluded) can use no passkey.",
    graph_property: "fido2AuthenticationMethodConfiguration.excludeTargets",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
    switches: &[&switches::NESTED_GROUPS, &switches::USER_TARGETS],
    stage: Stage::User(judge),
};

#[derive(Debug)]
struct Excluded {
    policy: Arc<Policy>,
    target: usize,
    included: bool,
}

impl Excluded {
    fn label(&self) -> &str {
        self.policy.excludes.get(self.target).map_or("", |target| &target.label)
    }
}

impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the exclude target “{}” reaches the user", self.label())?;
        f.write_str(if self.included { ", and an exclusion beats every inclusion." } else { "." })
    }
}

impl Cause for Excluded {
    fn advice(&self) -> Option<String> {
        Some(format!("Take the user out of “{0}”, or take “{0}” out of excludeTargets.", self.label()))
    }
}

fn judge<'a>(case: &Case<'a>) -> Finding<'a> {
    let Some(target) = case.facts.excluded_by.first() else { return Finding::pass() };
    let label = case.policy.excludes.get(*target).map_or("", |target| target.label.as_str());
    let cause = Excluded { policy: Arc::clone(case.policy), target: *target, included: case.facts.targeted };
    refused(cause).values("excluded by no target", label)
}
