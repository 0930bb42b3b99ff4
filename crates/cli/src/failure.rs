//! Why a command gave no result.

use lab_jobs::{JobError, input};

use crate::{USAGE, output};

/// A sentence, a hint, and the exit status.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The exit status of the contract.
    pub status: u8,
}

impl Failure {
    /// Bad usage, with what to do instead.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), status: USAGE }
    }

    /// Says it on standard error and gives the exit status.
    pub fn report(&self) -> u8 {
        output::say("error", &self.message);
        if let Some(hint) = &self.hint {
            output::say("hint", hint);
        }
        self.status
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, hint: None, status: USAGE }
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        let message = error.to_string();
        Self { message: message.trim_end_matches('.').to_owned(), hint: error.hint(), status: error.exit_status() }
    }
}

impl From<input::InputError> for Failure {
    fn from(error: input::InputError) -> Self {
        JobError::from(error).into()
    }
}
