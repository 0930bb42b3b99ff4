//! Waiting for the person.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::ctap2::StatusCode;
use lab_protocol::{Event, Status, Step};

use crate::commands::Pending;
use crate::engine::Authenticator;
use crate::model::Quirk;

/// How long the person has for one gesture: the user action timeout of `ctap-2.2 §6`.
const USER_ACTION: SignedDuration = SignedDuration::from_secs(30);
/// How long a long touch is (`ctap-2.2 §6.4`, longTouchForReset).
const LONG_TOUCH: SignedDuration = SignedDuration::from_secs(5);

/// What the authenticator needs of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Presence,
    Verification,
    /// A touch that lasts. A finger stays where it is until it is lifted ([`Event::Deny`]) or the command is done.
    LongTouch,
    /// The same, and the finger is there.
    Held,
    /// A sample of a finger, for so long.
    Sample(SignedDuration),
}

impl Need {
    const fn time(self) -> SignedDuration {
        match self {
            Self::Presence | Self::Verification | Self::LongTouch => USER_ACTION,
            Self::Held => LONG_TOUCH,
            Self::Sample(time) => time,
        }
    }
}

/// What the person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The gesture that was asked for.
    Given,
    /// The verification failed.
    Failed,
    /// Declined.
    Refused,
    /// Nothing, for as long as there was time.
    TimedOut,
}

/// A command that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub need: Need,
    pub until: Timestamp,
    pub pending: Pending,
}

impl Waiting {
    pub fn new(need: Need, pending: Pending, now: Timestamp) -> Self {
        Self { need, until: later(now, need.time()), pending }
    }

    pub fn step(&self) -> Step {
        let status = match self.need {
            Need::Presence | Need::LongTouch | Need::Held | Need::Sample(_) => Status::UpNeeded,
            Need::Verification => Status::UvNeeded,
        };
        Step::Waiting { status, until: self.until }
    }

    /// The same wait, if `event` lays a finger down that has to stay there.
    pub fn touched(self, event: Event, now: Timestamp) -> Self {
        match (self.need, event) {
            (Need::LongTouch, Event::Touch | Event::Verified) => Self::new(Need::Held, self.pending, now),
            _ => self,
        }
    }

    /// What `event` means to the command; `None` where it goes on waiting.
    pub fn answer(&self, event: Event, now: Timestamp) -> Option<Answer> {
        if now >= self.until {
            return Some(if self.need == Need::Held { Answer::Given } else { Answer::TimedOut });
        }
        match (self.need, event) {
            // Whoever was verified is present.
            (Need::Presence | Need::Sample(_), Event::Touch | Event::Verified)
            | (Need::Verification, Event::Verified) => Some(Answer::Given),
            (Need::Verification | Need::Sample(_), Event::NotVerified) => Some(Answer::Failed),
            (_, Event::Deny) => Some(Answer::Refused),
            _ => None,
        }
    }
}

/// `now` and a while, or the end of time.
pub(crate) fn later(now: Timestamp, while_: SignedDuration) -> Timestamp {
    now.saturating_add(while_).unwrap_or(Timestamp::MAX)
}

/// What a ceremony knows of its person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gestures {
    pub present: bool,
    pub verified: bool,
}

/// What verifying the user needs next.
pub(crate) enum Verification {
    Done(Gestures),
    Ask,
}

/// Why performBuiltInUv did not verify the user; each command has its own status for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UvError {
    /// The user declined.
    Refused,
    /// Nobody came.
    TimedOut,
    /// It was somebody else, or the sensor could not tell.
    Failed,
    /// No attempt is left.
    Blocked,
}

impl Authenticator {
    /// Starts performBuiltInUv (`ctap-2.2 §6.5.5.7.3`).
    pub(crate) fn verify_user(&self) -> Result<Verification, UvError> {
        if self.model.has_quirk(Quirk::UvWithoutVerification) {
            return Ok(Verification::Done(Gestures { present: false, verified: true }));
        }
        if self.state.uv_retries == 0 { Err(UvError::Blocked) } else { Ok(Verification::Ask) }
    }

    /// Ends performBuiltInUv. A sensor or screen lock shows presence too.
    pub(crate) fn user_verified(&mut self, answer: Answer) -> Result<Gestures, UvError> {
        match answer {
            Answer::Given => {
                let retries = self.model.user_verification.retries.value;
                self.state.change(|state| state.uv_retries = retries);
                Ok(Gestures { present: self.uv_shows_presence(), verified: true })
            }
            Answer::Failed => {
                self.state.change(|state| state.uv_retries = state.uv_retries.saturating_sub(1));
                Err(if self.state.uv_retries == 0 { UvError::Blocked } else { UvError::Failed })
            }
            Answer::Refused => Err(UvError::Refused),
            Answer::TimedOut => Err(UvError::TimedOut),
        }
    }
}

/// The status of a ceremony whose touch did not come (`ctap-2.2 §6.1.2` step 14).
pub(crate) fn touched(answer: Answer) -> Result<(), StatusCode> {
    match answer {
        Answer::Given => Ok(()),
        Answer::Failed | Answer::Refused | Answer::TimedOut => Err(StatusCode::OPERATION_DENIED),
    }
}
