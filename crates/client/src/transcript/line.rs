//! The lines of a transcript, as they are written.

use std::fmt::Write as _;

use lab_protocol::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decoded::{self, hex};
use super::message::Recorded;
use super::{Exchange, Outcome, SCHEMA, StandIns, Transcript, Wait};

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct First {
    pub schema: String,
    pub tool: Tool,
    pub recorded_at: jiff::Timestamp,
    pub devices: Vec<Device>,
    pub run: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tool {
    pub name: String,
    pub version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Device {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hid: Option<Hid>,
}

/// What CTAPHID_INIT said.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hid {
    pub version: [u8; 3],
    pub capabilities: u8,
}

/// The line of an exchange.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// 1, 2, 3, ...
    pub exchange: usize,
    #[serde(default, skip_serializing_if = "is_first")]
    pub device: usize,
    pub at_ms: u64,
    pub took_ms: u64,
    pub protocol: Protocol,
    pub command: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Waited>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// Hexadecimal.
    pub request: String,
    /// Hexadecimal, status included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoded: Option<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Protocol {
    Ctap1,
    Ctap2,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Failed {
    Gone(String),
    Busy,
    Garbled(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waited {
    pub status: Waiting,
    pub after_ms: u64,
    pub times: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Waiting {
    Processing,
    UpNeeded,
    UvNeeded,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last {
    pub end: Counts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub exchanges: usize,
    pub secrets: usize,
    pub credentials: usize,
    pub users: usize,
    pub relying_parties: usize,
    pub names: usize,
}

pub(super) fn write(transcript: &Transcript) -> String {
    let mut text = String::new();
    push(&mut text, &first(transcript));
    for (number, exchange) in transcript.exchanges.iter().enumerate() {
        push(&mut text, &line(number + 1, exchange));
    }
    if let Some(end) = &transcript.end {
        push(&mut text, &Last { end: counts(end) });
    }
    text
}

fn push(text: &mut String, line: &impl Serialize) {
    // These types have no maps with keys that JSON cannot write.
    let _ = writeln!(text, "{}", serde_json::to_string(line).unwrap_or_default());
}

fn first(transcript: &Transcript) -> First {
    let header = &transcript.header;
    let device = |facts: &super::DeviceFacts| Device {
        name: facts.name.clone(),
        hid: facts.hid.map(|hid| Hid { version: hid.version, capabilities: hid.capabilities.0 }),
    };
    First {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: header.tool.0.clone(), version: header.tool.1.clone() },
        recorded_at: header.recorded_at,
        devices: header.devices.iter().map(device).collect(),
        run: header.run.clone(),
    }
}

fn line(number: usize, exchange: &Exchange) -> Line {
    let (reply, error) = match &exchange.outcome {
        Outcome::Reply(reply) => (Some(reply), None),
        Outcome::Gone(why) => (None, Some(Failed::Gone(why.clone()))),
        Outcome::Busy => (None, Some(Failed::Busy)),
        Outcome::Garbled(why) => (None, Some(Failed::Garbled(why.clone()))),
    };
    Line {
        exchange: number,
        device: exchange.device,
        at_ms: exchange.at_ms,
        took_ms: exchange.took_ms,
        protocol: match exchange.request {
            Recorded::Ctap1(_) => Protocol::Ctap1,
            Recorded::Ctap2(_) => Protocol::Ctap2,
        },
        command: exchange.request.name(),
        waits: exchange.waits.iter().map(waited).collect(),
        cancelled: exchange.cancelled,
        request: hex(exchange.request.bytes()),
        reply: reply.map(|reply| hex(reply)),
        status: reply.map(|reply| decoded::status(&exchange.request, reply)),
        error,
        decoded: decoded(exchange),
    }
}

fn decoded(exchange: &Exchange) -> Option<Value> {
    let mut members = serde_json::Map::new();
    members.extend(decoded::request(&exchange.request).map(|request| ("request".to_owned(), request)));
    if let Outcome::Reply(reply) = &exchange.outcome {
        members.extend(decoded::reply(&exchange.request, reply).map(|reply| ("reply".to_owned(), reply)));
    }
    (!members.is_empty()).then_some(Value::Object(members))
}

const fn waited(wait: &Wait) -> Waited {
    let status = match wait.status {
        Status::Processing => Waiting::Processing,
        Status::UpNeeded => Waiting::UpNeeded,
        Status::UvNeeded => Waiting::UvNeeded,
    };
    Waited { status, after_ms: wait.after_ms, times: wait.times }
}

const fn counts(end: &StandIns) -> Counts {
    let StandIns { exchanges, secrets, credentials, users, relying_parties, names } = *end;
    Counts { exchanges, secrets, credentials, users, relying_parties, names }
}

const fn is_first(device: &usize) -> bool {
    *device == 0
}

const fn is_false(value: &bool) -> bool {
    !*value
}
