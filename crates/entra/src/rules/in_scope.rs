//! A profile is in scope for the user.

use std::fmt;
use std::sync::Arc;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::policy::Policy;
use crate::reason::{Cause, Plain, noted, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/in-scope",
        Document::Entra,
        "passkey profiles, how a user is evaluated",
        "At least one include target that reaches the user allows a profile.",
    )
    .step(1),
    what: "Which profiles a passkey of the user may be held against: those of every include target that reaches the user.",
    why: "A user whom no target reaches has no profile that a passkey could match.",
    example: "Only the group “Pilots” is a target: a user outside it is refused, with any passkey.",
    graph_property: "fido2AuthenticationMethodConfiguration.includeTargets, allowedPasskeyProfiles",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
    switches: &[
        &switches::EMPTY_ALLOWED_PROFILES,
        &switches::USER_TARGETS,
        &switches::NESTED_GROUPS,
        &switches::OUTSIDE_TARGETS,
    ],
    stage: Stage::User(judge),
};

#[derive(Debug)]
struct OutOfScope {
    policy: Arc<Policy>,
    targeted: bool,
}

impl OutOfScope {
    fn labels(&self) -> String {
        let labels: Vec<_> = self.policy.includes.iter().take(5).map(|target| format!("“{}”", target.label)).collect();
        let more = if self.policy.includes.len() > labels.len() { " and others" } else { "" };
        format!("{}{more}", labels.join(", "))
    }
}

impl fmt::Display for OutOfScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.targeted, self.policy.includes.is_empty()) {
            (true, _) => f.write_str("targets reach the user, but none of them allows a profile that the tenant has."),
            (false, true) => f.write_str("the policy has no include target, so that it reaches nobody."),
            (false, false) => write!(f, "the user is in none of the targets {}.", self.labels()),
        }
    }
}

impl Cause for OutOfScope {
    fn advice(&self) -> Option<String> {
        Some(match (self.targeted, self.policy.includes.is_empty()) {
            (true, _) => {
                "Name at least one profile in allowedPasskeyProfiles of the target that reaches the user.".to_owned()
            }
            (false, true) => "Add an include target: a group, or all_users.".to_owned(),
            (false, false) => format!("Add the user to a group among {}, or add a target.", self.labels()),
        })
    }
}

fn judge<'a>(case: &Case<'a>) -> Finding<'a> {
    if !case.facts.profiles.is_empty() {
        return Finding::pass_with(case.facts.profiles.len());
    }
    let signing_in = case.circumstances.is_none();
    let outside = !case.facts.targeted;
    if signing_in && outside && case.policy.switches.other(&switches::OUTSIDE_TARGETS) {
        return noted(Plain {
            sentence: "No include target reaches the user; lab.json lets registered passkeys work all the same.",
            advice: None,
        });
    }
    refused(OutOfScope { policy: Arc::clone(case.policy), targeted: case.facts.targeted })
        .values("at least one profile", "none")
}
