//! Where attestation is enforced, the passkey is attested.

use std::fmt;

use lab_protocol::Aaguid;
use lab_protocol::trace::{Check, Document, Finding};

use super::{Held, ProfileRef, Rule, Stage};
use crate::aaguids::{self, Named};
use crate::attestation::{Level, NotAttested};
use crate::candidate::AdverseStatus;
use crate::evaluate::{Registering, Subject};
use crate::graph::PasskeyType;
use crate::policy::Attestation;
use crate::reason::{Cause, passed, refused, undecided};
use crate::source::{self, Evidence};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/attestation",
        Document::Entra,
        "passkey profiles, enforce attestation",
        "Where the profile enforces attestation, the passkey is device-bound and attested.",
    )
    .step(8),
    what: "Whether a profile that enforces attestation takes the passkey: attested by its certificates \
           (entra/metadata-attestation) or inside Microsoft Authenticator (entra/in-app-attestation). At registration only.",
    why: "Without it Entra vouches for nothing about a passkey, not even for its model. Synced passkeys bring no \
          attestation and are out.",
    example: "Enforced for administrators: their Authenticator passkeys must be made inside the app, never by QR code.",
    graph_property: "passkeyProfile.attestationEnforcement, isAttestationEnforced",
    evidence: Evidence::Documented,
    source: &source::PROFILES,
    switches: &[],
    stage: Stage::RegistrationProfile(judge),
};

#[derive(Debug)]
struct Unattested {
    profile: ProfileRef,
    aaguid: Aaguid,
    cause: Unmet,
}

#[derive(Debug)]
enum Unmet {
    Synced,
    Not(NotAttested),
}

impl fmt::Display for Unattested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (profile, aaguid) = (self.profile.name(), Named(self.aaguid));
        match &self.cause {
            Unmet::Synced => write!(
                f,
                "attestation is enforced by {profile}, which leaves synced passkeys out; this one, {aaguid}, is synced."
            ),
            Unmet::Not(cause) => {
                write!(f, "attestation is enforced by {profile}, and {aaguid} is not attested: {cause}.")
            }
        }
    }
}

impl Unattested {
    fn remedy(&self) -> &'static str {
        match &self.cause {
            Unmet::Synced => {
                "Use a device-bound passkey that attests: Microsoft Authenticator inside its app, or a certified security key"
            }
            Unmet::Not(NotAttested::OutsideApp) => {
                "Open Microsoft Authenticator on the phone and add the passkey there, not by QR code or in the browser"
            }
            Unmet::Not(NotAttested::InAppFailed) => {
                "Update the app and the phone, and try again on a device that is not rooted or jailbroken"
            }
            Unmet::Not(NotAttested::InAppUnavailable) => "Try again later: Apple's or Google's service has to answer",
            Unmet::Not(NotAttested::NotIngested) => {
                "Wait: Microsoft reads FIDO's metadata about once a month. Until then use a model of Microsoft's list of attestable keys"
            }
            Unmet::Not(NotAttested::Adverse(AdverseStatus::Retired)) => {
                "Register the model's successor; what is registered of this one keeps working"
            }
            Unmet::Not(NotAttested::Adverse(_)) => {
                "Use another model; take this one off the allow lists, and replace what is registered"
            }
            Unmet::Not(
                NotAttested::Untrusted | NotAttested::NoPath | NotAttested::NotCertified | NotAttested::NoEntry,
            ) => {
                "Use a model of Microsoft's list of attestable keys; one that is new in FIDO's metadata can take four weeks to count"
            }
            Unmet::Not(_) if aaguids::is_windows_hello(self.aaguid) => {
                "Windows Hello brings no attestation that Entra takes: use Microsoft Authenticator or a security key"
            }
            Unmet::Not(_) => {
                "Use a passkey that attests: Microsoft Authenticator inside its app, or a certified security key"
            }
        }
    }
}

impl Cause for Unattested {
    fn advice(&self) -> Option<String> {
        let off = match self.profile.profile() {
            Some(profile) if profile.implied => ", or set isAttestationEnforced to false".to_owned(),
            _ => format!(", or set attestationEnforcement of {} to disabled", self.profile.name()),
        };
        let other = self.profile.alternative(|profile| profile.attestation == Attestation::NotEnforced);
        let other = other.replace(", which takes it", ", which does not enforce attestation");
        Some(format!("{}{off}{other}.", self.remedy()))
    }
}

#[derive(Debug)]
struct Attested {
    profile: ProfileRef,
    level: Level,
}

impl fmt::Display for Attested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attestation is enforced by {}, and the passkey is attested: {}.", self.profile.name(), self.level)
    }
}

impl Cause for Attested {}

#[derive(Debug)]
struct NotKnown {
    profile: ProfileRef,
    level: Level,
}

impl fmt::Display for NotKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.profile.profile().map(|profile| &profile.attestation) {
            Some(Attestation::Unknown(text)) => {
                let text = text.escape_debug();
                write!(
                    f,
                    "the attestationEnforcement of {} is “{text}”, which the lab does not know.",
                    self.profile.name()
                )
            }
            _ => write!(f, "attestation is enforced by {}, and {}.", self.profile.name(), self.level),
        }
    }
}

impl Cause for NotKnown {}

fn judge<'a>(subject: &Subject<'a>, registering: &Registering<'a>, held: &Held<'a>) -> Finding<'a> {
    let demand = held.profile.demands.attestation.as_str();
    let profile = || ProfileRef::of(subject, held);
    let level = &registering.level;
    let unmet = |cause| refused(Unattested { profile: profile(), aaguid: subject.passkey.aaguid, cause });
    let finding = match (&held.profile.attestation, level) {
        (Attestation::NotEnforced, _) => {
            return held.not_applicable();
        }
        (Attestation::Unknown(_), _) => undecided(NotKnown { profile: profile(), level: level.clone() }),
        (Attestation::Enforced, _) if subject.kind == PasskeyType::Synced => unmet(Unmet::Synced),
        (Attestation::Enforced, Level::Not(cause)) => unmet(Unmet::Not(cause.clone())),
        (Attestation::Enforced, Level::Undecided(_)) => {
            undecided(NotKnown { profile: profile(), level: level.clone() })
        }
        (Attestation::Enforced, _) => passed(Attested { profile: profile(), level: level.clone() }),
    };
    finding.values(demand, level.name())
}
