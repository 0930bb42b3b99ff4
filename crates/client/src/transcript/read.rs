//! Reading a transcript, line by line.

use lab_protocol::{Capabilities, HidFacts, Status};
use serde::de::DeserializeOwned;

use super::line::{Counts, Device, Failed, First, Last, Line, Protocol, Waited, Waiting};
use super::message::Recorded;
use super::stand_ins::{StandIns, is_blank};
use super::{DeviceFacts, Exchange, Header, MAX_BYTES, MAX_EXCHANGES, Outcome, SCHEMA, Transcript, Wait};

/// The longest message, in bytes: more than CTAPHID carries.
const MAX_MESSAGE: usize = 64 * 1024;
/// The most devices of one transcript.
const MAX_DEVICES: usize = 64;

/// A text that is no transcript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct ReadError {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong with it.
    pub kind: ReadErrorKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadErrorKind {
    /// More than is read.
    #[error("expected a transcript of at most {MAX_BYTES} bytes, found {0}")]
    TooLong(usize),
    /// There is none.
    #[error("expected a line with the schema {SCHEMA}, found nothing")]
    Empty,
    /// Another schema.
    #[error("expected the schema {SCHEMA}, found “{0}”")]
    Schema(String),
    /// Not JSON, or not these members.
    #[error("expected {expected}: column {column}: {message}")]
    Json {
        /// What the line should be.
        expected: &'static str,
        /// Where.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// Lines are missing, doubled or in another order.
    #[error("expected exchange {expected}, found exchange {found}")]
    Number {
        /// The next number.
        expected: usize,
        /// That of the line.
        found: usize,
    },
    /// A device that the first line does not have.
    #[error("expected one of {known} devices, counted from 0, found {found}")]
    Device {
        /// How many there are.
        known: usize,
        /// The one that is named.
        found: usize,
    },
    /// Not bytes in hexadecimal.
    #[error("{member}: expected at most {MAX_MESSAGE} bytes in lower-case hexadecimal, found something else")]
    Hex {
        /// The member.
        member: &'static str,
    },
    /// Neither or both of what can come of a request.
    #[error("expected either a reply or an error")]
    Outcome,
    /// Something that a recording never keeps.
    #[error("{0} carries secrets, which a recording replaces by zeros")]
    Secret(String),
    /// Too many.
    #[error("expected at most {allowed} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        allowed: usize,
    },
    /// The last line counts others.
    #[error("expected {expected} exchanges as the last line says, found {found}")]
    Count {
        /// What it says.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Lines behind the last one.
    #[error("expected nothing behind the line with the end")]
    Behind,
}

impl ReadErrorKind {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::Schema(_) => "a transcript is what --record writes",
            Self::Json { .. } | Self::Hex { .. } | Self::Outcome => {
                "fixtures/schemas/transcript.schema.json says what a line has"
            }
            Self::Number { .. } | Self::Count { .. } => {
                "where lines were taken out, number the others again and correct the last line, or delete that one"
            }
            Self::Device { .. } => "the first line lists the devices",
            Self::Secret(_) => "do not pass this file on; record again with --record",
            Self::TooLong(_) | Self::TooMany { .. } => {
                "cut it after the exchanges that matter, and delete the last line"
            }
            Self::Behind => "one file holds one transcript",
        }
    }
}

pub(super) fn read(text: &str) -> Result<Transcript, ReadError> {
    let at = |line: usize| move |kind| ReadError { line, kind };
    if text.len() > MAX_BYTES {
        return Err(at(1)(ReadErrorKind::TooLong(text.len())));
    }
    let mut lines =
        text.lines().enumerate().map(|(place, line)| (place + 1, line)).filter(|(_, line)| !line.is_empty());
    let (number, line) = lines.next().ok_or(ReadErrorKind::Empty).map_err(at(1))?;
    let header = header(line).map_err(at(number))?;
    let mut transcript = Transcript { header, exchanges: Vec::new(), end: None };
    for (number, line) in lines {
        take(&mut transcript, line).map_err(at(number))?;
    }
    Ok(transcript)
}

