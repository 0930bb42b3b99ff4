//! Why a browser gave no response: it says little on purpose, so that pages learn nothing about people's keys.

use axum::extract::State;
use lab_protocol::Base64Url;
use lab_protocol::webauthn::Ceremony;
use serde::Deserialize;

use crate::ceremonies::Told;
use crate::ceremonies::input::Failure;
use crate::extract::{Now, Object};
use crate::lab::Shared;
use crate::problem::Problem;

/// The longest message of a browser that is kept.
const LONGEST_MESSAGE: usize = 500;
/// A refusal that comes sooner was nobody's decision.
const NOBODY_DECIDES_WITHIN_MS: u64 = 300;

/// What the page tells about a ceremony that failed in the browser.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failed {
    ceremony: Kind,
    challenge: Base64Url,
    failure: Failure,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Registration,
    Authentication,
}

pub async fn failed(
    State(lab): State<Shared>,
    Now(now): Now,
    Object(Failed { ceremony, challenge, mut failure }): Object<Failed>,
) -> Result<axum::Json<Told>, Problem> {
    let ceremony = match ceremony {
        Kind::Registration => Ceremony::Registration,
        Kind::Authentication => Ceremony::Authentication,
    };
    failure.name = failure.name.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
    failure.message = failure.message.chars().filter(|c| !c.is_control()).take(LONGEST_MESSAGE).collect();
    Ok(axum::Json(lab.fail(ceremony, &challenge.0, failure, now).await?))
}

/// A cause of a failure, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What happened.
    pub what: &'static str,
    /// What to do.
    pub cure: &'static str,
}

const fn cause(what: &'static str, cure: &'static str) -> Cause {
    Cause { what, cure }
}

/// The real causes of a failure, the likeliest first.
pub fn causes(failure: &Failure, registration: bool) -> Vec<Cause> {
    match (failure.name.as_str(), registration) {
        ("NotAllowedError", true) => not_allowed(failure, &REGISTERING),
        ("NotAllowedError", false) => not_allowed(failure, &SIGNING_IN),
        ("InvalidStateError", _) => vec![cause(
            "The authenticator holds a passkey of this user already, and the lab asked not to make a second one.",
            "Sign in with it, or delete it under Security info first. With Entra it is the same.",
        )],
        ("SecurityError", _) => vec![cause(
            "The page's address does not fit the RP ID: 127.0.0.1 is no domain, and certificates with errors do not \
             count as secure.",
            "Open the lab at the address that it printed when it started.",
        )],
        ("NotSupportedError", _) => vec![cause(
            "No authenticator at hand makes keys of the two kinds that Entra takes (ES256 and RS256).",
            "Use another authenticator; a security key that makes only Ed25519 keys is one that Entra refuses.",
        )],
        ("ConstraintError", _) => vec![cause(
            "The authenticator cannot keep a discoverable passkey, or cannot verify its user.",
            "Set a PIN or enrol a finger on it; a U2F key can do neither, and Entra takes none.",
        )],
        ("AbortError", _) => vec![cause(
            "The page itself broke off, because another ceremony was begun in it.",
            "Finish one before you begin the next.",
        )],
        ("UnknownError" | "OperationError" | "NotReadableError", _) => vec![cause(
            "The authenticator or the system's passkey service failed.",
            "Try once more; then unplug the key, or restart the phone's passkey provider.",
        )],
        _ => vec![cause("The browser does not say more.", "Try again, and note what the browser showed.")],
    }
}

static SIGNING_IN: [Cause; 4] = [
    cause(
        "There is no passkey for this lab on the device or key that was tried; browsers do not tell pages.",
        "Register one under Security info, on this very device. Passkeys for the real Entra are for another RP ID.",
    ),
    cause("Somebody cancelled, or nobody answered in time.", "Try again, and answer the browser's question."),
    cause(
        "The user could not be verified: wrong PIN, finger not known, no screen lock.",
        "A locked key needs to be reset; a phone needs a screen lock.",
    ),
    cause(
        "Another device was meant, and Bluetooth is off on one side.",
        "Cross-device sign-in needs Bluetooth on both, and internet on both.",
    ),
];

static REGISTERING: [Cause; 5] = [
    cause("Somebody cancelled, or nobody answered in time.", "Try again, and answer the browser's question."),
    cause(
        "The question whether the site may see make and model of the key was answered with no; some browsers then give \
         a passkey without attestation, others none at all.",
        "Allow it: where the profile enforces attestation there is no other way.",
    ),
    cause(
        "The authenticator that was tried cannot do what Entra asks for: a discoverable passkey with user verification.",
        "Set a PIN on the key, or use one that keeps passkeys.",
    ),
    cause("The key has no free slot for another passkey.", "Delete one on the key; older YubiKeys have 25 slots."),
    cause(
        "A passkey provider answered in place of the one that was meant (Samsung Pass and password managers do).",
        "Choose the provider in the system's dialog, or in the phone's settings for passwords and passkeys.",
    ),
];

fn not_allowed(failure: &Failure, usual: &'static [Cause]) -> Vec<Cause> {
    let at_once = failure.after_ms < NOBODY_DECIDES_WITHIN_MS;
    let nobody = cause(
        "It failed at once, before anybody could decide: the page was not in front, was framed, or had not been \
         clicked, or no authenticator of the kind that was asked for is there.",
        "Click the button in the lab's own tab.",
    );
    at_once.then_some(nobody).into_iter().chain(usual.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(name: &str, after_ms: u64) -> Failure {
        Failure { name: name.to_owned(), message: String::new(), after_ms }
    }

    #[test]
    fn what_failed_at_once_was_nobodys_decision() {
        let first = |after| causes(&failure("NotAllowedError", after), true)[0].what;
        assert!(first(20).starts_with("It failed at once"));
        assert!(first(5000).starts_with("Somebody cancelled"));
    }

    #[test]
    fn every_exception_has_a_cause_and_a_cure() {
        for name in ["NotAllowedError", "InvalidStateError", "SecurityError", "AbortError", "Whatever"] {
            for registration in [true, false] {
                assert!(causes(&failure(name, 9000), registration).iter().all(|cause| !cause.cure.is_empty()));
            }
        }
    }
}
