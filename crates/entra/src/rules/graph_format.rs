//! Over Graph, the statement is `packed` or `none`.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Rule, Stage};
use crate::circumstances::RegistrationPath;
use crate::evaluate::{Registering, Subject};
use crate::reason::{Plain, refused};
use crate::source::{self, Evidence};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/graph-format",
        Document::Entra,
        "Graph, POST fido2Methods (beta)",
        "Over Graph, the attestation has the format “packed” or “none”.",
    )
    .step(7),
    what: "Which attestation formats can be registered through fido2Methods.",
    why: "The page of that API says that no other format works through it, whatever a profile would take.",
    example: "A passkey with a “tpm” statement can be registered in Security info and not over Graph.",
    graph_property: "users/{id}/authentication/fido2Methods",
    evidence: Evidence::Documented,
    source: &source::GRAPH_METHODS,
    switches: &[],
    stage: Stage::Registration(judge),
};

fn judge<'a>(_: &Subject<'a>, registering: &Registering<'a>) -> Finding<'a> {
    let format = registering.attestation.format;
    match (registering.circumstances.path, format) {
        (RegistrationPath::SecurityInfo | RegistrationPath::InApp, _) => Finding::not_applicable(),
        (RegistrationPath::Graph(_), "packed" | "none") => Finding::pass_with(format),
        (RegistrationPath::Graph(_), _) => refused(Plain {
            sentence: "this API takes no other attestation formats.",
            advice: Some("Register the passkey in Security info."),
        })
        .values("packed or none", format),
    }
}
