//! The passkey policy in the form in which it is evaluated: names resolved, AAGUIDs parsed and sorted.
//!
//! What a missing or null property means, by the factory default of Graph's reference pages and by the
//! first member of each enum of the SDK:
//!
//! | property | read as |
//! |---|---|
//! | `state` | disabled |
//! | `isSelfServiceRegistrationAllowed` | true |
//! | `isAttestationEnforced` | true |
//! | `keyRestrictions`, `isEnforced` | not enforced |
//! | `attestationEnforcement` | disabled |
//! | `passkeyTypes`, or `enforcementType` of an enforced list | cannot be told: the verdict is unknown |
//! | `allowedPasskeyProfiles`, targets | none |
//! | `targetType` | group |

use lab_protocol::Aaguid;

use crate::graph::{
    AttestationEnforcement, AuthenticationMethodState, EnforcementType, ExcludeTarget,
    Fido2AuthenticationMethodConfiguration, Fido2KeyRestrictions, Group, PasskeyAuthenticationMethodTarget,
    PasskeyProfile, PasskeyType, PasskeyTypes, TargetType,
};
use crate::switches::{self, Switches};
use crate::tenant::Index;

/// The id of a target that is everybody.
pub const ALL_USERS: &str = "all_users";
/// The id of the profile that a tenant without profiles implies.
pub const IMPLIED_ID: &str = "legacy";
/// Its name.
pub const IMPLIED_NAME: &str = "legacy settings";

/// The passkey policy of a tenant.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Whether the method is on; `None` where the policy does not say.
    pub state: Option<AuthenticationMethodState>,
    /// Whether users may register passkeys themselves.
    pub self_service: bool,
    /// The profiles in the tenant's order; in a legacy tenant the one that its settings imply.
    pub profiles: Vec<Profile>,
    /// Whether the tenant has no profiles, so that its legacy settings decide.
    pub implied: bool,
    /// The legacy settings that stand beside profiles.
    pub legacy: Option<Profile>,
    /// The include targets.
    pub includes: Vec<Target>,
    /// The exclude targets; their profiles are empty.
    pub excludes: Vec<Target>,
    /// The readings of what Microsoft leaves open.
    pub switches: Switches,
}

/// One set of demands.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its id, as written.
    pub id: String,
    /// Its name, as written.
    pub name: String,
    /// Whether it stands for legacy settings.
    pub implied: bool,
    /// The types it takes.
    pub types: Types,
    /// The AAGUIDs it takes.
    pub keys: Keys,
    /// Whether it demands attestation.
    pub attestation: Attestation,
    /// What it demands, as the trace shows it.
    pub demands: Demands,
}

/// The passkey types that a profile takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Types {
    /// Passkeys that stay on their device.
    pub device_bound: bool,
    /// Passkeys that are synced.
    pub synced: bool,
    /// It is not told, or a member is there that the lab does not know.
    pub uncertain: bool,
}

/// Which AAGUIDs a profile takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// What the list means.
    pub restriction: Restriction,
    /// The list, sorted; entries that are no GUID are left out.
    pub aaguids: Vec<Aaguid>,
    /// Whether nothing is written in the list, not even something that is no GUID.
    pub empty: bool,
}

/// What a list of AAGUIDs means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restriction {
    /// Nothing: it is not enforced.
    None,
    /// Only what is listed.
    Allow,
    /// All but what is listed.
    Block,
    /// Enforced in a way that the lab does not know; empty where the policy does not say.
    Unknown(String),
}

/// Whether a profile demands attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attestation {
    /// It does not.
    NotEnforced,
    /// At registration.
    Enforced,
    /// A member that the lab does not know.
    Unknown(String),
}

/// The demands of a profile, each with its name in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demands {
    /// Types.
    pub types: String,
    /// AAGUIDs.
    pub keys: String,
    /// Attestation.
    pub attestation: String,
}

/// Whom a target reaches, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whom.
    pub who: Who,
    /// What to call it: the group's name, else its id.
    pub label: String,
    /// The profiles that it allows, as indices in the tenant's order.
    pub profiles: Vec<usize>,
}

/// Whom a target reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// `all_users`.
    Everybody,
    /// The members of a group, as an index into the targeted groups.
    Group(usize),
    /// One user, by object id in lower case.
    User(String),
    /// Nobody: a target without id, or of a type that the lab does not know.
    Nobody,
}

