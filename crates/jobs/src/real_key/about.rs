//! `key list`, `key info`, `key pin`, `key reset`: what a key says of itself, and what was done with it as a whole.

use lab_client::manage::pin::PinState;
use lab_protocol::Aaguid;
use lab_protocol::ctap2::get_info;
use serde::Serialize;
use serde_json::json;

use super::KeyName;
use super::client::KeyClient;
use crate::error::JobError;
use crate::models::Catalogue;
use crate::report::{Cell, Document, Report, Tone};

/// A key that is plugged in, as far as it could be asked.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// The key.
    #[serde(flatten)]
    pub key: KeyName,
    /// Its model, where the lab knows the AAGUID.
    pub model: Option<String>,
    /// Why it could not be asked.
    pub problem: Option<String>,
}

impl Listed {
    /// A key with the model that it names.
    #[must_use]
    pub fn asked(key: KeyName, aaguid: Aaguid, catalogue: &Catalogue) -> Self {
        let model = catalogue.of_aaguid(aaguid).map(|model| model.name.clone());
        Self { key: KeyName { aaguid: Some(aaguid), ..key }, model, problem: None }
    }

    fn cells(&self) -> Vec<Cell> {
        let plain = |text: &Option<String>| Cell::from(text.as_deref().unwrap_or_default());
        let what = match (&self.problem, &self.model, self.key.aaguid) {
            (Some(problem), ..) => Cell::new(problem, Tone::Bad),
            (None, Some(model), _) => model.as_str().into(),
            (None, None, Some(aaguid)) => format!("AAGUID {aaguid}, not known here").into(),
            (None, None, None) => Cell::default(),
        };
        vec![self.key.path.as_str().into(), plain(&self.key.product), plain(&self.key.serial), what]
    }
}

/// The keys that are plugged in.
#[must_use]
pub fn list(keys: &[Listed]) -> Report {
    let mut document = Document::new();
    document.table(&["path", "product", "serial", "model"], keys.iter().map(Listed::cells).collect());
    if keys.is_empty() {
        document.text("no security key is plugged in");
    }
    Report { command: "key-list", result: json!(keys), notes: Vec::new(), document }
}

/// What a key says of itself.
#[derive(Debug, Clone)]
pub struct Info {
    key: KeyName,
    model: Option<(String, String)>,
    info: get_info::Response,
    pin: PinState,
}

/// Asks a key what it is. Nothing is touched, and no PIN is needed.
///
/// # Errors
/// The key gives no answer.
pub fn info(key: &KeyName, client: &mut dyn KeyClient, catalogue: &Catalogue) -> Result<Info, JobError> {
    let info = client.info()?;
    let model = catalogue.of_aaguid(info.aaguid).map(|model| (model.id.to_string(), model.name.clone()));
    let pin = client.pin_state()?;
    Ok(Info { key: KeyName { aaguid: Some(info.aaguid), ..key.clone() }, model, info, pin })
}

