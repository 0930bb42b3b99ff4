//! `fido2AuthenticationMethodConfiguration` and what it holds.

use lab_protocol::Aaguid;
use serde_json::Value;

use super::enums::{AttestationEnforcement, AuthenticationMethodState, EnforcementType, PasskeyTypes, TargetType};
use super::json::{Draft, Graph, GraphObject, Misfit, Object, Other, serde_through_graph};

/// The tenant's passkey policy: profiles, targets, and the legacy settings of before profiles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fido2AuthenticationMethodConfiguration {
    /// `Fido2`.
    pub id: Option<String>,
    /// Whether the method is on.
    pub state: Option<AuthenticationMethodState>,
    /// Who may use passkeys, and by which profiles.
    pub include_targets: Option<Vec<PasskeyAuthenticationMethodTarget>>,
    /// Who may not, whatever else holds.
    pub exclude_targets: Option<Vec<ExcludeTarget>>,
    /// Whether users may register passkeys themselves, in the whole tenant.
    pub is_self_service_registration_allowed: Option<bool>,
    /// Legacy: whether a registration needs an attestation.
    pub is_attestation_enforced: Option<bool>,
    /// Legacy: which AAGUIDs are taken.
    pub key_restrictions: Option<Fido2KeyRestrictions>,
    /// The id of the profile that cannot be deleted.
    pub default_passkey_profile: Option<String>,
    /// The profiles; empty while the tenant has not opted in.
    pub passkey_profiles: Option<Vec<PasskeyProfile>>,
    /// Everything else.
    pub other: Other,
}

impl Graph for Fido2AuthenticationMethodConfiguration {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "a fido2AuthenticationMethodConfiguration object")?;
        Ok(Self {
            id: object.optional("id")?,
            state: object.optional("state")?,
            include_targets: object.optional("includeTargets")?,
            exclude_targets: object.optional("excludeTargets")?,
            is_self_service_registration_allowed: object.optional("isSelfServiceRegistrationAllowed")?,
            is_attestation_enforced: object.optional("isAttestationEnforced")?,
            key_restrictions: object.optional("keyRestrictions")?,
            default_passkey_profile: object.optional("defaultPasskeyProfile")?,
            passkey_profiles: object.optional("passkeyProfiles")?,
            other: object.rest(),
        })
    }

    fn write(&self) -> Value {
        Draft::over(&self.other)
            .put("id", &self.id)
            .put("state", &self.state)
            .put("includeTargets", &self.include_targets)
            .put("excludeTargets", &self.exclude_targets)
            .put("isSelfServiceRegistrationAllowed", &self.is_self_service_registration_allowed)
            .put("isAttestationEnforced", &self.is_attestation_enforced)
            .put("keyRestrictions", &self.key_restrictions)
            .put("defaultPasskeyProfile", &self.default_passkey_profile)
            .put("passkeyProfiles", &self.passkey_profiles)
            .value()
    }
}

impl Fido2AuthenticationMethodConfiguration {
    /// The profiles; none where the property is missing.
    #[must_use]
    pub fn profiles(&self) -> &[PasskeyProfile] {
        self.passkey_profiles.as_deref().unwrap_or_default()
    }

    /// The include targets; none where the property is missing.
    #[must_use]
    pub fn includes(&self) -> &[PasskeyAuthenticationMethodTarget] {
        self.include_targets.as_deref().unwrap_or_default()
    }

    /// The exclude targets; none where the property is missing.
    #[must_use]
    pub fn excludes(&self) -> &[ExcludeTarget] {
        self.exclude_targets.as_deref().unwrap_or_default()
    }
}

/// `passkeyProfile`: one set of demands. A passkey must meet all of one profile's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PasskeyProfile {
    /// A GUID.
    pub id: Option<String>,
    /// The name that administrators gave it.
    pub name: Option<String>,
    /// Which types it takes.
    pub passkey_types: Option<PasskeyTypes>,
    /// Whether registrations need an attestation.
    pub attestation_enforcement: Option<AttestationEnforcement>,
    /// Which AAGUIDs it takes.
    pub key_restrictions: Option<Fido2KeyRestrictions>,
    /// Everything else.
    pub other: Other,
}

impl Graph for PasskeyProfile {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "a passkeyProfile object")?;
        Ok(Self {
            id: object.optional("id")?,
            name: object.optional("name")?,
            passkey_types: object.optional("passkeyTypes")?,
            attestation_enforcement: object.optional("attestationEnforcement")?,
            key_restrictions: object.optional("keyRestrictions")?,
            other: object.rest(),
        })
    }

    fn write(&self) -> Value {
        Draft::over(&self.other)
            .put("id", &self.id)
            .put("name", &self.name)
            .put("passkeyTypes", &self.passkey_types)
            .put("attestationEnforcement", &self.attestation_enforcement)
            .put("keyRestrictions", &self.key_restrictions)
            .value()
    }
}

