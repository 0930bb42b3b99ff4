//! What this version of the engine makes of a model, and where that differs from the real one.

use std::fmt;

use lab_protocol::cose::Algorithm;

use super::vocabulary::{Attachment, Quirk, UvOption, UvPolicy};
use super::{GetInfo, Model};

/// The versions whose mandatory features the engine has.
const VERSIONS: &[&str] = &["U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1", "FIDO_2_3"];
/// The extensions that the engine has.
const EXTENSIONS: &[&str] = &[
    "credProtect",
    "credBlob",
    "hmac-secret",
    "hmac-secret-mc",
    "largeBlobKey",
    "minPinLength",
    "pinComplexityPolicy",
    "thirdPartyPayment",
];
/// The options of a model's getInfo that the engine acts on.
const OPTIONS: &[&str] = &[
    "rk",
    "makeCredUvNotRqd",
    "pinUvAuthToken",
    "noMcGaPermissionsWithClientPin",
    "credMgmt",
    "credentialMgmtPreview",
    "perCredMgmtRO",
    "authnrCfg",
    "setMinPINLength",
    "uvAcfg",
    "ep",
    "largeBlobs",
];
/// The options of a sensor that enrols fingers, for models of which the sensor is known.
const FINGERPRINT_OPTIONS: &[&str] = &["bioEnroll", "userVerificationMgmtPreview", "uvBioEnroll"];
/// The options that follow from other facts of the model, or that the engine answers for itself.
const OWN_OPTIONS: &[&str] = &["plat", "up", "uv", "clientPin", "alwaysUv"];
/// The algorithms that the engine makes keys of.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
    Algorithm::ES256K,
    Algorithm::EDDSA,
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ML_DSA_44,
    Algorithm::ML_DSA_65,
    Algorithm::ML_DSA_87,
];

/// A model as the engine plays it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsBuilt {
    /// Versions that getInfo claims.
    pub versions: Vec<String>,
    /// Extensions that getInfo claims.
    pub extensions: Vec<String>,
    /// Options that getInfo claims.
    pub options: Vec<(String, bool)>,
    /// Algorithms, in the model's order of preference.
    pub algorithms: Vec<Algorithm>,
    /// What it differs in from the real model.
    pub gaps: Vec<Gap>,
}

impl AsBuilt {
    /// An option as delivered.
    pub(crate) fn option(&self, name: &str) -> Option<bool> {
        self.options.iter().find(|(found, _)| found == name).map(|(_, set)| *set)
    }
}

/// Something of a real model that this version of the engine does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// A version that getInfo does not claim.
    Version(String),
    /// An option that getInfo does not claim.
    Option(String),
    /// An extension.
    Extension(String),
    /// A key type.
    Algorithm(Algorithm),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "version {version} is not claimed: not all that it demands is built"),
            Self::Option(option) => write!(f, "option {option} is not claimed: what it announces is not built"),
            Self::Extension(extension) => write!(f, "extension {extension} is not built"),
            Self::Algorithm(algorithm) => write!(f, "keys of {algorithm} are not made"),
        }
    }
}

impl Model {
    /// What the engine plays of this model, and what it does not.
    #[must_use]
    pub fn as_built(&self) -> AsBuilt {
        let mut gaps = Vec::new();
        let options = self.options(&mut gaps);
        let extensions = self.extensions(&mut gaps);
        let versions = self.versions(&mut gaps);
        let built = |alg: &Algorithm| ALGORITHMS.contains(alg);
        let (algorithms, missing): (Vec<_>, Vec<_>) = self.passkeys.algorithms.iter().copied().partition(built);
        gaps.extend(missing.into_iter().map(Gap::Algorithm));
        AsBuilt { versions, extensions, options, algorithms, gaps }
    }

    /// The versions of the real model whose mandatory features the engine has; the engine speaks FIDO_2_0 in
    /// any case.
    fn versions(&self, gaps: &mut Vec<Gap>) -> Vec<String> {
        let real = self.get_info.iter().flat_map(|info| info.versions.iter());
        let (mut built, missing): (Vec<_>, Vec<_>) =
            real.cloned().partition(|version| VERSIONS.contains(&version.as_str()));
        gaps.extend(missing.into_iter().map(Gap::Version));
        if built.is_empty() {
            built.push("FIDO_2_0".to_owned());
        }
        built
    }

    /// largeBlobKey needs authenticatorLargeBlobs (`ctap-2.2 §12.3`).
    fn extensions(&self, gaps: &mut Vec<Gap>) -> Vec<String> {
        let real = self.get_info.iter().flat_map(|info| &info.options.0);
        let large_blobs = real.into_iter().any(|(name, set)| name == "largeBlobs" && *set);
        let possible = |extension: &str| extension != "largeBlobKey" || large_blobs;
        let built = |extension: &&String| EXTENSIONS.contains(&extension.as_str()) && possible(extension);
        let (built, missing): (Vec<_>, Vec<_>) = self.passkeys.extensions.iter().partition(built);
        gaps.extend(missing.into_iter().cloned().map(Gap::Extension));
        built.into_iter().cloned().collect()
    }

    fn options(&self, gaps: &mut Vec<Gap>) -> Vec<(String, bool)> {
        let real = self.get_info.iter().flat_map(|info| &info.options.0);
        let enrols = |name: &str| self.fingerprints.is_some() && FINGERPRINT_OPTIONS.contains(&name);
        let acted_on = |name: &str| OPTIONS.contains(&name) || enrols(name);
        let known = |name: &str| acted_on(name) || OWN_OPTIONS.contains(&name);
        gaps.extend(real.clone().filter(|(name, set)| *set && !known(name)).map(|(name, _)| Gap::Option(name.clone())));
        let mut options: Vec<_> = real.clone().filter(|(name, _)| acted_on(name)).cloned().collect();
        let can_always = real.clone().any(|(name, _)| name == "alwaysUv");
        let takes_pin = self.get_info.iter().flat_map(|info| &info.options.0).any(|(name, _)| name == "clientPin");
        let without_rk = options.iter().all(|(name, _)| name != "rk");
        let mut own = |name: &str, set| options.push((name.to_owned(), set));
        own("plat", self.identity.attachment.value == Attachment::Platform);
        own("up", true);
        if without_rk {
            own("rk", true);
        }
        match self.user_verification.option.value {
            UvOption::Uv => own("uv", true),
            UvOption::ClientPin => own("clientPin", false),
            UvOption::None => {}
        }
        if self.user_verification.option.value == UvOption::Uv && takes_pin {
            own("clientPin", false);
        }
        if self.user_verification.option.value == UvOption::ClientPin && self.has_quirk(Quirk::UvWithoutVerification) {
            own("uv", true);
        }
        if can_always || self.user_verification.policy.value == UvPolicy::Always {
            own("alwaysUv", self.user_verification.policy.value == UvPolicy::Always);
        }
        options.sort_by(|a, b| (a.0.len(), &a.0).cmp(&(b.0.len(), &b.0)));
        options
    }

    /// A limit of the real model's getInfo.
    pub(crate) fn limit(&self, limit: impl FnOnce(&GetInfo) -> Option<u32>) -> Option<usize> {
        self.get_info.as_ref().and_then(limit).and_then(|limit| usize::try_from(limit).ok())
    }
}
