//! Client platforms as data: what each does with an attestation on its way to the page.
//!
//! A platform is a TOML file, ours as well as anybody's. Its `conveyance` is an ordered list: the
//! first rule whose conditions hold decides, and where none holds the statement passes unchanged.

mod convey;
mod file;

pub use convey::{Circumstances, Conveyed};
pub use file::PlatformError;

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use crate::flow::Transport;

/// A client platform.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its name on the command line.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it stands for, and what it leaves out.
    pub describes: String,
    /// Whether a page may use an RP ID of another domain that lists it.
    pub related_origins: Known<bool>,
    /// From which version on it signs in to Entra with passkeys.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// What it does to attestation, first match first.
    #[serde(default)]
    pub conveyance: Vec<Rule>,
    /// What it cannot do, for people to read.
    #[serde(default)]
    pub cannot: Vec<Limit>,
}

/// The first version of a client, or of the system below it, that will do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// What is versioned: a browser, a system.
    pub of: String,
    /// The lowest version that will do.
    pub minimum: String,
    /// Where it comes from, with its date.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A value, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// Where it comes from, with its date.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// How sure a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Read in the specification or in the code that does it, or seen in captures.
    High,
    /// Documented, or reported by several people.
    Medium,
    /// A reading that nothing confirms.
    Low,
}

impl Confidence {
    /// The name in platform files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What a platform does with one kind of attestation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name within the platform, such as `roaming-none`.
    pub id: String,
    /// When it applies.
    #[serde(default)]
    pub when: When,
    /// What becomes of the attestation statement.
    pub statement: Statement,
    /// What becomes of the AAGUID.
    pub aaguid: AaguidFate,
    /// Whether the person is asked first. The lab's person agrees.
    #[serde(default)]
    pub asks: bool,
    /// What it does, in a sentence.
    pub text: String,
    /// Where it comes from, with its date.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// The conditions of a rule; an absent one always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// What the page asked for is one of these.
    pub attestation: Option<Vec<Conveyance>>,
    /// The transport in use is one of these.
    pub transports: Option<Vec<Transport>>,
    /// The statement is a self attestation (`packed` without `x5c`) beside an AAGUID of zeros.
    pub anonymous_self: Option<bool>,
    /// The device's management permits enterprise attestation for the RP ID.
    pub enterprise_permitted: Option<bool>,
}

/// `AttestationConveyancePreference` (`webauthn-3 §5.4.7`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conveyance {
    /// The page wants none; texts that nobody defined count as this.
    None,
    /// The page takes what the client makes of it.
    Indirect,
    /// The page wants it as the authenticator made it.
    Direct,
    /// The page wants one that may identify the device.
    Enterprise,
}

/// What becomes of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statement {
    /// It passes unchanged.
    Keep,
    /// It is replaced by `none`.
    Remove,
}

/// What becomes of an AAGUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AaguidFate {
    /// It passes unchanged.
    Keep,
    /// It is overwritten with zeros.
    Zero,
}

/// Something that a platform cannot do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What, in a sentence.
    pub text: String,
    /// The operating systems that it concerns; empty: all.
    #[serde(default)]
    pub systems: Vec<String>,
    /// Where it comes from, with its date.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

impl Conveyance {
    /// What an `attestation` member asks for.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text {
            "indirect" => Self::Indirect,
            "direct" => Self::Direct,
            "enterprise" => Self::Enterprise,
            _ => Self::None,
        }
    }
}

/// The files of the built-in platforms.
const FILES: [(&str, &str); 5] = [
    ("l3.toml", include_str!("../platforms/l3.toml")),
    ("chromium.toml", include_str!("../platforms/chromium.toml")),
    ("firefox.toml", include_str!("../platforms/firefox.toml")),
    ("safari.toml", include_str!("../platforms/safari.toml")),
    ("windows.toml", include_str!("../platforms/windows.toml")),
];

static BUILT_IN: LazyLock<Vec<Arc<Platform>>> = LazyLock::new(|| {
    let read = |(file, text): (&str, &str)| Platform::from_toml(file, text).map(Arc::new);
    // A test reads every embedded file.
    FILES.into_iter().map(read).collect::<Result<_, _>>().expect("the built-in platforms are well-formed")
});

impl Platform {
    /// The platforms that come with the lab.
    #[must_use]
    pub fn built_in() -> &'static [Arc<Self>] {
        &BUILT_IN
    }

    /// A built-in platform by its id.
    #[must_use]
    pub fn find(id: &str) -> Option<Arc<Self>> {
        Self::built_in().iter().find(|platform| platform.id == id).cloned()
    }
}

#[cfg(test)]
mod tests;
