//! Every assumption of the lab as a switch in `lab.json`.
//!
//! A switch has two readings of something that Microsoft's documentation leaves open. The first is
//! what the lab does unless a tenant's `lab.json` says otherwise.

use crate::source::{self, Source};

/// One question that two careful people could answer differently.
#[derive(Debug, PartialEq, Eq)]
pub struct Switch {
    /// The key in `switches` of `lab.json`.
    pub name: &'static str,
    /// What is open.
    pub question: &'static str,
    /// What the lab assumes.
    pub default: &'static str,
    /// The other reading.
    pub other: &'static str,
    /// The document that leaves it open.
    pub source: &'static Source,
    /// Where in that document the question comes up.
    pub section: &'static str,
    /// Its place in the list of switches.
    index: u8,
}

/// The readings that a tenant uses: the default one of every switch, unless `lab.json` departs from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Switches {
    departed: u32,
}

impl Switches {
    /// Whether the other reading of `switch` is used.
    #[must_use]
    pub fn other(self, switch: &'static Switch) -> bool {
        self.departed & bit(switch) != 0
    }

    /// The reading of `switch` that is used, as `lab.json` writes it.
    #[must_use]
    pub fn reading(self, switch: &'static Switch) -> &'static str {
        if self.other(switch) { switch.other } else { switch.default }
    }

    /// The same, with the other reading of `switch`.
    #[must_use]
    pub fn with_other(self, switch: &'static Switch) -> Self {
        Self { departed: self.departed | bit(switch) }
    }

    /// The switches whose other reading is used.
    pub fn departures(self) -> impl Iterator<Item = &'static Switch> {
        SWITCHES.iter().copied().filter(move |switch| self.other(switch))
    }
}

fn bit(switch: &'static Switch) -> u32 {
    1 << switch.index
}

/// The switch with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Switch> {
    SWITCHES.iter().copied().find(|switch| switch.name == name)
}

/// Every switch, for `explain` and for a commented `lab.json`.
#[must_use]
pub fn switches() -> &'static [&'static Switch] {
    SWITCHES
}

static SWITCHES: &[&Switch] = &[
    &SYNCED_AFTER_ATTESTATION,
    &SYNCED_AFTER_LEGACY_ATTESTATION,
    &LEGACY_SETTINGS,
    &SELF_SERVICE_IN_APP,
    &SELF_SERVICE_GRAPH,
    &SELF_SERVICE_SIGN_IN,
    &WINDOWS_HELLO_UNLISTED,
    &B2B_MEMBERS,
    &EMPTY_ALLOWED_PROFILES,
    &USER_TARGETS,
    &NESTED_GROUPS,
    &BATCH_ATTESTATION,
    &SELF_ATTESTATION,
    &SAMSUNG_PASS,
    &OUTSIDE_TARGETS,
    &CLASSIFICATION,
    &EMPTY_ALLOW_LIST,
    &FRESH_MFA_IN_APP,
    &CERTIFICATION_UNCHECKED,
    &BACKUP_ELIGIBILITY_CHANGE,
    &SIGNATURE_COUNTER,
    &NEW_IN_METADATA,
    &ADVERSE_STATUS,
    &PATCHED_PROFILES,
];

/// Profiles: attestation is switched on while `synced` stays.
pub static SYNCED_AFTER_ATTESTATION: Switch = Switch {
    index: 0,
    name: "syncedAfterAttestation",
    question: "A profile that takes synced passkeys begins to enforce attestation: do synced passkeys that are \
               already registered keep working?",
    default: "keepWorking",
    other: "stopWorking",
    source: &source::PROFILES,
    section: "changing a profile, and attestation",
};

/// Legacy tenants: attestation is switched on.
pub static SYNCED_AFTER_LEGACY_ATTESTATION: Switch = Switch {
    index: 1,
    name: "syncedAfterLegacyAttestation",
    question: "A tenant without profiles begins to enforce attestation: do synced passkeys that are already \
               registered keep working?",
    default: "keepWorking",
    other: "stopWorking",
    source: &source::PASSKEYS,
    section: "enforce attestation",
};

/// The legacy settings beside profiles.
pub static LEGACY_SETTINGS: Switch = Switch {
    index: 2,
    name: "legacySettings",
    question: "Once a tenant has passkey profiles, do the deprecated settings isAttestationEnforced and \
               keyRestrictions still count?",
    default: "ignored",
    other: "alsoDemanded",
    source: &source::GRAPH_POLICY,
    section: "the v1.0 example, whose legacy settings contradict its default profile",
};

