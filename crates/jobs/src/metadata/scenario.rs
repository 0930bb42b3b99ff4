//! What can happen to a model in metadata, to be rehearsed before it does.

use std::collections::BTreeSet;

use lab_protocol::Aaguid;
use lab_protocol::nearest::nearest;

use crate::error::JobError;
use crate::models::Catalogue;

/// Something that happens to models in the lab's own BLOB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// `REVOKED`.
    Revoked,
    /// `ATTESTATION_KEY_COMPROMISE` without a certificate.
    KeyCompromised,
    /// `ATTESTATION_KEY_COMPROMISE` of the model's own certificate.
    CertificateCompromised,
    /// `USER_VERIFICATION_BYPASS`.
    UvBypass,
    /// `RETIRED`.
    Retired,
    /// The BLOB's nextUpdate has passed.
    Stale,
    /// The entry names another root.
    WrongRoot,
    /// The model lacks `hmac-secret`.
    NoHmacSecret,
    /// `NOT_FIDO_CERTIFIED`.
    NotCertified,
    /// There is no entry.
    Unknown,
    /// The entry is a few days old.
    NotIngested,
}

/// Scenarios, and the models that each is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staging {
    staged: Vec<Staged>,
}

/// One scenario; without models, it is about every one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Staged {
    scenario: Scenario,
    models: Option<BTreeSet<Aaguid>>,
}

impl Scenario {
    /// Every scenario, in the order of the list for people.
    pub const ALL: [Self; 11] = [
        Self::Revoked,
        Self::KeyCompromised,
        Self::CertificateCompromised,
        Self::UvBypass,
        Self::Retired,
        Self::Stale,
        Self::WrongRoot,
        Self::NoHmacSecret,
        Self::NotCertified,
        Self::Unknown,
        Self::NotIngested,
    ];

    /// What it is called on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::KeyCompromised => "key-compromised",
            Self::CertificateCompromised => "certificate-compromised",
            Self::UvBypass => "uv-bypass",
            Self::Retired => "retired",
            Self::Stale => "stale",
            Self::WrongRoot => "wrong-root",
            Self::NoHmacSecret => "no-hmac-secret",
            Self::NotCertified => "not-certified",
            Self::Unknown => "unknown",
            Self::NotIngested => "not-ingested",
        }
    }

    /// What happens, in one sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Revoked => "The status REVOKED came yesterday; the certifications still stand beside it.",
            Self::KeyCompromised => "An attestation key of the model is known to others, and nobody says which.",
            Self::CertificateCompromised => "The key of the model's own batch certificate is known to others.",
            Self::UvBypass => "Malware can get round the model's user verification.",
            Self::Retired => "The vendor has replaced the model.",
            Self::Stale => "The BLOB was due for renewal a month ago.",
            Self::WrongRoot => "The entry names a root that is not the one of the model's certificates.",
            Self::NoHmacSecret => "The statement says that the model lacks hmac-secret and PRF.",
            Self::NotCertified => "The only status is NOT_FIDO_CERTIFIED.",
            Self::Unknown => "Metadata has no entry for the AAGUID.",
            Self::NotIngested => "The model came into metadata a week ago, and Microsoft has not read that yet.",
        }
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }
}

impl Staging {
    /// Reads `NAME` or `NAME=MODEL,MODEL`; models by id or AAGUID.
    ///
    /// # Errors
    /// A scenario or model that nobody knows, with the nearest.
    pub fn read<'t>(texts: impl IntoIterator<Item = &'t str>, catalogue: &Catalogue) -> Result<Self, JobError> {
        let mut staging = Self::default();
        for text in texts {
            let (name, models) = text.split_once('=').map_or((text, None), |(name, models)| (name, Some(models)));
            let scenario = Scenario::find(name).ok_or_else(|| unknown(name))?;
            let models = models.map(|models| models.split(',').map(|model| aaguid(model, catalogue)).collect());
            staging.staged.push(Staged { scenario, models: models.transpose()? });
        }
        Ok(staging)
    }

    /// Whether `scenario` is about this model.
    #[must_use]
    pub fn concerns(&self, scenario: Scenario, aaguid: Aaguid) -> bool {
        let about = |staged: &Staged| staged.models.as_ref().is_none_or(|models| models.contains(&aaguid));
        self.staged.iter().any(|staged| staged.scenario == scenario && about(staged))
    }

    /// Whether the BLOB is due for renewal.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.staged.iter().any(|staged| staged.scenario == Scenario::Stale)
    }

    /// The names of the scenarios.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.staged.iter().map(|staged| staged.scenario.name())
    }
}

fn aaguid(model: &str, catalogue: &Catalogue) -> Result<Aaguid, JobError> {
    match model.parse() {
        Ok(aaguid) => Ok(aaguid),
        Err(_) => Ok(match catalogue.choose(model)? {
            crate::models::Choice::Emulated(model) => model.aaguid(),
            crate::models::Choice::PasskeyRs => Aaguid::ZERO,
        }),
    }
}

fn unknown(name: &str) -> JobError {
    let names = || Scenario::ALL.into_iter().map(Scenario::name);
    let near = nearest(name, names()).map(|near| format!("; perhaps {near}")).unwrap_or_default();
    JobError::Usage {
        what: format!("there is no metadata scenario “{name}”{near}"),
        hint: Some(format!("the scenarios are {}", names().collect::<Vec<_>>().join(", "))),
    }
}
