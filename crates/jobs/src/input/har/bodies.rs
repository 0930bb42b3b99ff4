//! The bodies of requests and responses, as JSON values to walk through.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// The longest body that is looked at, in bytes.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// How deep values may nest, JSON in texts included.
const MAX_DEPTH: usize = 24;
/// The most values of one recording that are looked at.
const MAX_VALUES: usize = 2_000_000;
/// The members of Entra's pages that stand in a script, and not in JSON of their own.
const IN_SCRIPTS: [&str; 2] = ["sFidoChallenge", "serverChallenge"];

/// How many values may still be looked at.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_VALUES)
    }
}

/// The bodies of a request: JSON, or a form as an object of texts.
pub(super) fn of_request(entry: &Value) -> Vec<Value> {
    let Some(data) = entry.pointer("/request/postData") else { return Vec::new() };
    let text = data.get("text").and_then(Value::as_str).unwrap_or_default();
    if let Some(json) = json(text) {
        return vec![json];
    }
    let form = form(text);
    let parameters = data.get("params").and_then(Value::as_array).into_iter().flatten();
    let member = |parameter: &Value| {
        let value = parameter.get("value")?.as_str()?;
        Some((parameter.get("name")?.as_str()?.to_owned(), Value::String(decoded(value))))
    };
    let parameters: Map<String, Value> = parameters.take(1000).filter_map(member).collect();
    [form, parameters].into_iter().filter(|form| !form.is_empty()).map(Value::Object).collect()
}

/// The body of a response: JSON, or what a page's script says.
pub(super) fn of_response(entry: &Value) -> Vec<Value> {
    let Some(content) = entry.pointer("/response/content") else { return Vec::new() };
    let text = content.get("text").and_then(Value::as_str).unwrap_or_default();
    let decoded = match content.get("encoding").and_then(Value::as_str) {
        Some("base64") => STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
        _ => None,
    };
    let text = decoded.as_deref().unwrap_or(text);
    match json(text) {
        Some(json) => vec![json],
        None => script(text),
    }
}

fn json(text: &str) -> Option<Value> {
    let starts = text.trim_start().starts_with(['{', '[']);
    (starts && text.len() <= MAX_BODY).then(|| serde_json::from_str(text).ok()).flatten()
}

/// `application/x-www-form-urlencoded` (WHATWG URL §5.1).
fn form(text: &str) -> Map<String, Value> {
    if text.len() > MAX_BODY || !text.contains('=') {
        return Map::new();
    }
    let pairs = text.split('&').take(1000).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")).into())).collect()
}

/// A text with its percent-encoded bytes decoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| *first == b'%');
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The members of a page's configuration that matter here.
fn script(text: &str) -> Vec<Value> {
    if text.len() > MAX_BODY {
        return Vec::new();
    }
    let members = IN_SCRIPTS.iter().filter_map(|name| {
        let (_, rest) = text.split_once(&format!("\"{name}\":"))?;
        let value = serde_json::Deserializer::from_str(rest).into_iter::<Value>().next()?.ok()?;
        Some(((*name).to_owned(), value))
    });
    let members: Map<String, Value> = members.collect();
    if members.is_empty() { Vec::new() } else { vec![Value::Object(members)] }
}

/// Shows every object of a value to `visit`, those in texts that are JSON included.
pub(super) fn walk(value: &Value, budget: &mut Budget, visit: &mut dyn FnMut(&Map<String, Value>)) {
    step(value, budget, 0, visit);
}

fn step(value: &Value, budget: &mut Budget, depth: usize, visit: &mut dyn FnMut(&Map<String, Value>)) {
    if budget.0 == 0 || depth > MAX_DEPTH {
        return;
    }
    budget.0 -= 1;
    match value {
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| step(member, budget, depth + 1, visit));
        }
        Value::Array(elements) => elements.iter().for_each(|element| step(element, budget, depth + 1, visit)),
        Value::String(text) => {
            if let Some(inner) = json(text) {
                step(&inner, budget, depth + 4, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
