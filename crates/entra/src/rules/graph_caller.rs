//! Over Graph, an administrator registers for somebody else.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::circumstances::{Caller, Circumstances, RegistrationPath};
use crate::reason::{Plain, refused};
use crate::source::{self, Evidence};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/graph-caller",
        Document::Entra,
        "Graph, creationOptions and POST fido2Methods",
        "Over Graph, an administrator registers the passkey of another user.",
    )
    .step(2),
    what: "Who may register passkeys through fido2Methods.",
    why: "Graph supports administrators who provision keys; it answers 405 methodNotAllowed to users who ask for themselves.",
    example: "GET /me/authentication/fido2Methods/creationOptions answers 405.",
    graph_property: "users/{id}/authentication/fido2Methods",
    evidence: Evidence::Documented,
    source: &source::GRAPH_METHODS,
    switches: &[],
    stage: Stage::Circumstances(judge),
};

fn judge<'a>(_: &Case<'a>, circumstances: &'a Circumstances) -> Finding<'a> {
    let (sentence, advice, actual) = match circumstances.path {
        RegistrationPath::SecurityInfo | RegistrationPath::InApp => return Finding::not_applicable(),
        RegistrationPath::Graph(Caller::Administrator) => return Finding::pass(),
        RegistrationPath::Graph(Caller::Themself) => (
            "the caller asks for a passkey of their own, which Graph answers with 405 methodNotAllowed.",
            "Let an Authentication Administrator call it, or register in Security info.",
            "the user",
        ),
        RegistrationPath::Graph(Caller::Other) => (
            "the caller is no administrator of authentication methods.",
            "Give the caller the role Authentication Administrator (Privileged Authentication Administrator for \
             administrators) and the permission UserAuthMethod-Passkey.ReadWrite.All.",
            "somebody without the role",
        ),
    };
    refused(Plain { sentence, advice: Some(advice) }).values("an administrator", actual)
}
