//! The profile takes this AAGUID.

use std::fmt;

use lab_protocol::Aaguid;
use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, ProfileRef, Rule, Stage};
use crate::aaguids::Named;
use crate::evaluate::Subject;
use crate::policy::{Keys, Profile, Restriction};
use crate::reason::{Cause, refused, undecided};
use crate::source::{self, Evidence};
use crate::switches::{self, Switches};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/key-restrictions",
        Document::Entra,
        "passkey profiles, key restrictions",
        "The profile's key restrictions take the passkey's AAGUID.",
    )
    .step(8),
    what: "Which models a profile takes, by an enforced list of AAGUIDs that are allowed or blocked; at registration \
           and at every sign-in.",
    why: "Without enforced attestation the AAGUID is only what the passkey says of itself.",
    example: "The allow list has the two of Microsoft Authenticator: a YubiKey is refused, and an AAGUID that is taken \
              off the list locks out whoever uses it.",
    graph_property: "passkeyProfile.keyRestrictions",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
    switches: &[&switches::EMPTY_ALLOW_LIST],
    stage: Stage::Profile(judge),
};

/// Whether the restrictions take an AAGUID; `None` where the lab cannot tell.
pub(super) fn takes(keys: &Keys, aaguid: Aaguid, switches: Switches) -> Option<bool> {
    match &keys.restriction {
        Restriction::None => Some(true),
        Restriction::Allow if keys.empty => Some(switches.other(&switches::EMPTY_ALLOW_LIST)),
        Restriction::Allow => Some(keys.lists(aaguid)),
        Restriction::Block => Some(!keys.lists(aaguid)),
        Restriction::Unknown(_) => None,
    }
}

#[derive(Debug)]
struct NotTaken {
    profile: ProfileRef,
    aaguid: Aaguid,
    switches: Switches,
}

impl NotTaken {
    fn restriction(&self) -> Option<&Restriction> {
        self.profile.profile().map(|profile| &profile.keys.restriction)
    }

    fn empty(&self) -> bool {
        self.profile.profile().is_some_and(|profile| profile.keys.aaguids.is_empty())
    }
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (profile, aaguid) = (self.profile.name(), Named(self.aaguid));
        match self.restriction() {
            Some(Restriction::Block) => write!(f, "the AAGUID {aaguid} is on the block list of {profile}."),
            _ if self.empty() => {
                write!(f, "the allow list of {profile} is enforced and names no AAGUID, so it takes none.")
            }
            _ => write!(f, "the AAGUID {aaguid} is not on the allow list of {profile}."),
        }
    }
}

impl Cause for NotTaken {
    fn advice(&self) -> Option<String> {
        let accepts = |profile: &Profile| takes(&profile.keys, self.aaguid, self.switches) == Some(true);
        let other = self.profile.alternative(accepts);
        let (profile, aaguid) = (self.profile.name(), self.aaguid);
        Some(match self.restriction() {
            Some(Restriction::Block) => format!("Take {aaguid} off the block list of {profile}{other}."),
            _ => format!("Add {aaguid} to the allow list of {profile}{other}."),
        })
    }
}

#[derive(Debug)]
struct UnknownRestriction(ProfileRef);

impl fmt::Display for UnknownRestriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0.profile().map(|profile| &profile.keys.restriction) {
            Some(Restriction::Unknown(text)) => text.as_str(),
            _ => "",
        };
        write!(f, "key restrictions of {} are enforced, and their enforcementType ", self.0.name())?;
        if text.is_empty() {
            f.write_str("is missing.")
        } else {
            write!(f, "is “{}”, which the lab does not know.", text.escape_debug())
        }
    }
}

impl Cause for UnknownRestriction {}

fn judge<'a>(subject: &Subject<'a>, held: &Held<'a>) -> Finding<'a> {
    let (profile, aaguid, switches) = (held.profile, subject.passkey.aaguid, subject.policy.switches);
    let demand = profile.demands.keys.as_str();
    match takes(&profile.keys, aaguid, switches) {
        Some(true) => Finding { expected: Some(demand.into()), ..Finding::pass() },
        Some(false) => {
            let profile = ProfileRef::of(subject, held);
            refused(NotTaken { profile, aaguid, switches }).values(demand, aaguid)
        }
        None => undecided(UnknownRestriction(ProfileRef::of(subject, held))).values(demand, aaguid),
    }
}
