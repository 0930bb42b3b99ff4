//! The devices that every rollout has to get right, each with what its system demands and what goes
//! wrong there. They are data, for people to rehearse by: `flows/*.toml`.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use crate::flow::Flow;
use crate::platform::Confidence;

/// The most bytes of a file that are read.
const MAX_LEN: usize = 64 * 1024;

/// One device in somebody's hand, and the passkey provider on it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceFlow {
    /// Its name, such as `iphone-authenticator`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The models that it registers in, by id.
    pub models: Vec<String>,
    /// The ways in which they can be registered there, the best one first.
    pub flows: Vec<FlowName>,
    /// The platform that fits, by id.
    pub platform: String,
    /// What the system has to be.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// What goes wrong, and what to do about it.
    #[serde(default)]
    pub goes_wrong: Vec<Trouble>,
}

/// A [`Flow`] by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowName {
    /// [`Flow::InApp`].
    InApp,
    /// [`Flow::SameDevice`].
    SameDevice,
    /// [`Flow::CrossDevice`].
    CrossDevice,
}

/// What a system has to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The system: `ios`, `android`, `windows`, ...
    pub system: String,
    /// The lowest version that will do, where it is a matter of versions.
    #[serde(default)]
    pub minimum: Option<String>,
    /// The rule in a sentence.
    pub text: String,
    /// Where it comes from, with its date.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A ticket that helpdesks know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// What the user sees.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// Where it comes from, with its date.
    pub source: String,
}

/// Why a file of a device cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct DeviceFlowError {
    /// The file.
    pub file: String,
    /// Line, column and what is wrong there.
    pub problem: String,
}

impl From<FlowName> for Flow {
    fn from(name: FlowName) -> Self {
        match name {
            FlowName::InApp => Self::InApp,
            FlowName::SameDevice => Self::SameDevice,
            FlowName::CrossDevice => Self::CrossDevice,
        }
    }
}

/// The files of the built-in devices.
const FILES: [(&str, &str); 5] = [
    ("iphone-authenticator.toml", include_str!("../flows/iphone-authenticator.toml")),
    ("iphone-icloud-keychain.toml", include_str!("../flows/iphone-icloud-keychain.toml")),
    ("samsung.toml", include_str!("../flows/samsung.toml")),
    ("android-google-password-manager.toml", include_str!("../flows/android-google-password-manager.toml")),
    ("windows-hello.toml", include_str!("../flows/windows-hello.toml")),
];

static BUILT_IN: LazyLock<Vec<Arc<DeviceFlow>>> = LazyLock::new(|| {
    let read = |(file, text): (&str, &str)| DeviceFlow::from_toml(file, text).map(Arc::new);
    // A test reads every embedded file.
    FILES.into_iter().map(read).collect::<Result<_, _>>().expect("the built-in devices are well-formed")
});

impl DeviceFlow {
    /// The devices that come with the lab.
    #[must_use]
    pub fn built_in() -> &'static [Arc<Self>] {
        &BUILT_IN
    }

    /// Reads a file; `file` names it in errors.
    ///
    /// # Errors
    /// Other TOML, with its place, or more bytes than are read.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, DeviceFlowError> {
        let wrong = |problem: String| DeviceFlowError { file: file.to_owned(), problem };
        if text.len() > MAX_LEN {
            return Err(wrong(format!("it has {} bytes, at most {MAX_LEN} are read", text.len())));
        }
        toml::from_str(text).map_err(|error| wrong(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::platform::Platform;

    #[test]
    fn every_file_of_the_folder_is_built_in_and_says_where_it_comes_from() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/flows");
        let on_disk = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let listed = FILES.iter().map(|(file, _)| (*file).to_owned());
        assert_eq!(on_disk.collect::<BTreeSet<_>>(), listed.collect());
        for ((file, _), flow) in FILES.iter().zip(DeviceFlow::built_in()) {
            assert_eq!(*file, format!("{}.toml", flow.id));
            assert!(Platform::find(&flow.platform).is_some(), "{}", flow.id);
            assert!(!flow.models.is_empty() && !flow.flows.is_empty() && !flow.goes_wrong.is_empty(), "{}", flow.id);
            assert!(flow.requires.iter().all(|rule| rule.source.contains("202")), "{}: a source has its date", flow.id);
        }
    }

    #[test]
    fn other_files_are_refused_with_their_place() {
        let error = DeviceFlow::from_toml("mine.toml", "id = \"x\"\ncolour = 1").unwrap_err();
        assert!(error.to_string().starts_with("mine.toml: TOML parse error at line 2"), "{error}");
        assert!(DeviceFlow::from_toml("mine.toml", &" ".repeat(MAX_LEN + 1)).is_err());
    }
}
