//! The profile takes this type of passkey.

use std::fmt;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, ProfileRef, Rule, Stage};
use crate::evaluate::Subject;
use crate::graph::PasskeyType;
use crate::reason::{Cause, refused, undecided};
use crate::source::{self, Evidence};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/passkey-type",
        Document::Entra,
        "passkey profiles, passkey types",
        "The profile takes passkeys of this type.",
    )
    .step(8),
    what: "Whether a profile takes synced passkeys, device-bound ones, or both; at registration and at every sign-in.",
    why: "A synced passkey is as safe as the account that it is synced through. In a tenant without profiles, \
          enforced attestation means device-bound only.",
    example: "passkeyTypes is “deviceBound”: iCloud Keychain is refused, and works no more where it was registered.",
    graph_property: "passkeyProfile.passkeyTypes",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
    switches: &[],
    stage: Stage::Profile(judge),
};

/// A type in the words of a sentence.
pub(super) fn name(kind: &PasskeyType) -> &'static str {
    match kind {
        PasskeyType::DeviceBound => "device-bound",
        PasskeyType::Synced => "synced",
        PasskeyType::Unknown(_) => "of an unknown type",
    }
}

#[derive(Debug)]
struct WrongType {
    profile: ProfileRef,
    kind: PasskeyType,
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (profile, kind) = (self.profile.name(), name(&self.kind));
        match self.profile.profile().map(|profile| (profile.types.device_bound, profile.types.synced)) {
            Some((true, _)) => write!(f, "{profile} takes device-bound passkeys only, and this one is {kind}."),
            Some((_, true)) => write!(f, "{profile} takes synced passkeys only, and this one is {kind}."),
            _ => write!(f, "{profile} takes no {kind} passkey."),
        }
    }
}

impl Cause for WrongType {
    fn advice(&self) -> Option<String> {
        let kind = self.kind.clone();
        let other = self.profile.alternative(|profile| profile.types.takes(&kind) == Some(true));
        let implied = self.profile.profile().is_some_and(|profile| profile.implied);
        let what = match &self.kind {
            _ if implied => {
                "Synced passkeys need isAttestationEnforced to be false. Use a device-bound passkey".to_owned()
            }
            PasskeyType::Synced => {
                format!("Use a device-bound passkey, add synced to passkeyTypes of {}", self.profile.name())
            }
            _ => format!("Use a synced passkey, add deviceBound to passkeyTypes of {}", self.profile.name()),
        };
        Some(format!("{what}{other}."))
    }
}

#[derive(Debug)]
struct UnknownTypes(ProfileRef);

impl fmt::Display for UnknownTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the passkeyTypes of {} are missing, or have a member that the lab does not know.", self.0.name())
    }
}

impl Cause for UnknownTypes {}

fn judge<'a>(subject: &Subject<'a>, held: &Held<'a>) -> Finding<'a> {
    let profile = held.profile;
    let later = profile.implied && subject.registering.is_none();
    let finding = match profile.types.takes(&subject.kind) {
        Some(true) => Finding::pass(),
        Some(false) if later => return held.not_applicable(),
        Some(false) => refused(WrongType { profile: ProfileRef::of(subject, held), kind: subject.kind.clone() }),
        None => undecided(UnknownTypes(ProfileRef::of(subject, held))),
    };
    finding.values(profile.demands.types.as_str(), name(&subject.kind))
}