impl Policy {
    pub(crate) fn new(
        fido2: &Fido2AuthenticationMethodConfiguration,
        index: &Index,
        groups: &[Group],
        switches: Switches,
    ) -> Self {
        let implied = fido2.profiles().is_empty();
        let legacy = implied_profile(fido2);
        let given: Vec<_> = fido2.profiles().iter().map(Profile::new).collect();
        let (profiles, legacy) = if implied { (vec![legacy], None) } else { (given, Some(legacy)) };
        let allowed = Allowed { fido2, profiles: &profiles, implied, switches };
        let names = Names { index, groups, switches };
        let includes = fido2.includes().iter().map(|target| include(target, &names, &allowed)).collect();
        let excludes = fido2.excludes().iter().map(|target| exclude(target, &names)).collect();
        let self_service = fido2.is_self_service_registration_allowed.unwrap_or(true);
        Self { state: fido2.state.clone(), self_service, profiles, implied, legacy, includes, excludes, switches }
    }

    /// The labels of include targets that allow the profile at `index`.
    pub fn targets_of(&self, index: usize) -> impl Iterator<Item = &str> {
        self.includes.iter().filter(move |target| target.profiles.contains(&index)).map(|target| target.label.as_str())
    }
}

impl Profile {
    fn new(profile: &PasskeyProfile) -> Self {
        let id = profile.id.clone().unwrap_or_default();
        let name = profile.name.clone().unwrap_or_else(|| id.clone());
        let attestation = match &profile.attestation_enforcement {
            None | Some(AttestationEnforcement::Disabled) => Attestation::NotEnforced,
            Some(AttestationEnforcement::RegistrationOnly) => Attestation::Enforced,
            Some(AttestationEnforcement::Unknown(text)) => Attestation::Unknown(text.clone()),
        };
        let types = Types::new(profile.passkey_types.as_ref());
        Self::of(id, name, (types, Keys::new(profile.key_restrictions.as_ref()), attestation))
    }

    fn of(id: String, name: String, (types, keys, attestation): (Types, Keys, Attestation)) -> Self {
        let demands = Demands {
            types: format!("{name}: {}", types.describe()),
            keys: format!("{name}: {}", keys.describe()),
            attestation: format!("{name}: {}", attestation.describe()),
        };
        Self { id, name, implied: false, types, keys, attestation, demands }
    }
}

/// The legacy settings as a profile: device-bound only where attestation is on, else both types.
fn implied_profile(fido2: &Fido2AuthenticationMethodConfiguration) -> Profile {
    let enforced = fido2.is_attestation_enforced.unwrap_or(true);
    let types = Types { device_bound: true, synced: !enforced, uncertain: false };
    let attestation = if enforced { Attestation::Enforced } else { Attestation::NotEnforced };
    let keys = Keys::new(fido2.key_restrictions.as_ref());
    Profile { implied: true, ..Profile::of(IMPLIED_ID.to_owned(), IMPLIED_NAME.to_owned(), (types, keys, attestation)) }
}

impl Types {
    fn new(types: Option<&PasskeyTypes>) -> Self {
        let Some(types) = types else { return Self { device_bound: false, synced: false, uncertain: true } };
        let nothing = !types.device_bound() && !types.synced();
        Self {
            device_bound: types.device_bound(),
            synced: types.synced(),
            uncertain: nothing || types.unknown().next().is_some(),
        }
    }

    /// Whether passkeys of this type are taken; `None` where it cannot be told.
    #[must_use]
    pub fn takes(self, kind: &PasskeyType) -> Option<bool> {
        let named = match kind {
            PasskeyType::DeviceBound => self.device_bound,
            PasskeyType::Synced => self.synced,
            PasskeyType::Unknown(_) => false,
        };
        if named { Some(true) } else { (!self.uncertain).then_some(false) }
    }

    const fn describe(self) -> &'static str {
        match (self.device_bound, self.synced) {
            (true, true) => "deviceBound, synced",
            (true, false) => "deviceBound",
            (false, true) => "synced",
            (false, false) => "no type that the lab knows",
        }
    }
}

