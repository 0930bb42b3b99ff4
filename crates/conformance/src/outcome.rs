//! What comes of a case.

use std::fmt;

use lab_client::ClientError;
use lab_hid::{HidError, LinkError};
use lab_protocol::DeviceError;
use lab_protocol::ctap2::MessageError;

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it must be.
    Pass,
    /// Allowed, and worth knowing.
    Observation(String),
    /// Not as it must be.
    Fail {
        /// What must be.
        expected: String,
        /// What is.
        found: String,
    },
    /// The case says nothing about this target.
    NotApplicable(String),
}

/// What ends a case before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Not as it must be.
    Fail {
        /// What must be.
        expected: String,
        /// What is.
        found: String,
    },
    /// The case says nothing about this target.
    NotApplicable(String),
}

impl Stop {
    /// Not as it must be.
    pub fn fail(expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self::Fail { expected: expected.to_string(), found: found.to_string() }
    }

    /// The case says nothing about this target.
    pub fn not_applicable(reason: impl fmt::Display) -> Self {
        Self::NotApplicable(reason.to_string())
    }
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Fail { expected, found } => Self::Fail { expected, found },
            Stop::NotApplicable(reason) => Self::NotApplicable(reason),
        }
    }
}

impl From<DeviceError> for Stop {
    fn from(error: DeviceError) -> Self {
        Self::fail("a reply", error)
    }
}

impl From<HidError> for Stop {
    fn from(error: HidError) -> Self {
        Self::fail("a reply", error)
    }
}

impl From<LinkError> for Stop {
    fn from(error: LinkError) -> Self {
        Self::fail("a device that is there", error)
    }
}

impl From<MessageError> for Stop {
    fn from(error: MessageError) -> Self {
        Self::fail("a reply that can be read", error)
    }
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::fail("success", error)
    }
}

impl Outcome {
    /// The word in results.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Observation(_) => "observation",
            Self::Fail { .. } => "fail",
            Self::NotApplicable(_) => "not-applicable",
        }
    }

    /// Pass where a condition holds, else a failure with both values.
    pub fn check(holds: bool, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        if holds { Self::Pass } else { Stop::fail(expected, found).into() }
    }

    /// Something to be recorded.
    pub fn observe(text: impl fmt::Display) -> Self {
        Self::Observation(text.to_string())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => Ok(()),
            Self::Observation(text) | Self::NotApplicable(text) => f.write_str(text),
            Self::Fail { expected, found } => write!(f, "expected {expected}, found {found}"),
        }
    }
}
