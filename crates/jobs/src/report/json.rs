//! The JSON envelope of every result.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Report;

/// What surrounds a result, beside the result itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Envelope {
    /// The seed of the run, if it had one.
    pub seed: Option<u64>,
    /// The time of the run, if it was given.
    pub at: Option<Timestamp>,
}

/// Writes `{"schema", "tool", "seed"?, "at"?, "result", "notes"}`.
pub(super) fn render(report: &Report, envelope: &Envelope) -> String {
    let mut object = Map::new();
    object.insert("schema".into(), format!("passkey-lab/{}/1", report.command).into());
    object.insert("tool".into(), json!({"name": "passkey-lab", "version": env!("CARGO_PKG_VERSION")}));
    if let Some(seed) = envelope.seed {
        object.insert("seed".into(), seed.into());
    }
    if let Some(at) = envelope.at {
        object.insert("at".into(), at.to_string().into());
    }
    object.insert("result".into(), report.result.clone());
    object.insert("notes".into(), report.notes.clone().into());
    format!("{:#}\n", Value::Object(object))
}

/// Writes the items of the result, one a line; a result that is no list is one item.
pub(super) fn lines(report: &Report) -> String {
    let items = match &report.result {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    items.iter().map(|item| format!("{item}\n")).collect()
}