impl Keys {
    fn new(restrictions: Option<&Fido2KeyRestrictions>) -> Self {
        let none = Self { restriction: Restriction::None, aaguids: Vec::new(), empty: true };
        let Some(given) = restrictions else { return none };
        let restriction = match (given.is_enforced.unwrap_or(false), &given.enforcement_type) {
            (false, _) => Restriction::None,
            (true, Some(EnforcementType::Allow)) => Restriction::Allow,
            (true, Some(EnforcementType::Block)) => Restriction::Block,
            (true, Some(EnforcementType::Unknown(text))) => Restriction::Unknown(text.clone()),
            (true, None) => Restriction::Unknown(String::new()),
        };
        let mut aaguids: Vec<_> = given.aaguids().collect();
        aaguids.sort_unstable();
        aaguids.dedup();
        Self { restriction, aaguids, empty: given.entries().is_empty() }
    }

    /// Whether the list names this AAGUID.
    #[must_use]
    pub fn lists(&self, aaguid: Aaguid) -> bool {
        self.aaguids.binary_search(&aaguid).is_ok()
    }

    fn describe(&self) -> String {
        let count = self.aaguids.len();
        let aaguids = if count == 1 { "AAGUID" } else { "AAGUIDs" };
        match &self.restriction {
            Restriction::None => "any AAGUID".to_owned(),
            Restriction::Allow => format!("one of {count} {aaguids} on its allow list"),
            Restriction::Block => format!("none of {count} {aaguids} on its block list"),
            Restriction::Unknown(text) => format!("AAGUIDs restricted as “{text}”, which the lab does not know"),
        }
    }
}

impl Attestation {
    fn describe(&self) -> &'static str {
        match self {
            Self::NotEnforced => "no attestation demanded",
            Self::Enforced => "a valid attestation at registration",
            Self::Unknown(_) => "attestation in a way that the lab does not know",
        }
    }
}

/// What it takes to name a target.
struct Names<'p> {
    index: &'p Index,
    groups: &'p [Group],
    switches: Switches,
}

impl Names<'_> {
    fn who(&self, id: Option<&String>, target_type: Option<&TargetType>) -> (Who, String) {
        let Some(id) = id else { return (Who::Nobody, "a target without id".to_owned()) };
        let who = match target_type {
            _ if id.eq_ignore_ascii_case(ALL_USERS) => Who::Everybody,
            Some(TargetType::User) if self.switches.other(&switches::USER_TARGETS) => Who::Nobody,
            Some(TargetType::User) => Who::User(id.to_lowercase()),
            Some(TargetType::Unknown(_)) => Who::Nobody,
            None | Some(TargetType::Group) => self.index.targeted(id).map_or(Who::Nobody, Who::Group),
        };
        let group = self.index.group(id).and_then(|index| self.groups.get(index));
        let label = match who {
            Who::Everybody => "all users".to_owned(),
            _ => group.map_or(id.as_str(), Group::label).to_owned(),
        };
        (who, label)
    }
}

/// What it takes to resolve `allowedPasskeyProfiles`.
struct Allowed<'p> {
    fido2: &'p Fido2AuthenticationMethodConfiguration,
    profiles: &'p [Profile],
    implied: bool,
    switches: Switches,
}

impl Allowed<'_> {
    fn resolve(&self, ids: &[String]) -> Vec<usize> {
        let default = self.fido2.default_passkey_profile.as_deref();
        let wanted = |id: &str| match default {
            Some(default) if ids.is_empty() && self.switches.other(&switches::EMPTY_ALLOWED_PROFILES) => {
                same(id, default)
            }
            _ => ids.iter().any(|other| same(other, id)),
        };
        let each = self.profiles.iter().enumerate();
        each.filter(|(_, profile)| self.implied || wanted(&profile.id)).map(|(index, _)| index).collect()
    }
}

fn include(target: &PasskeyAuthenticationMethodTarget, names: &Names<'_>, allowed: &Allowed<'_>) -> Target {
    let (who, label) = names.who(target.id.as_ref(), target.target_type.as_ref());
    let ids = target.allowed_passkey_profiles.as_deref().unwrap_or_default();
    Target { who, label, profiles: allowed.resolve(ids) }
}

fn exclude(target: &ExcludeTarget, names: &Names<'_>) -> Target {
    let (who, label) = names.who(target.id.as_ref(), target.target_type.as_ref());
    Target { who, label, profiles: Vec::new() }
}

/// Whether two ids are one; GUIDs are compared without regard to case.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
