//! What a file of `fixtures/rules` says.

use jiff::SignedDuration;
use lab_entra::{
    Aaguid, AdverseStatus, AttestationFacts, AttestationKind, Caller, Candidate, Circumstances, InAppAttestation,
    MetadataEntry, MetadataFacts, Mfa, Passkey, RegistrationPath, Trust, WindowsHelloContainer,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A case; unknown keys are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) comment: String,
    pub(super) source: String,
    pub(super) tenant: String,
    pub(super) patch: Option<Value>,
    #[serde(default)]
    pub(super) switches: Map<String, Value>,
    pub(super) persona: Who,
    #[serde(default)]
    pub(super) circumstances: Surroundings,
    pub(super) candidate: Made,
    pub(super) step: Step,
    pub(super) decided_by: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Who {
    User(String),
    Groups(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Register,
    SignIn,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Surroundings {
    path: Option<Way>,
    graph_caller: Option<Calling>,
    mfa: Option<Authenticated>,
    windows_hello: Option<Container>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    SecurityInfo,
    InApp,
    Graph,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Calling {
    Administrator,
    Themself,
    Other,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Authenticated {
    Missing,
    AgeMinutes(i64),
    OneTimePassMinutes(i64),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Container {
    for_business: bool,
    platform_credentials: u32,
}

/// A passkey as its ceremony was verified; at sign-in only what was stored of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Made {
    aaguid: Aaguid,
    be: bool,
    bs: bool,
    alg: Option<i64>,
    format: Option<String>,
    kind: Option<Kind>,
    trust: Option<Anchored>,
    metadata: Option<Metadata>,
    in_app: Option<InApp>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    None,
    #[serde(rename = "self")]
    SelfAttested,
    Basic,
    AttCa,
    AnonCa,
    Unknown,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Anchored {
    Trusted,
    TrustedStandIn,
    Untrusted,
    NoPath,
    NotChecked,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    certified: bool,
    fido2: bool,
    has_uv: bool,
    has_rk: bool,
    has_hmac_secret: bool,
    #[serde(default)]
    entry: Entry,
    adverse: Option<Adverse>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Entry {
    #[default]
    Listed,
    New,
    Missing,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Adverse {
    Revoked,
    Retired,
    UserVerificationBypass,
    AttestationKeyCompromise,
    UserKeyRemoteCompromise,
    UserKeyPhysicalCompromise,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum InApp {
    Passed,
    Failed,
    Unavailable,
}

impl Surroundings {
    pub(super) fn circumstances(&self) -> Circumstances {
        let caller = self.graph_caller.map(|caller| match caller {
            Calling::Administrator => Caller::Administrator,
            Calling::Themself => Caller::Themself,
            Calling::Other => Caller::Other,
        });
        let path = match (self.path.unwrap_or(Way::SecurityInfo), caller) {
            (Way::SecurityInfo, None) => RegistrationPath::SecurityInfo,
            (Way::InApp, None) => RegistrationPath::InApp,
            (Way::Graph, Some(caller)) => RegistrationPath::Graph(caller),
            (path, caller) => panic!("the path {path:?} with the caller {caller:?}: a caller belongs to graph alone"),
        };
        let mfa = match self.mfa {
            None => Mfa::NotStated,
            Some(Authenticated::Missing) => Mfa::Missing,
            Some(Authenticated::AgeMinutes(minutes)) => Mfa::Age(SignedDuration::from_mins(minutes)),
            Some(Authenticated::OneTimePassMinutes(minutes)) => Mfa::OneTimePass(SignedDuration::from_mins(minutes)),
        };
        let windows_hello = self.windows_hello.map_or_else(WindowsHelloContainer::default, |it| {
            WindowsHelloContainer { for_business: it.for_business, platform_credentials: it.platform_credentials }
        });
        Circumstances { path, mfa, windows_hello }
    }
}

impl Made {
    pub(super) fn passkey(&self) -> Passkey {
        Passkey { aaguid: self.aaguid, backup_eligible: self.be, backup_state: self.bs }
    }

    /// `None` where something is missing that a registration says.
    pub(super) fn candidate(&self) -> Option<Candidate<'_>> {
        let attestation = AttestationFacts {
            format: self.format.as_deref()?,
            kind: self.kind?.into(),
            trust: self.trust?.into(),
            metadata: self.metadata.map(Into::into),
            in_app: self.in_app.map(Into::into),
        };
        Some(Candidate { passkey: self.passkey(), attestation, algorithm: self.alg? })
    }

    /// Whether it says only what is stored of a registered passkey.
    pub(super) const fn is_stored(&self) -> bool {
        let nothing_else = self.alg.is_none() && self.format.is_none() && self.kind.is_none() && self.trust.is_none();
        nothing_else && self.metadata.is_none() && self.in_app.is_none()
    }
}

impl From<Kind> for AttestationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::None => Self::None,
            Kind::SelfAttested => Self::SelfAttested,
            Kind::Basic => Self::Basic,
            Kind::AttCa => Self::AttCa,
            Kind::AnonCa => Self::AnonCa,
            Kind::Unknown => Self::Unknown,
        }
    }
}

impl From<Anchored> for Trust {
    fn from(trust: Anchored) -> Self {
        match trust {
            Anchored::Trusted => Self::Trusted,
            Anchored::TrustedStandIn => Self::TrustedStandIn,
            Anchored::Untrusted => Self::Untrusted,
            Anchored::NoPath => Self::NoPath,
            Anchored::NotChecked => Self::NotChecked,
        }
    }
}

impl From<Metadata> for MetadataFacts {
    fn from(facts: Metadata) -> Self {
        let Metadata { certified, fido2, has_uv, has_rk, has_hmac_secret, entry, adverse } = facts;
        let entry = match entry {
            Entry::Listed => MetadataEntry::Listed,
            Entry::New => MetadataEntry::New,
            Entry::Missing => MetadataEntry::Missing,
        };
        let adverse = adverse.map(|status| match status {
            Adverse::Revoked => AdverseStatus::Revoked,
            Adverse::Retired => AdverseStatus::Retired,
            Adverse::UserVerificationBypass => AdverseStatus::UserVerificationBypass,
            Adverse::AttestationKeyCompromise => AdverseStatus::AttestationKeyCompromise,
            Adverse::UserKeyRemoteCompromise => AdverseStatus::UserKeyRemoteCompromise,
            Adverse::UserKeyPhysicalCompromise => AdverseStatus::UserKeyPhysicalCompromise,
        });
        Self { entry, adverse, certified, fido2, has_uv, has_rk, has_hmac_secret }
    }
}

impl From<InApp> for InAppAttestation {
    fn from(verdict: InApp) -> Self {
        match verdict {
            InApp::Passed => Self::Passed,
            InApp::Failed => Self::Failed,
            InApp::Unavailable => Self::Unavailable,
        }
    }
}
