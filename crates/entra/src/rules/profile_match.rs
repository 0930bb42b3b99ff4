//! One profile matches as a whole.

use std::fmt;

use lab_protocol::trace::{Check, Document, Finding, Outcome};

use super::{Held, ProfileRef, Rule, Stage};
use crate::evaluate::Subject;
use crate::reason::{Cause, noted, passed};
use crate::source::{self, Evidence};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/profile-match",
        Document::Entra,
        "passkey profiles, how a user is evaluated",
        "One of the user's profiles matches the passkey as a whole.",
    )
    .step(8)
    .cannot_fail("it sums up the rules of the profiles, which decide"),
    what: "Whether any one profile in scope takes the passkey. Profiles are not merged: the type from one and the AAGUID \
           from another do not add up.",
    why: "Profiles have no order among themselves, and one full match is enough.",
    example: "Admins: device-bound and attested. All users: synced. An unattested device-bound key matches neither.",
    graph_property: "passkeyAuthenticationMethodTarget.allowedPasskeyProfiles",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
    switches: &[],
    stage: Stage::Summary,
};

#[derive(Debug)]
enum Summed {
    Matches(ProfileRef),
    None(usize),
    NotKnown,
}

impl fmt::Display for Summed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches(profile) => write!(f, "The passkey matches {} as a whole.", profile.name()),
            Self::None(1) => f.write_str("The passkey does not match the one profile in scope."),
            Self::None(count) => write!(f, "The passkey matches none of the {count} profiles in scope as a whole."),
            Self::NotKnown => f.write_str("Whether the passkey matches a profile could not be told."),
        }
    }
}

impl Cause for Summed {}

pub(crate) fn summary<'a>(
    subject: &Subject<'a>,
    matched: Option<Held<'a>>,
    count: usize,
    certain: bool,
) -> Finding<'a> {
    match matched {
        Some(held) => Finding {
            actual: Some(held.profile.name.as_str().into()),
            ..passed(Summed::Matches(ProfileRef::of(subject, &held)))
        },
        None if certain => noted(Summed::None(count)),
        None => Finding { outcome: Outcome::Note, ..noted(Summed::NotKnown) },
    }
}
