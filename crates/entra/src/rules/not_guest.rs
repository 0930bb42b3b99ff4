//! The user is no guest.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::circumstances::Circumstances;
use crate::reason::{Plain, refused};
use crate::scope::Standing;
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/not-guest",
        Document::Entra,
        "passkeys (FIDO2), known issues: guest users",
        "The user is no guest of the tenant.",
    )
    .step(4),
    what: "Whether guests can register passkeys in the tenant that they visit. They cannot, whatever the targets say.",
    why: "Guests register in their own tenant.",
    example: "userType is “Guest”: Security info of the visited tenant refuses.",
    graph_property: "user.userType",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
    switches: &[&switches::B2B_MEMBERS],
    stage: Stage::Circumstances(judge),
};

const ADVICE: &str = "Let the user register a passkey in the home tenant and trust its multifactor authentication \
                      (cross-tenant access settings), or make the user a member.";

fn judge<'a>(case: &Case<'a>, _: &'a Circumstances) -> Finding<'a> {
    let (sentence, actual) = match case.facts.standing {
        Standing::Member => return Finding::pass(),
        Standing::Guest => ("the user's userType is “Guest”, and guests cannot register passkeys.", "Guest"),
        Standing::B2bMember => {
            ("the user is a B2B user of type Member, and lab.json takes those as guests.", "B2B member")
        }
    };
    refused(Plain { sentence, advice: Some(ADVICE) }).values("Member", actual)
}
