//! `--expect` and `--in-app-attestation`.

use std::str::FromStr;

use lab_entra::{InAppAttestation, Verdict};

use super::outcome::StepView;

/// The outcome that the caller calls good.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expectation {
    /// Registration and sign-in are allowed.
    #[default]
    Allowed,
    /// One of them is refused.
    Refused,
    /// One of them is refused, and this check decided.
    RefusedBy(String),
}

impl Expectation {
    /// Whether the steps came out as expected.
    #[must_use]
    pub fn holds(&self, registration: &StepView, sign_in: Option<&StepView>) -> bool {
        let steps = || [Some(registration), sign_in].into_iter().flatten();
        let refused = |step: &StepView| step.verdict == Verdict::Refused;
        match self {
            Self::Allowed => steps().all(|step| step.verdict == Verdict::Allowed) && sign_in.is_some(),
            Self::Refused => steps().any(refused),
            Self::RefusedBy(id) => steps().any(|step| refused(step) && step.decided_by == Some(id.as_str())),
        }
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "allowed" => Ok(Self::Allowed),
            None if text == "refused" => Ok(Self::Refused),
            Some(("refused", id)) if !id.is_empty() => Ok(Self::RefusedBy(id.to_owned())),
            _ => Err("expected allowed, refused, or refused:ID such as refused:entra/key-restrictions".to_owned()),
        }
    }
}

/// What Microsoft's service says about an in-app registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InApp {
    /// It vouches for the app.
    Passed,
    /// It does not.
    Failed,
    /// It does not answer.
    Unavailable,
}

impl From<InApp> for InAppAttestation {
    fn from(said: InApp) -> Self {
        match said {
            InApp::Passed => Self::Passed,
            InApp::Failed => Self::Failed,
            InApp::Unavailable => Self::Unavailable,
        }
    }
}

impl FromStr for InApp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "passed" => Ok(Self::Passed),
            "failed" => Ok(Self::Failed),
            "unavailable" => Ok(Self::Unavailable),
            _ => Err("expected passed, failed or unavailable".to_owned()),
        }
    }
}
