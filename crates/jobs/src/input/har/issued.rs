//! Options, and challenges that stand alone in Entra's pages.

use lab_protocol::base64url;
use serde_json::{Map, Value, json};

use super::response::to_base64url;

/// What a relying party issued.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Issued {
    /// The challenge as it stands in the client data; several where the text can be read in several ways.
    challenges: Vec<String>,
    pub(super) rp_id: Option<String>,
    user_verification: Option<String>,
    algorithms: Option<Vec<Value>>,
}

impl Issued {
    /// The options that an object is, or the challenge that it has.
    pub(super) fn of(object: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        // Entra's own: the challenge is the ASCII text itself (its clients encode it once more).
        if let Some(challenge) = text("sFidoChallenge").or_else(|| text("serverChallenge")) {
            let challenges = vec![base64url::encode(challenge)];
            return Some(Self { challenges, rp_id: None, user_verification: None, algorithms: None });
        }
        let challenge = text("challenge")?;
        let nested = |pointer: &[&str]| {
            let (first, rest) = pointer.split_first()?;
            rest.iter().try_fold(object.get(*first)?, |value, name| value.get(*name))?.as_str().map(str::to_owned)
        };
        let shaped = ["rp", "rpId", "pubKeyCredParams", "allowCredentials", "userVerification", "excludeCredentials"];
        if !shaped.iter().any(|name| object.contains_key(*name)) {
            return None;
        }
        let algorithms = object.get("pubKeyCredParams").and_then(Value::as_array);
        let algorithms =
            algorithms.map(|list| list.iter().take(100).filter_map(|one| one.get("alg").cloned()).collect());
        Some(Self {
            challenges: vec![to_base64url(challenge), base64url::encode(challenge)],
            rp_id: nested(&["rp", "id"]).or_else(|| nested(&["rpId"])),
            user_verification: nested(&["authenticatorSelection", "userVerification"])
                .or_else(|| nested(&["userVerification"])),
            algorithms,
        })
    }

    /// Whether this is where a challenge of client data comes from.
    pub(super) fn has(&self, challenge: &str) -> bool {
        !challenge.is_empty() && self.challenges.iter().any(|issued| issued == challenge)
    }

    /// What the options demand, as members of a case.
    pub(super) fn demands(&self, case: &mut Map<String, Value>) {
        if self.user_verification.as_deref() == Some("required") {
            case.insert("require_user_verification".into(), json!(true));
        }
        if let Some(algorithms) = self.algorithms.as_ref().filter(|algorithms| !algorithms.is_empty()) {
            case.insert("allowed_algs".into(), json!(algorithms));
        }
    }
}
