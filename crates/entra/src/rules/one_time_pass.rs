//! A registration under a one-time pass is finished in time.

use jiff::SignedDuration;
use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::circumstances::{Caller, Circumstances, Mfa, RegistrationPath};
use crate::reason::{Plain, refused};
use crate::source::{self, Evidence};

/// How long after signing in with a one-time pass a registration may be finished.
pub const ONE_TIME_PASS: SignedDuration = SignedDuration::from_mins(10);

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/one-time-pass",
        Document::Entra,
        "Temporary Access Pass",
        "A registration that follows a one-time Temporary Access Pass is finished within ten minutes.",
    )
    .step(3),
    what: "How long a sign-in with a one-time pass serves to register a passwordless method.",
    why: "The pass is the user's only strong factor, and it is spent.",
    example: "Signed in with a one-time pass at nine; at eleven past nine the registration is refused.",
    graph_property: "temporaryAccessPassAuthenticationMethodConfiguration.isUsableOnce",
    evidence: Evidence::Documented,
    source: &source::TEMPORARY_ACCESS_PASS,
    switches: &[],
    stage: Stage::Circumstances(judge),
};

fn judge<'a>(_: &Case<'a>, circumstances: &'a Circumstances) -> Finding<'a> {
    if matches!(circumstances.path, RegistrationPath::Graph(Caller::Administrator | Caller::Other)) {
        // Somebody else registers: how the user last signed in is no part of it.
        return Finding::not_applicable();
    }
    match circumstances.mfa {
        Mfa::OneTimePass(age) if age <= ONE_TIME_PASS && !age.is_negative() => Finding::pass(),
        Mfa::OneTimePass(age) => refused(Plain {
            sentence: "the sign-in with the one-time pass is more than ten minutes old.",
            advice: Some("Issue another pass, sign in with it, and finish the registration within ten minutes."),
        })
        .values(ONE_TIME_PASS.as_secs(), age.as_secs()),
        Mfa::NotStated | Mfa::Missing | Mfa::Age(_) => Finding::not_applicable(),
    }
}
