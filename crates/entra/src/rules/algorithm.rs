//! The key's algorithm is one that Entra offers.

use std::fmt;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Rule, Stage};
use crate::evaluate::{Registering, Subject};
use crate::reason::{Cause, refused};
use crate::source::{self, Evidence};

/// ES256 and RS256, the algorithms of Entra's `pubKeyCredParams`.
pub const ALGORITHMS: [i64; 2] = [-7, -257];

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/algorithm",
        Document::Entra,
        "creation options of a live tenant",
        "The passkey's algorithm is ES256 (-7) or RS256 (-257).",
    )
    .step(5),
    what: "Which COSE algorithms a passkey's key may have.",
    why: "Entra offers these two in pubKeyCredParams; a client has no reason to send another.",
    example: "An authenticator that makes EdDSA keys (-8) only cannot be registered.",
    graph_property: "webauthnCredentialCreationOptions.publicKey.pubKeyCredParams",
    evidence: Evidence::Observed,
    source: &source::DSINTERNALS,
    switches: &[],
    stage: Stage::Registration(judge),
};

#[derive(Debug)]
struct NotOffered(i64);

impl fmt::Display for NotOffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the passkey's key has the COSE algorithm {}, which Entra does not offer.", self.0)
    }
}

impl Cause for NotOffered {
    fn advice(&self) -> Option<String> {
        Some("Use an authenticator that makes ES256 keys: all common ones do.".to_owned())
    }
}

fn judge<'a>(_: &Subject<'a>, registering: &Registering<'a>) -> Finding<'a> {
    let algorithm = registering.algorithm;
    if ALGORITHMS.contains(&algorithm) {
        return Finding::pass_with(algorithm);
    }
    refused(NotOffered(algorithm)).values(ALGORITHMS.into_iter().collect::<lab_protocol::trace::Value<'_>>(), algorithm)
}
