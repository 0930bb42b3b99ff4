//! What a response says about its own ceremony, for whoever has nothing else: a pasted `toJSON()`, or a
//! recording that begins too late. Taken from the response itself, it proves nothing.

use lab_protocol::base64url;
use lab_protocol::webauthn::client_data::{Member, decode_utf8};
use lab_protocol::webauthn::{AttestationObject, CollectedClientData};
use serde_json::{Map, Value, json};

/// RP IDs that are answered for from other hosts, so that the origin does not tell them (Entra's related origins).
const RELATED: [&str; 1] = ["login.microsoft.com"];

/// What stands in for the relying party's memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) rp_id: String,
    pub(crate) origin: String,
    pub(crate) challenge: String,
    pub(crate) framed: bool,
}

/// What a response says. Where its client data cannot be read, nothing: the verification says why.
pub(crate) fn of(response: &Value) -> Own {
    let inner = response.get("response").unwrap_or(response);
    let bytes = |name: &str| inner.get(name).and_then(Value::as_str).and_then(|text| base64url::decode(text).ok());
    let Some(client_data) = bytes("clientDataJSON") else { return Own::default() };
    let Some(data) = decode_utf8(&client_data).ok().and_then(|text| CollectedClientData::parse(text).ok()) else {
        return Own::default();
    };
    let text = |member: &Member<'_>| member.text().unwrap_or_default().to_owned();
    let origin = text(&data.origin);
    let object = bytes("attestationObject");
    let data_bytes = match object.as_deref().map(AttestationObject::parse) {
        Some(Ok(object)) => Some(object.auth_data.to_vec()),
        _ => bytes("authenticatorData"),
    };
    let hash = data_bytes.as_deref().and_then(|data| data.get(..32)).unwrap_or_default();
    Own {
        rp_id: rp_id(&origin, hash),
        challenge: text(&data.challenge),
        framed: data.cross_origin == Member::Bool(true),
        origin,
    }
}

/// The part of the origin's host whose hash the authenticator signed; where there is none, the host.
fn rp_id(origin: &str, hash: &[u8]) -> String {
    let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let parents = std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, parent)| parent));
    let mut known = parents.take(16).chain(RELATED);
    known.find(|name| lab_attestation::sha256(name.as_bytes()) == hash).unwrap_or(host).to_owned()
}

/// Whether a value is a response and nothing else, as `toJSON()` writes it.
pub(super) fn is_alone(value: &Value) -> bool {
    const OF_A_CASE: [&str; 7] = ["rp_id", "origin", "challenge", "kind", "stored", "expected", "verify_time"];
    let inside = value.get("response").is_some_and(|inner| inner.get("clientDataJSON").is_some());
    let enveloped = value.get("id").is_some() || value.get("rawId").is_some();
    inside && enveloped && value.get("type").is_some() && OF_A_CASE.iter().all(|name| value.get(name).is_none())
}

/// The case of a response alone, and what has to be known about it.
pub(super) fn case(response: Value) -> (Map<String, Value>, String) {
    let own = of(&response);
    let note = format!(
        "RP ID “{}”, origin “{}” and the challenge are taken from the response itself: nothing shows that they are \
         the expected ones, nor that the response is fresh. A case with rp_id, origin and challenge does",
        own.rp_id, own.origin
    );
    let case = json!({
        "rp_id": own.rp_id, "origin": own.origin, "challenge": own.challenge, "allow_cross_origin": own.framed,
        "response": response,
    });
    let Value::Object(case) = case else { return (Map::new(), note) };
    (case, note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rp_id_is_the_part_of_the_host_that_was_signed() {
        let of = |origin: &str, rp_id: &str| super::rp_id(origin, &lab_attestation::sha256(rp_id.as_bytes()));
        assert_eq!(of("https://login.lab.example:8443", "lab.example"), "lab.example");
        assert_eq!(of("https://login.lab.example", "login.lab.example"), "login.lab.example");
        assert_eq!(of("https://login.microsoftonline.com", "login.microsoft.com"), "login.microsoft.com");
        assert_eq!(of("https://login.lab.example", "elsewhere.example"), "login.lab.example");
    }

    #[test]
    fn a_response_alone_is_told_from_a_case() {
        let response = json!({"id": "AA", "type": "public-key", "response": {"clientDataJSON": "e30"}});
        assert!(is_alone(&response));
        let mut case = response.clone();
        case["rp_id"] = json!("a");
        assert!(!is_alone(&case));
        assert!(!is_alone(&json!({"id": "a case", "response": {"clientDataJSON": "e30"}})));
        assert!(!is_alone(&json!({"response": response})));
        assert_eq!(of(&response), Own::default());
    }
}