fn take(transcript: &mut Transcript, line: &str) -> Result<(), ReadErrorKind> {
    let found = transcript.exchanges.len();
    if transcript.end.is_some() {
        return Err(ReadErrorKind::Behind);
    }
    if line.starts_with("{\"end\"") {
        let Last { end } = json(line, "the last line, with what was left out")?;
        if end.exchanges != found {
            return Err(ReadErrorKind::Count { expected: end.exchanges, found });
        }
        transcript.end = Some(stand_ins(&end));
        return Ok(());
    }
    if found == MAX_EXCHANGES {
        return Err(ReadErrorKind::TooMany { what: "exchanges", allowed: MAX_EXCHANGES });
    }
    let line: Line = json(line, "an exchange")?;
    if line.exchange != found + 1 {
        return Err(ReadErrorKind::Number { expected: found + 1, found: line.exchange });
    }
    transcript.exchanges.push(exchange(line, transcript.header.devices.len())?);
    Ok(())
}

fn json<T: DeserializeOwned>(line: &str, expected: &'static str) -> Result<T, ReadErrorKind> {
    serde_json::from_str(line).map_err(|error| {
        let text = error.to_string();
        let message = text.split(" at line ").next().unwrap_or_default().to_owned();
        ReadErrorKind::Json { expected, column: error.column(), message }
    })
}

fn header(line: &str) -> Result<Header, ReadErrorKind> {
    const EXPECTED: &str = "the first line of a transcript";
    let value: serde_json::Value = json(line, EXPECTED)?;
    let schema = value.get("schema").and_then(serde_json::Value::as_str).unwrap_or_default();
    if schema != SCHEMA {
        return Err(ReadErrorKind::Schema(schema.chars().take(60).collect()));
    }
    let First { tool, recorded_at, devices, run, .. } = json(line, EXPECTED)?;
    if devices.len() > MAX_DEVICES {
        return Err(ReadErrorKind::TooMany { what: "devices", allowed: MAX_DEVICES });
    }
    let devices = devices.into_iter().map(device).collect();
    Ok(Header { tool: (tool.name, tool.version), recorded_at, devices, run })
}

fn device(device: Device) -> DeviceFacts {
    let hid = device.hid.map(|hid| HidFacts { version: hid.version, capabilities: Capabilities(hid.capabilities) });
    DeviceFacts { name: device.name, hid }
}

fn exchange(line: Line, devices: usize) -> Result<Exchange, ReadErrorKind> {
    if line.device >= devices {
        return Err(ReadErrorKind::Device { known: devices, found: line.device });
    }
    let request = bytes(&line.request, "request")?;
    let request = match line.protocol {
        Protocol::Ctap1 => Recorded::Ctap1(request),
        Protocol::Ctap2 => Recorded::Ctap2(request),
    };
    let outcome = match (line.reply, line.error) {
        (Some(reply), None) => Outcome::Reply(bytes(&reply, "reply")?),
        (None, Some(Failed::Gone(why))) => Outcome::Gone(why),
        (None, Some(Failed::Busy)) => Outcome::Busy,
        (None, Some(Failed::Garbled(why))) => Outcome::Garbled(why),
        _ => return Err(ReadErrorKind::Outcome),
    };
    let reply = if let Outcome::Reply(reply) = &outcome { Some(&reply[..]) } else { None };
    if !is_blank(&request, reply) {
        return Err(ReadErrorKind::Secret(request.name()));
    }
    let waits = line.waits.iter().map(wait).collect();
    let Line { device, at_ms, took_ms, cancelled, .. } = line;
    Ok(Exchange { device, at_ms, took_ms, request, waits, cancelled, outcome })
}

const fn wait(waited: &Waited) -> Wait {
    let status = match waited.status {
        Waiting::Processing => Status::Processing,
        Waiting::UpNeeded => Status::UpNeeded,
        Waiting::UvNeeded => Status::UvNeeded,
    };
    Wait { status, after_ms: waited.after_ms, times: waited.times }
}

fn bytes(text: &str, member: &'static str) -> Result<Vec<u8>, ReadErrorKind> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes.filter(|bytes| rest.is_empty() && bytes.len() <= MAX_MESSAGE).ok_or(ReadErrorKind::Hex { member })
}

const fn stand_ins(counts: &Counts) -> StandIns {
    let Counts { exchanges, secrets, credentials, users, relying_parties, names } = *counts;
    StandIns { exchanges, secrets, credentials, users, relying_parties, names }
}
