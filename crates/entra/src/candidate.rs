//! What a verified ceremony says about a passkey, as plain facts that the caller fills in.

use lab_protocol::Aaguid;

use crate::graph::{Fido2AuthenticationMethod, PasskeyType};

/// What is known of a passkey at registration and at sign-in alike.
///
/// At sign-in these are the facts that were stored when it was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    /// The model, as the authenticator data says.
    pub aaguid: Aaguid,
    /// BE: it may be copied between devices.
    pub backup_eligible: bool,
    /// BS: it has been.
    pub backup_state: bool,
}

impl Passkey {
    /// A passkey from a tenant's `passkeys.json`, or `None` where its AAGUID is no GUID or its type is
    /// none that the lab knows.
    #[must_use]
    pub fn registered(method: &Fido2AuthenticationMethod) -> Option<Self> {
        let aaguid = method.aa_guid.as_deref()?.parse().ok()?;
        let synced = match method.passkey_type.as_ref()? {
            PasskeyType::DeviceBound => false,
            PasskeyType::Synced => true,
            PasskeyType::Unknown(_) => return None,
        };
        Some(Self { aaguid, backup_eligible: synced, backup_state: synced })
    }
}

/// What a registration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The passkey itself.
    pub passkey: Passkey,
    /// Its attestation, as verified.
    pub attestation: AttestationFacts<'a>,
    /// The COSE algorithm of its key.
    pub algorithm: i64,
}

/// What the verification of an attestation statement found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttestationFacts<'a> {
    /// `fmt`, as it is written.
    pub format: &'a str,
    /// The type of the attestation (`webauthn-3 §6.5.4`).
    pub kind: AttestationKind,
    /// Whether its chain ends in a root that is trusted.
    pub trust: Trust,
    /// What FIDO metadata says about the model; `None` where none was consulted.
    pub metadata: Option<MetadataFacts>,
    /// The verdict of Microsoft's service; `Some` only when the in-app flow set it.
    pub in_app: Option<InAppAttestation>,
}

impl AttestationFacts<'static> {
    /// No attestation: format `none`.
    pub const NONE: Self =
        Self { format: "none", kind: AttestationKind::None, trust: Trust::NotChecked, metadata: None, in_app: None };
}

/// The type of an attestation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttestationKind {
    /// No attestation.
    None,
    /// Signed with the passkey's own key, without certificates.
    SelfAttested,
    /// A batch certificate of the vendor's.
    Basic,
    /// A certificate of an attestation authority's.
    AttCa,
    /// An anonymising authority's.
    AnonCa,
    /// The verification could not tell.
    Unknown,
}

/// Whether the chain of an attestation ends in a trusted root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// In one of the trusted roots.
    Trusted,
    /// In a root of the lab that stands in for a vendor's.
    TrustedStandIn,
    /// In a root that is not trusted.
    Untrusted,
    /// There is no chain.
    NoPath,
    /// Nobody looked.
    NotChecked,
}

/// What FIDO metadata says about a model, as far as Entra asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MetadataFacts {
    /// Whether it has an entry at all, and since when.
    pub entry: MetadataEntry,
    /// A status in effect that speaks against it.
    pub adverse: Option<AdverseStatus>,
    /// FIDO certified, at any level.
    pub certified: bool,
    /// FIDO 2.0 or later.
    pub fido2: bool,
    /// It verifies users: built in, or by PIN.
    pub has_uv: bool,
    /// It holds discoverable credentials.
    pub has_rk: bool,
    /// It has `hmac-secret` or PRF.
    pub has_hmac_secret: bool,
}

impl MetadataFacts {
    /// A certified model with everything that Entra asks for.
    pub const CERTIFIED: Self = Self {
        entry: MetadataEntry::Listed,
        adverse: None,
        certified: true,
        fido2: true,
        has_uv: true,
        has_rk: true,
        has_hmac_secret: true,
    };

    /// A model that metadata does not know.
    pub const NO_ENTRY: Self = Self {
        entry: MetadataEntry::Missing,
        adverse: None,
        certified: false,
        fido2: false,
        has_uv: false,
        has_rk: false,
        has_hmac_secret: false,
    };
}

/// Whether FIDO metadata has an entry for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetadataEntry {
    /// It has.
    Listed,
    /// It has, for less than four weeks: Microsoft reads metadata about once a month.
    New,
    /// It has none.
    Missing,
}

/// A status of a model that speaks against it (FIDO's `AuthenticatorStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdverseStatus {
    /// `REVOKED`.
    Revoked,
    /// `RETIRED`.
    Retired,
    /// `USER_VERIFICATION_BYPASS`.
    UserVerificationBypass,
    /// `ATTESTATION_KEY_COMPROMISE`, of the key in hand or of one that is not named.
    AttestationKeyCompromise,
    /// `USER_KEY_REMOTE_COMPROMISE`.
    UserKeyRemoteCompromise,
    /// `USER_KEY_PHYSICAL_COMPROMISE`.
    UserKeyPhysicalCompromise,
    /// Its statuses cannot be read.
    Unreadable,
}

/// What Microsoft's services say about a registration inside Microsoft Authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InAppAttestation {
    /// App Attest, or Play Integrity with key attestation, passed.
    Passed,
    /// It did not.
    Failed,
    /// Apple's or Google's service did not answer.
    Unavailable,
}