/// `fido2KeyRestrictions`: a list of AAGUIDs that are allowed or blocked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fido2KeyRestrictions {
    /// Whether the list counts at all.
    pub is_enforced: Option<bool>,
    /// What the list means.
    pub enforcement_type: Option<EnforcementType>,
    /// AAGUIDs as they are written. What is no GUID stays, and never matches.
    pub aa_guids: Option<Vec<String>>,
    /// Everything else.
    pub other: Other,
}

impl Fido2KeyRestrictions {
    /// The entries; none where the property is missing.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        self.aa_guids.as_deref().unwrap_or_default()
    }

    /// The entries that are GUIDs, in the order of the list.
    pub fn aaguids(&self) -> impl Iterator<Item = Aaguid> {
        self.entries().iter().filter_map(|entry| entry.parse().ok())
    }
}

impl Graph for Fido2KeyRestrictions {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "a fido2KeyRestrictions object")?;
        Ok(Self {
            is_enforced: object.optional("isEnforced")?,
            enforcement_type: object.optional("enforcementType")?,
            aa_guids: object.optional("aaGuids")?,
            other: object.rest(),
        })
    }

    fn write(&self) -> Value {
        Draft::over(&self.other)
            .put("isEnforced", &self.is_enforced)
            .put("enforcementType", &self.enforcement_type)
            .put("aaGuids", &self.aa_guids)
            .value()
    }
}

/// `passkeyAuthenticationMethodTarget`: a group, or `all_users`, and the profiles it may use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PasskeyAuthenticationMethodTarget {
    /// The object id of a group, or `all_users`.
    pub id: Option<String>,
    /// What the id names.
    pub target_type: Option<TargetType>,
    /// Whether users are asked to register.
    pub is_registration_required: Option<bool>,
    /// Ids of profiles.
    pub allowed_passkey_profiles: Option<Vec<String>>,
    /// Everything else.
    pub other: Other,
}

impl Graph for PasskeyAuthenticationMethodTarget {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "a passkeyAuthenticationMethodTarget object")?;
        Ok(Self {
            id: object.optional("id")?,
            target_type: object.optional("targetType")?,
            is_registration_required: object.optional("isRegistrationRequired")?,
            allowed_passkey_profiles: object.optional("allowedPasskeyProfiles")?,
            other: object.rest(),
        })
    }

    fn write(&self) -> Value {
        Draft::over(&self.other)
            .put("id", &self.id)
            .put("targetType", &self.target_type)
            .put("isRegistrationRequired", &self.is_registration_required)
            .put("allowedPasskeyProfiles", &self.allowed_passkey_profiles)
            .value()
    }
}

/// `excludeTarget`: a group whose members may not use passkeys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExcludeTarget {
    /// The object id of a group, or `all_users`.
    pub id: Option<String>,
    /// What the id names.
    pub target_type: Option<TargetType>,
    /// Everything else.
    pub other: Other,
}

impl Graph for ExcludeTarget {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "an excludeTarget object")?;
        Ok(Self { id: object.optional("id")?, target_type: object.optional("targetType")?, other: object.rest() })
    }

    fn write(&self) -> Value {
        Draft::over(&self.other).put("id", &self.id).put("targetType", &self.target_type).value()
    }
}

macro_rules! objects {
    ($($name:ident = $graph:literal [$($property:literal),+];)+) => {$(
        impl GraphObject for $name {
            const NAME: &'static str = $graph;
            const PROPERTIES: &'static [&'static str] = &[$($property),+];

            fn other(&self) -> &Other {
                &self.other
            }
        }

        serde_through_graph!($name);
    )+};
}
pub(super) use objects;

objects! {
    Fido2AuthenticationMethodConfiguration = "fido2AuthenticationMethodConfiguration" [
        "id", "state", "includeTargets", "excludeTargets", "isSelfServiceRegistrationAllowed",
        "isAttestationEnforced", "keyRestrictions", "defaultPasskeyProfile", "passkeyProfiles"
    ];
    PasskeyProfile = "passkeyProfile" [
        "id", "name", "passkeyTypes", "attestationEnforcement", "keyRestrictions"
    ];
    Fido2KeyRestrictions = "fido2KeyRestrictions" ["isEnforced", "enforcementType", "aaGuids"];
    PasskeyAuthenticationMethodTarget = "passkeyAuthenticationMethodTarget" [
        "id", "targetType", "isRegistrationRequired", "allowedPasskeyProfiles"
    ];
    ExcludeTarget = "excludeTarget" ["id", "targetType"];
}
