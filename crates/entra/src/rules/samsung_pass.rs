//! Samsung Pass is judged by its flags.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Rule, Stage};
use crate::aaguids;
use crate::evaluate::Subject;
use crate::reason::{Plain, noted};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/samsung-pass",
        Document::Lab,
        "Samsung Pass",
        "A passkey of Samsung Pass is what its flags say.",
    )
    .step(6)
    .cannot_fail("it is a note; profiles decide"),
    what: "What Samsung Pass is to a profile, which is sold as synced and was seen with BE = 0, BS = 0 and packed x5c.",
    why: "On Samsung phones it is the default store: the commonest cause of “it doesn't work”.",
    example: "A profile that takes deviceBound only takes Samsung Pass, as long as flags decide.",
    graph_property: "passkeyProfile.passkeyTypes",
    evidence: Evidence::Assumed,
    source: &source::PASSKEY_PROVIDERS,
    switches: &[&switches::SAMSUNG_PASS],
    stage: Stage::Passkey(judge),
};

fn judge<'a>(subject: &Subject<'a>) -> Finding<'a> {
    if subject.passkey.aaguid != aaguids::SAMSUNG_PASS {
        return Finding::not_applicable();
    }
    let by_name = subject.policy.switches.other(&switches::SAMSUNG_PASS);
    let sentence = match by_name {
        true => "Samsung Pass is taken as synced, because lab.json says so.",
        false => {
            "Samsung Pass is sold as synced; the lab judges it by its flags, which may differ from Entra's answer."
        }
    };
    noted(Plain {
        sentence,
        advice: Some("On Samsung phones choose Microsoft Authenticator as the preferred passkey service."),
    })
}