impl Info {
    /// What keeps it from holding a passkey of Entra's.
    fn lacks(&self) -> Vec<&'static str> {
        let has = |option| self.info.option(option) == Some(true);
        let mut lacks = Vec::new();
        if !has("rk") {
            lacks.push("it keeps no discoverable credentials (rk), which Entra asks for");
        }
        if self.pin.is_set != Some(true) && !has("uv") {
            lacks.push("it has neither a PIN nor a finger enrolled, and Entra asks for user verification");
        }
        if self.info.remaining_discoverable_credentials == Some(0) {
            lacks.push("it has no free slot for a passkey");
        }
        lacks
    }

    /// The report.
    #[must_use]
    pub fn report(&self) -> Report {
        let (info, list) = (&self.info, |items: &[String]| items.join(", "));
        let mut document = Document::new();
        let model = self.model.as_ref().map_or("not known here", |(_, name)| name);
        let slots =
            info.remaining_discoverable_credentials.map_or_else(|| "not told".to_owned(), |free| free.to_string());
        let options = info.options.iter().map(|(name, value)| format!("{name}={value}"));
        document.fields(vec![
            ("key", self.key.to_string().into()),
            ("model", model.into()),
            ("AAGUID", info.aaguid.into()),
            ("firmware", info.firmware_version.map_or_else(|| "not told".to_owned(), |it| it.to_string()).into()),
            ("versions", list(&info.versions).into()),
            ("extensions", list(&info.extensions).into()),
            ("options", options.collect::<Vec<_>>().join(", ").into()),
            ("attestation formats", list(&info.attestation_formats).into()),
            ("PIN", pin_sentence(&self.pin).into()),
            ("free slots", slots.into()),
        ]);
        for lack in self.lacks() {
            document.text(Cell::new(lack, Tone::Bad));
        }
        let result = json!({
            "key": self.key,
            "model": self.model.as_ref().map(|(id, name)| json!({"id": id, "name": name})),
            "versions": info.versions,
            "extensions": info.extensions,
            "options": info.options.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "pin_uv_auth_protocols": info.pin_uv_auth_protocols,
            "transports": info.transports,
            "algorithms": info.algorithms.iter().map(|algorithm| algorithm.0).collect::<Vec<_>>(),
            "attestation_formats": info.attestation_formats,
            "firmware_version": info.firmware_version,
            "max_msg_size": info.max_msg_size,
            "remaining_discoverable_credentials": info.remaining_discoverable_credentials,
            "pin": pin_json(&self.pin),
            "lacks": self.lacks(),
        });
        Report { command: "key-info", result, notes: Vec::new(), document }
    }
}

/// The state of a key's PIN.
///
/// # Errors
/// The key gives no answer.
pub fn pin(key: &KeyName, client: &mut dyn KeyClient) -> Result<Report, JobError> {
    let state = client.pin_state()?;
    let mut document = Document::new();
    document.text(format!("{key}: {}", pin_sentence(&state)));
    Ok(pin_report(key, &state, "none", document))
}

/// What is said after a PIN was set or changed.
///
/// # Errors
/// The key gives no answer.
pub fn changed_pin(key: &KeyName, client: &mut dyn KeyClient, done: &'static str) -> Result<Report, JobError> {
    let state = client.pin_state()?;
    let mut document = Document::new();
    document.text(Cell::new(format!("{key}: the PIN was {done}"), Tone::Good));
    Ok(pin_report(key, &state, done, document))
}

fn pin_report(key: &KeyName, state: &PinState, done: &'static str, document: Document) -> Report {
    let result = json!({"key": key, "done": done, "pin": pin_json(state)});
    Report { command: "key-pin", result, notes: Vec::new(), document }
}

/// What is said after a reset.
#[must_use]
pub fn was_reset(key: &KeyName) -> Report {
    let mut document = Document::new();
    document.text(Cell::new(format!("{key} is as it was delivered: no passkey, no PIN, no settings"), Tone::Good));
    Report { command: "key-reset", result: json!({"key": key, "reset": true}), notes: Vec::new(), document }
}

fn pin_json(state: &PinState) -> serde_json::Value {
    json!({
        "set": state.is_set,
        "retries": state.retries,
        "must_replug": state.must_replug,
        "must_change": state.must_change,
        "min_length": state.min_length,
        "uv_retries": state.uv_retries,
    })
}

fn pin_sentence(state: &PinState) -> String {
    let left = |retries: Option<i64>| retries.map(|left| format!(", {left} attempts left")).unwrap_or_default();
    match state.is_set {
        None => "the key has no PIN at all".to_owned(),
        Some(false) => format!("none set yet (at least {} characters)", state.min_length),
        Some(true) if state.retries == Some(0) => "blocked for good: only a reset helps".to_owned(),
        Some(true) if state.must_replug => format!("set{}, after it was unplugged", left(state.retries)),
        Some(true) if state.must_change => format!("set{}, and must be changed", left(state.retries)),
        Some(true) => format!("set{}", left(state.retries)),
    }
}
