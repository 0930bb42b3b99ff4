//! Windows Hello in a profile that does not name it.

use std::fmt;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, ProfileRef, Rule, Stage};
use crate::aaguids;
use crate::evaluate::Subject;
use crate::policy::Restriction;
use crate::reason::{Cause, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/windows-hello",
        Document::Entra,
        "Entra passkey on Windows, prerequisites",
        "The profile takes Windows Hello.",
    )
    .step(8),
    what: "Whether a profile takes Windows Hello although it names the three AAGUIDs on no enforced allow list: it has no \
           key restrictions, or a block list.",
    why: "The preview needed an allow list with the three; general availability dropped that, and the page of July 2026 \
          still says that the profile must allow them.",
    example: "The default profile after migration has no key restrictions: Windows Hello is taken.",
    graph_property: "passkeyProfile.keyRestrictions",
    evidence: Evidence::Assumed,
    source: &source::WINDOWS,
    switches: &[&switches::WINDOWS_HELLO_UNLISTED],
    stage: Stage::Profile(judge),
};

#[derive(Debug)]
struct Unlisted(ProfileRef);

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does not name Windows Hello on an enforced allow list, which lab.json demands.", self.0.name())
    }
}

impl Cause for Unlisted {
    fn advice(&self) -> Option<String> {
        let all = [aaguids::WINDOWS_HELLO_HARDWARE, aaguids::WINDOWS_HELLO_VBS, aaguids::WINDOWS_HELLO_SOFTWARE];
        let all = all.map(|aaguid| aaguid.to_string()).join(", ");
        Some(format!("Enforce an allow list in {} and add {all}.", self.0.name()))
    }
}

fn judge<'a>(subject: &Subject<'a>, held: &Held<'a>) -> Finding<'a> {
    let aaguid = subject.passkey.aaguid;
    if !aaguids::is_windows_hello(aaguid) {
        return held.not_applicable();
    }
    let keys = &held.profile.keys;
    let named = keys.restriction == Restriction::Allow && keys.lists(aaguid);
    if named || !subject.policy.switches.other(&switches::WINDOWS_HELLO_UNLISTED) {
        return Finding { expected: Some(held.profile.demands.keys.as_str().into()), ..Finding::pass() };
    }
    refused(Unlisted(ProfileRef::of(subject, held))).values(held.profile.demands.keys.as_str(), aaguid)
}