/// Self-service off, and registration inside the Authenticator app.
pub static SELF_SERVICE_IN_APP: Switch = Switch {
    index: 3,
    name: "selfServiceOffInApp",
    question: "Does isSelfServiceRegistrationAllowed = false also stop registrations inside Microsoft Authenticator?",
    default: "refused",
    other: "allowed",
    source: &source::PASSKEYS,
    section: "allow self-service set up",
};

/// Self-service off, and registration over Graph.
pub static SELF_SERVICE_GRAPH: Switch = Switch {
    index: 4,
    name: "selfServiceOffGraph",
    question: "Does isSelfServiceRegistrationAllowed = false also stop administrators who register passkeys over Graph?",
    default: "refused",
    other: "allowed",
    source: &source::GRAPH_METHODS,
    section: "Graph's list of known issues",
};

/// Self-service off, and signing in.
pub static SELF_SERVICE_SIGN_IN: Switch = Switch {
    index: 5,
    name: "selfServiceOffSignIn",
    question: "Can users whose tenant has switched self-service off sign in with passkeys that they have?",
    default: "works",
    other: "refused",
    source: &source::PASSKEYS,
    section: "allow self-service set up",
};

/// Windows Hello in profiles without key restrictions, or with a block list.
pub static WINDOWS_HELLO_UNLISTED: Switch = Switch {
    index: 6,
    name: "windowsHelloUnlisted",
    question: "Does a profile take Windows Hello although no enforced allow list of its own names the AAGUIDs?",
    default: "allowed",
    other: "refused",
    source: &source::WINDOWS,
    section: "prerequisites, preview against general availability",
};

/// B2B users whose `userType` is Member.
pub static B2B_MEMBERS: Switch = Switch {
    index: 7,
    name: "b2bMembers",
    question: "Is a B2B user whose userType is Member a guest as far as passkeys go?",
    default: "members",
    other: "guests",
    source: &source::PASSKEYS,
    section: "known issues: guest users",
};

/// Targets that allow no profile.
pub static EMPTY_ALLOWED_PROFILES: Switch = Switch {
    index: 8,
    name: "emptyAllowedPasskeyProfiles",
    question: "A tenant has profiles, and an include target lists none in allowedPasskeyProfiles: what may its users use?",
    default: "nothing",
    other: "defaultProfile",
    source: &source::GRAPH_POLICY,
    section: "allowedPasskeyProfiles",
};

/// Targets of type user.
pub static USER_TARGETS: Switch = Switch {
    index: 9,
    name: "userTargets",
    question: "Is a target whose targetType is user, discouraged since December 2022, still honoured?",
    default: "matchedById",
    other: "ignored",
    source: &source::GRAPH_POLICY,
    section: "targetType",
};

/// Groups inside targeted groups.
pub static NESTED_GROUPS: Switch = Switch {
    index: 10,
    name: "nestedGroups",
    question: "Does a target reach the members of groups that are members of its group?",
    default: "counted",
    other: "ignored",
    source: &source::PROFILES,
    section: "targets",
};

/// `packed` with a batch certificate where attestation is not enforced.
pub static BATCH_ATTESTATION: Switch = Switch {
    index: 11,
    name: "batchAttestationUnenforced",
    question: "Where attestation is not enforced, is packed with an ordinary batch certificate taken, although the \
               vendors' page names AttCA only?",
    default: "accepted",
    other: "refused",
    source: &source::VENDORS,
    section: "requirements when attestation is not enforced",
};

/// `packed` without certificates where attestation is not enforced.
pub static SELF_ATTESTATION: Switch = Switch {
    index: 12,
    name: "selfAttestationUnenforced",
    question: "Where attestation is not enforced, is a packed self attestation (no x5c) refused, as a comment in \
               public registration scripts says?",
    default: "refused",
    other: "accepted",
    source: &source::MCNULTY,
    section: "comments in the web registration scripts",
};

/// Samsung Pass.
pub static SAMSUNG_PASS: Switch = Switch {
    index: 13,
    name: "samsungPass",
    question: "Samsung Pass is sold as synced and was seen with BE = 0 and BS = 0: what is it to Entra?",
    default: "byFlags",
    other: "synced",
    source: &source::PASSKEY_PROVIDERS,
    section: "Samsung Pass",
};

/// Sign-in of users outside every include target.
pub static OUTSIDE_TARGETS: Switch = Switch {
    index: 14,
    name: "signInOutsideTargets",
    question: "Can a user who has left every include target still sign in with a registered passkey?",
    default: "refused",
    other: "allowed",
    source: &source::PROFILES,
    section: "how a user is evaluated",
};

