//! Platform files: reading, and what no schema can say.

use super::{Platform, Rule};

/// The most bytes of a platform file.
const MAX_LEN: usize = 256 * 1024;

/// Why a platform file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlatformError {
    /// Not the TOML that is expected.
    #[error("{file}: {problem}")]
    Toml {
        /// The file.
        file: String,
        /// Line, column and what is wrong there.
        problem: String,
    },
    /// More bytes than are read.
    #[error("{file}: it has {found} bytes, at most {MAX_LEN} are read")]
    Length {
        /// The file.
        file: String,
        /// The length found.
        found: usize,
    },
    /// Two rules of one name.
    #[error("{file}: the rule “{id}” occurs twice")]
    DuplicateRule {
        /// The file.
        file: String,
        /// The name.
        id: String,
    },
    /// A rule behind one that always applies.
    #[error("{file}: the rule “{id}” is never reached, because “{before}” always applies")]
    Unreachable {
        /// The file.
        file: String,
        /// The rule that is not reached.
        id: String,
        /// The rule before it.
        before: String,
    },
}

impl Platform {
    /// Reads a platform file; `file` names it in errors.
    ///
    /// # Errors
    /// Other TOML, with its place; rules that contradict each other.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, PlatformError> {
        let file = file.to_owned();
        if text.len() > MAX_LEN {
            return Err(PlatformError::Length { file, found: text.len() });
        }
        let platform: Self = toml::from_str(text)
            .map_err(|error| PlatformError::Toml { file: file.clone(), problem: error.to_string() })?;
        check(file, &platform.conveyance)?;
        Ok(platform)
    }
}

fn check(file: String, rules: &[Rule]) -> Result<(), PlatformError> {
    for (index, rule) in rules.iter().enumerate() {
        let before = rules.get(..index).unwrap_or_default();
        let id = || rule.id.clone();
        if before.iter().any(|other| other.id == rule.id) {
            return Err(PlatformError::DuplicateRule { file, id: id() });
        }
        if let Some(always) = before.iter().find(|other| other.when == super::When::default()) {
            return Err(PlatformError::Unreachable { file, id: id(), before: always.id.clone() });
        }
    }
    Ok(())
}
