//! Transcripts as jobs use them: what a run is told and drew, so that it can be done again without its authenticator.

use std::path::Path;

use jiff::Timestamp;
use lab_client::transcript::{ReadError, Transcript};
use lab_protocol::Base64Url;
use serde::{Deserialize, Serialize};

use crate::ceremony::setting;
use crate::error::JobError;
use crate::input::{self, read_text};
use crate::models::Choice;
use crate::real_key::KeyName;
use crate::world::{Drawn, World};

/// What to look at where a transcript has no answer.
pub const NOT_RECORDED: &str = "the tenant, the options or this program are not those of the recording";

/// What a program was doing when a transcript was recorded: its own words in the first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The arguments of the program, without those that only say where the result goes. Secrets are never arguments.
    pub arguments: Vec<String>,
    /// The time of the run.
    pub at: Timestamp,
    /// What an unseeded run drew for its questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Drawn>,
    /// The stand-in roots that the run trusted, in DER.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<Base64Url>,
    /// The key and the ledger, where the run was one on a real key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Guest>,
}

/// A real key, and what the ledger had before the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guest {
    /// What it is called.
    pub key: KeyName,
    /// The text of the ledger's entries.
    pub ledger: String,
}

/// A transcript that is played back.
#[derive(Debug, Clone)]
pub struct Played {
    /// The exchanges.
    pub transcript: Transcript,
    /// The stand-in roots that the run trusted, in DER.
    pub roots: Vec<Vec<u8>>,
}

impl Run {
    /// A run on a model; one on a real key trusts no stand-ins.
    #[must_use]
    pub fn new(arguments: Vec<String>, world: &World, model: Option<&Choice>) -> Self {
        let roots = model.map(|model| setting::roots(&world.vendors(), model)).unwrap_or_default();
        let roots = roots.into_iter().map(Base64Url).collect();
        Self { arguments, at: world.at, drawn: world.drawn(), roots, guest: None }
    }

    /// The run of a transcript.
    ///
    /// # Errors
    /// The first line does not say what was done: somebody else's program recorded it.
    pub fn of(transcript: &Transcript) -> Result<Self, JobError> {
        serde_json::from_value(transcript.header.run.clone()).map_err(|error| JobError::Usage {
            what: format!("line 1: run: expected what passkey-lab was doing, found something else: {error}"),
            hint: Some("--listen serves any transcript as a key".to_owned()),
        })
    }

    /// For the first line of a transcript.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The world of the run, as far as its questions need it; `seed` is that of its arguments.
    #[must_use]
    pub fn world(&self, seed: Option<u64>, entropy: [u8; 32]) -> World {
        match (seed, &self.drawn) {
            (Some(seed), _) => World::seeded(seed, self.at),
            (None, Some(drawn)) => World::asking_again(drawn.clone(), entropy, self.at),
            (None, None) => World::unseeded(entropy, self.at),
        }
    }
}

impl Played {
    /// A transcript with the roots of its run.
    #[must_use]
    pub fn new(transcript: Transcript, run: &Run) -> Self {
        Self { transcript, roots: run.roots.iter().map(|root| root.0.clone()).collect() }
    }
}

/// Reads a transcript; `-` is standard input.
///
/// # Errors
/// The file cannot be read, or is none.
pub fn read(path: &Path, stdin: &mut dyn std::io::Read) -> Result<Transcript, JobError> {
    let text = read_text(path, stdin)?;
    Transcript::from_lines(&text)
        .map_err(|error| JobError::Transcript { file: input::shown(path), error: Box::new(error) })
}

/// The hint of a transcript that cannot be read.
pub(crate) fn hint(error: &ReadError) -> String {
    error.kind.hint().to_owned()
}

#[cfg(test)]
mod tests;
