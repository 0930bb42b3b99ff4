//! The method is on.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::graph::AuthenticationMethodState as State;
use crate::reason::{Cause, Plain, refused, undecided};
use crate::source::{self, Evidence};
use std::fmt;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/method-enabled",
        Document::Entra,
        "passkey profiles, how a user is evaluated",
        "Passkeys are switched on in the tenant.",
    )
    .step(1),
    what: "Whether anybody in the tenant can register or use a passkey.",
    why: "A method that is off is off for everybody, with the passkeys that are already registered.",
    example: "state is “disabled”: every registration and every sign-in with a passkey is refused.",
    graph_property: "fido2AuthenticationMethodConfiguration.state",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
    switches: &[],
    stage: Stage::User(judge),
};

const ADVICE: &str = "Set state to “enabled”: Entra admin center, Authentication methods, Policies, Passkey (FIDO2).";

#[derive(Debug)]
struct UnknownState(String);

impl fmt::Display for UnknownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy's state is “{}”, which the lab does not know.", self.0.escape_debug())
    }
}

impl Cause for UnknownState {}

fn judge<'a>(case: &Case<'a>) -> Finding<'a> {
    match &case.policy.state {
        Some(State::Enabled) => Finding::pass_with("enabled"),
        Some(State::Disabled) => refused(Plain {
            sentence: "the policy's state is “disabled”, so nobody can register or use a passkey.",
            advice: Some(ADVICE),
        })
        .values("enabled", "disabled"),
        None => refused(Plain {
            sentence: "the policy does not give its state, and Graph's factory default is “disabled”.",
            advice: Some(ADVICE),
        })
        .values("enabled", "(missing)"),
        Some(State::Unknown(text)) => undecided(UnknownState(text.clone())).values("enabled", text.as_str()),
    }
}
