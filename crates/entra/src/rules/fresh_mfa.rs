//! The user authenticated with several factors just before.

use std::fmt;

use jiff::SignedDuration;
use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::circumstances::{Caller, Circumstances, Mfa, RegistrationPath};
use crate::reason::{Cause, Plain, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// How old multifactor authentication may be in Security info.
pub const SECURITY_INFO: SignedDuration = SignedDuration::from_mins(5);
/// How old it may be over Graph, for one's own methods.
pub const GRAPH_SELF: SignedDuration = SignedDuration::from_mins(10);

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/fresh-mfa",
        Document::Entra,
        "passkeys (FIDO2), register a passkey",
        "The user has just authenticated with several factors.",
    )
    .step(3),
    what: "How old multifactor authentication may be when a passkey is registered: five minutes, over Graph for oneself ten.",
    why: "Who finds an open session must not be able to add a passkey to it. Whether the app asks for five minutes too \
          is the lab's reading.",
    example: "Signed in with a password and a push at nine; Security info at ten past nine asks again.",
    graph_property: "none: it is built in",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
    switches: &[&switches::FRESH_MFA_IN_APP],
    stage: Stage::Circumstances(judge),
};

#[derive(Debug)]
struct Stale {
    age: SignedDuration,
    limit: SignedDuration,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (age, limit) = (self.age.as_secs(), self.limit.as_mins());
        if age < 0 {
            return write!(f, "the multifactor authentication lies {} s in the future.", age.unsigned_abs());
        }
        write!(
            f,
            "the multifactor authentication is {} min {} s old, and at most {limit} min are taken.",
            age / 60,
            age % 60
        )
    }
}

impl Cause for Stale {
    fn advice(&self) -> Option<String> {
        Some("Sign in again with two factors (a Temporary Access Pass counts), then register at once.".to_owned())
    }
}

fn judge<'a>(case: &Case<'a>, circumstances: &'a Circumstances) -> Finding<'a> {
    let Some(limit) = limit(case, circumstances.path) else { return Finding::not_applicable() };
    match circumstances.mfa {
        Mfa::NotStated => Finding::caller(),
        Mfa::OneTimePass(_) => Finding::not_applicable(),
        Mfa::Missing => refused(Plain {
            sentence: "the user signed in with one factor only.",
            advice: Some("Sign in with a second factor, or with a Temporary Access Pass."),
        }),
        Mfa::Age(age) if age <= limit && !age.is_negative() => Finding::pass(),
        Mfa::Age(age) => refused(Stale { age, limit }).values(limit.as_secs(), age.as_secs()),
    }
}

/// How old it may be; `None` where it does not matter.
fn limit(case: &Case<'_>, path: RegistrationPath) -> Option<SignedDuration> {
    match path {
        RegistrationPath::SecurityInfo => Some(SECURITY_INFO),
        RegistrationPath::InApp if case.policy.switches.other(&switches::FRESH_MFA_IN_APP) => None,
        RegistrationPath::InApp => Some(SECURITY_INFO),
        RegistrationPath::Graph(Caller::Themself) => Some(GRAPH_SELF),
        RegistrationPath::Graph(Caller::Administrator | Caller::Other) => None,
    }
}
