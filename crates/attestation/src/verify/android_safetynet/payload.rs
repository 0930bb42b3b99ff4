//! What the service says (SafetyNet Attestation API, the payload of the JWS).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use lab_protocol::trace::{Finding, Reason};
use serde_json::{Map, Value};

use crate::jws::{ObjectError, object};
use crate::note::Note;
use crate::policy::Policy;

/// How old an answer may be (FIDO conformance list, Resp-B F-7).
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);

/// The members that are asked for.
pub(super) struct Payload {
    nonce: Option<String>,
    timestamp: Option<Timestamp>,
    cts_profile_match: Option<bool>,
    basic_integrity: Option<bool>,
    package: Option<String>,
    evaluation: Option<String>,
}

/// Why a payload cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not one JSON object.
    #[error("the payload of the JWS is not one JSON object: {0}")]
    Json(#[from] ObjectError),
    /// A member of another type.
    #[error("the member {member} of the payload is not {expected}")]
    Type {
        /// The member.
        member: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
}

/// The nonce is another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// There is none.
    #[error("the payload has no nonce")]
    Absent,
    /// Not Base64.
    #[error("the nonce is not Base64 with padding")]
    NotBase64,
    /// Another alphabet, or no padding.
    #[error("the nonce is right but written in another base64 than the one with padding, “+” and “/”")]
    OtherAlphabet,
    /// Another value.
    #[error("the nonce is not SHA-256 over authenticator data and client data hash")]
    Mismatch,
}

impl Reason for NonceError {}

/// The device does not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Nothing is said.
    #[error("the payload has no ctsProfileMatch")]
    Absent,
    /// It does not match.
    #[error("ctsProfileMatch is false, basicIntegrity is {}", .basic_integrity.map_or("absent", |value| if value { "true" } else { "false" }))]
    NoMatch {
        /// Whether the device passed the weaker test.
        basic_integrity: Option<bool>,
    },
}

impl Reason for ProfileError {}

/// The answer is of another time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Nothing is said.
    #[error("the payload has no timestampMs")]
    Absent,
    /// Too old.
    #[error("the response is of {found}, {} before the verification, expected at most {MAX_AGE:#}", shown(*.age))]
    Old {
        /// Its time.
        found: Timestamp,
        /// How old it is.
        age: SignedDuration,
    },
    /// Too new.
    #[error("the response is of {found}, {} after the verification", shown(*.by))]
    Future {
        /// Its time.
        found: Timestamp,
        /// How far ahead it is.
        by: SignedDuration,
    },
}

impl Reason for TimeError {}

impl Payload {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let mut members = object(bytes)?;
        let milliseconds = number(&mut members, "timestampMs")?;
        Ok(Self {
            nonce: text(&mut members, "nonce")?,
            timestamp: milliseconds.map(|number| Timestamp::from_millisecond(number).unwrap_or(Timestamp::MAX)),
            cts_profile_match: boolean(&mut members, "ctsProfileMatch")?,
            basic_integrity: boolean(&mut members, "basicIntegrity")?,
            package: text(&mut members, "apkPackageName")?,
            evaluation: text(&mut members, "evaluationType")?,
        })
    }

    /// Who asked, and how the service looked at the device.
    pub(super) fn note(&self) -> Option<Note> {
        let shown = |text: &Option<String>| text.as_ref().map(|text| text.chars().take(80).collect());
        let (package, evaluation) = (shown(&self.package), shown(&self.evaluation));
        let says = package.is_some() || evaluation.is_some();
        says.then_some(Note::SafetyNet { package, evaluation })
    }

    pub(super) fn nonce<'a>(&self, expected: &[u8; 32]) -> Finding<'a> {
        let Some(nonce) = &self.nonce else { return NonceError::Absent.into() };
        let error = match STANDARD.decode(nonce) {
            Ok(found) if found == expected => return Finding::pass(),
            Ok(found) => return Finding::refuse(NonceError::Mismatch).values(expected.to_vec(), found),
            Err(_) => {
                let others = [&STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
                let found = others.iter().find_map(|engine| engine.decode(nonce).ok());
                if found.is_some_and(|found| found == expected) {
                    NonceError::OtherAlphabet
                } else {
                    NonceError::NotBase64
                }
            }
        };
        Finding::refuse(error).values(STANDARD.encode(expected), nonce.chars().take(120).collect::<String>())
    }

    pub(super) fn profile<'a>(&self) -> Finding<'a> {
        match self.cts_profile_match {
            Some(true) => Finding::pass_with(true),
            Some(false) => {
                Finding::refuse(ProfileError::NoMatch { basic_integrity: self.basic_integrity }).values(true, false)
            }
            None => ProfileError::Absent.into(),
        }
    }

    pub(super) fn time<'a>(&self, at: Timestamp, policy: &Policy) -> Finding<'a> {
        let Some(found) = self.timestamp else { return TimeError::Absent.into() };
        let age = at.duration_since(found);
        match () {
            () if age.is_negative() => Finding::refuse(TimeError::Future { found, by: age.abs() }).values(at, found),
            () if age > MAX_AGE => policy.safetynet_old.finding(TimeError::Old { found, age }).values(at, found),
            () => Finding::pass_with(found),
        }
    }
}

fn text(members: &mut Map<String, Value>, member: &'static str) -> Result<Option<String>, PayloadError> {
    match members.remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(PayloadError::Type { member, expected: "a text" }),
    }
}

fn boolean(members: &mut Map<String, Value>, member: &'static str) -> Result<Option<bool>, PayloadError> {
    match members.remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(value)),
        Some(_) => Err(PayloadError::Type { member, expected: "a boolean" }),
    }
}

fn number(members: &mut Map<String, Value>, member: &'static str) -> Result<Option<i64>, PayloadError> {
    match members.remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or(PayloadError::Type { member, expected: "a whole number" }),
    }
}

/// A duration to its largest unit.
fn shown(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        86_400.. => format!("{} days", seconds / 86_400),
        3600.. => format!("{} hours", seconds / 3600),
        60.. => format!("{} minutes", seconds / 60),
        _ => format!("{} seconds", duration.as_secs_f64()),
    }
}