/// What makes a passkey synced.
pub static CLASSIFICATION: Switch = Switch {
    index: 15,
    name: "syncedIs",
    question: "By which flag does Entra tell a synced passkey from a device-bound one?",
    default: "backupEligible",
    other: "backupState",
    source: &source::MCNULTY,
    section: "credentialDeviceType in the posts of the registration page",
};

/// Enforced allow lists without entries.
pub static EMPTY_ALLOW_LIST: Switch = Switch {
    index: 16,
    name: "emptyAllowList",
    question: "Does an enforced allow list without AAGUIDs refuse every passkey?",
    default: "refusesAll",
    other: "allowsAll",
    source: &source::PASSKEYS,
    section: "key restrictions",
};

/// Fresh multifactor authentication inside the Authenticator app.
pub static FRESH_MFA_IN_APP: Switch = Switch {
    index: 17,
    name: "freshMfaInApp",
    question: "Does a registration inside Microsoft Authenticator need multifactor authentication of the last five \
               minutes, as Security info does?",
    default: "demanded",
    other: "notDemanded",
    source: &source::AUTHENTICATOR,
    section: "register in the app",
};

/// Certification when no metadata was looked at.
pub static CERTIFICATION_UNCHECKED: Switch = Switch {
    index: 18,
    name: "certificationUnchecked",
    question: "Attestation is enforced, the chain ends in a trusted root, and no FIDO metadata was at hand to see \
               whether the model is certified: does the lab take it as certified?",
    default: "taken",
    other: "undecided",
    source: &source::LAB,
    section: "what the lab does without metadata",
};

/// Sign-in: BE differs from registration. The relying party asks, not a rule.
pub static BACKUP_ELIGIBILITY_CHANGE: Switch = Switch {
    index: 19,
    name: "backupEligibilityChange",
    question: "A passkey was registered with BE and signs in without it, or the other way round: does Entra refuse?",
    default: "accepted",
    other: "refused",
    source: &source::MCNULTY,
    section: "scripts that register with flags 0x5D and sign in with 0x05",
};

/// Sign-in: the signature counter. The relying party asks, not a rule.
pub static SIGNATURE_COUNTER: Switch = Switch {
    index: 20,
    name: "signatureCounter",
    question: "A signature counter that is not zero does not grow: does Entra refuse the sign-in?",
    default: "mustGrow",
    other: "ignored",
    source: &source::BLACK_HAT,
    section: "the answer of May 2026 to CVE-2026-34348",
};

/// Models that are new in FIDO's metadata.
pub static NEW_IN_METADATA: Switch = Switch {
    index: 21,
    name: "newInMetadata",
    question: "A model came into FIDO's metadata less than four weeks ago: does Entra know it already?",
    default: "notYet",
    other: "atOnce",
    source: &source::VENDORS,
    section: "metadata is read about once a month, so a model can lag by up to four weeks",
};

/// Models whose status speaks against them.
pub static ADVERSE_STATUS: Switch = Switch {
    index: 22,
    name: "adverseStatus",
    question: "FIDO's metadata says that a certified model is revoked, retired or compromised: does Entra refuse to \
               take it as attested?",
    default: "refused",
    other: "ignored",
    source: &source::VENDORS,
    section: "FIDO certification at any level; nothing is said of other statuses",
};

/// Graph: a PATCH that lists some of the profiles. The lab server asks, not a rule.
pub static PATCHED_PROFILES: Switch = Switch {
    index: 23,
    name: "patchedProfiles",
    question: "A PATCH of the passkey policy lists passkeyProfiles without some of the tenant's profiles: are those \
               deleted, as Graph usually does with collections, or kept?",
    default: "replaced",
    other: "mergedById",
    source: &source::GRAPH_POLICY,
    section: "update, which says nothing of passkeyProfiles that are left out",
};

#[cfg(test)]
mod tests {
    use super::{SWITCHES, Switches, find};

    #[test]
    fn every_switch_has_its_own_place_and_name_and_two_readings() {
        assert!(SWITCHES.len() <= 32, "departures are kept in 32 bits");
        for (index, switch) in SWITCHES.iter().enumerate() {
            assert_eq!(usize::from(switch.index), index, "{}", switch.name);
            assert_eq!(find(switch.name).map(|found| found.name), Some(switch.name));
            assert_ne!(switch.default, switch.other);
            assert!(switch.question.ends_with('?'), "{}", switch.name);
            let departed = Switches::default().with_other(switch);
            assert_eq!(departed.departures().map(|other| other.name).collect::<Vec<_>>(), [switch.name]);
            assert_eq!((departed.reading(switch), Switches::default().reading(switch)), (switch.other, switch.default));
        }
    }
}
