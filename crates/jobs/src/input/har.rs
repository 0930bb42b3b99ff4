//! HAR files (HTTP Archive 1.2): the registrations and sign-ins in the bodies of requests, each judged
//! against the options that an earlier response of the same recording issued.
//!
//! Bodies are JSON, forms, and JSON in texts of either, as Entra's pages send them. What the recording
//! does not say is taken from the response itself, and said.

mod bodies;
mod issued;
mod response;

use serde_json::{Map, Value, json};

use super::cases::own;
use bodies::{Budget, walk};
use issued::Issued;
use response::Recorded;

/// The most requests that are looked at.
pub const MAX_ENTRIES: usize = 100_000;
/// The most responses that are judged.
pub const MAX_RESPONSES: usize = 1000;

/// A case in the public format, under its place in the recording.
pub(super) struct Found {
    pub(super) id: String,
    pub(super) case: Map<String, Value>,
    pub(super) notes: Vec<String>,
}

/// Whether a JSON value is an archive.
pub(super) fn is_archive(value: &Value) -> bool {
    value.get("log").is_some_and(|log| log.get("entries").is_some_and(Value::is_array))
}

/// The requests of an archive.
pub(super) fn entries(value: &Value) -> &[Value] {
    value.pointer("/log/entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Every registration and sign-in, in the order of the requests; one that is sent again counts once.
pub(super) fn find(value: &Value) -> Vec<Found> {
    let mut recording = Recording::default();
    for (index, entry) in entries(value).iter().take(MAX_ENTRIES).enumerate() {
        recording.request(index, entry);
        recording.response(entry);
    }
    recording.found
}

/// What was seen so far.
#[derive(Default)]
struct Recording {
    budget: Budget,
    issued: Vec<Issued>,
    seen: Vec<Recorded>,
    found: Vec<Found>,
}

impl Recording {
    fn request(&mut self, index: usize, entry: &Value) {
        let mut sent = Vec::new();
        let mut options = Vec::new();
        for body in bodies::of_request(entry) {
            walk(&body, &mut self.budget, &mut |object| {
                sent.extend(Recorded::of(object));
                options.extend(Issued::of(object));
            });
        }
        for recorded in sent {
            let known = self.seen.iter().any(|earlier| earlier.is_same(&recorded));
            if !known && self.found.len() < MAX_RESPONSES {
                let found = self.case(index, entry, &recorded);
                self.found.push(found);
                self.seen.push(recorded);
            }
        }
        // Entra's own pages are handed the challenge in a form.
        self.issued.extend(options);
    }

    fn response(&mut self, entry: &Value) {
        for body in bodies::of_response(entry) {
            let (issued, budget) = (&mut self.issued, &mut self.budget);
            walk(&body, budget, &mut |object| issued.extend(Issued::of(object)));
        }
    }

    fn case(&self, index: usize, entry: &Value, recorded: &Recorded) -> Found {
        let response = recorded.to_json();
        let own = own::of(&response);
        let issued = self.issued.iter().rev().find(|issued| issued.has(&own.challenge));
        let id = format!("request {} {}", index + 1, place(entry));
        let mut case = Map::new();
        let rp_id = issued.and_then(|issued| issued.rp_id.clone());
        let mut notes = vec![missing(&own, issued)];
        case.insert("id".into(), json!(id));
        case.insert("kind".into(), json!(recorded.kind()));
        case.insert("rp_id".into(), json!(rp_id.unwrap_or(own.rp_id)));
        case.insert("origin".into(), json!(own.origin));
        case.insert("challenge".into(), json!(own.challenge));
        case.insert("allow_cross_origin".into(), json!(own.framed));
        if let Some(started) = entry.get("startedDateTime").filter(|time| time.is_string()) {
            case.insert("verify_time".into(), started.clone());
        }
        if let Some(issued) = issued {
            issued.demands(&mut case);
        }
        if recorded.is_authentication() {
            notes.extend(self.key(recorded, &mut case));
        }
        case.insert("response".into(), response);
        Found { id, case, notes }
    }

    /// The key of a sign-in, where the recording has its registration.
    fn key(&self, recorded: &Recorded, case: &mut Map<String, Value>) -> Option<String> {
        let key = self.seen.iter().rev().find_map(|earlier| earlier.key_of(recorded));
        match key {
            Some(key) => {
                case.insert("credential_public_key_cose".into(), json!(key));
                None
            }
            None => Some(
                "the recording has no registration of the credential that signs in, so that its key is missing: a case \
                 with “credential_public_key_cose” has it"
                    .to_owned(),
            ),
        }
    }
}

/// What the recording does not say about a ceremony.
fn missing(own: &own::Own, issued: Option<&Issued>) -> String {
    match issued {
        Some(issued) if issued.rp_id.is_some() => format!(
            "RP ID and challenge are those of the options that the recording issued; the origin “{}” is taken from the \
             response itself",
            own.origin
        ),
        Some(_) => format!(
            "the challenge is one that the recording issued; RP ID “{}” and origin “{}” are taken from the response \
             itself",
            own.rp_id, own.origin
        ),
        None => format!(
            "no earlier response of the recording issues this challenge: RP ID “{}”, origin “{}” and challenge are taken \
             from the response itself, so that nothing shows that they are the expected ones",
            own.rp_id, own.origin
        ),
    }
}

/// Method, host and path: a query may hold what nobody should pass on.
fn place(entry: &Value) -> String {
    let text = |name: &str| entry.pointer(name).and_then(Value::as_str).unwrap_or_default();
    let url = text("/request/url");
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let shown: String =
        format!("{} {url}", text("/request/method")).chars().filter(|c| !c.is_control()).take(120).collect();
    shown
}

#[cfg(test)]
mod tests;
