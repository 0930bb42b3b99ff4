//! Users may register passkeys.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Case, Rule, Stage};
use crate::circumstances::RegistrationPath;
use crate::reason::{Plain, noted, refused};
use crate::source::{self, Evidence};
use crate::switches;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/self-service",
        Document::Entra,
        "passkeys (FIDO2), allow self-service set up",
        "Users may set up passkeys themselves.",
    )
    .step(2),
    what: "Whether anybody can register a passkey in Security info, in the Authenticator app, or over Graph.",
    why: "The setting is one for the tenant, not one for each profile. That it also stops the app is the lab's \
          reading; Graph's list of known issues says that it must be on for registrations over Graph.",
    example: "isSelfServiceRegistrationAllowed is false: Security info does not offer passkeys to anybody.",
    graph_property: "fido2AuthenticationMethodConfiguration.isSelfServiceRegistrationAllowed",
    evidence: Evidence::Documented,
    source: &source::PASSKEYS,
    switches: &[&switches::SELF_SERVICE_IN_APP, &switches::SELF_SERVICE_GRAPH, &switches::SELF_SERVICE_SIGN_IN],
    stage: Stage::User(judge),
};

const ADVICE: &str =
    "Set isSelfServiceRegistrationAllowed to true (Passkey (FIDO2), Configure, Allow self-service set up).";

fn judge<'a>(case: &Case<'a>) -> Finding<'a> {
    if case.policy.self_service {
        return Finding::pass();
    }
    let other = |switch| case.policy.switches.other(switch);
    let (stops, sentence) = match case.circumstances.map(|it| it.path) {
        Some(RegistrationPath::SecurityInfo) => {
            (true, "isSelfServiceRegistrationAllowed is false, so Security info registers no passkey for anybody.")
        }
        Some(RegistrationPath::InApp) => (
            !other(&switches::SELF_SERVICE_IN_APP),
            "isSelfServiceRegistrationAllowed is false, and registering inside the Authenticator app is self-service too.",
        ),
        Some(RegistrationPath::Graph(_)) => (
            !other(&switches::SELF_SERVICE_GRAPH),
            "isSelfServiceRegistrationAllowed is false, which stops registrations over Graph too.",
        ),
        None if other(&switches::SELF_SERVICE_SIGN_IN) => {
            (true, "isSelfServiceRegistrationAllowed is false, and lab.json has that stop sign-ins too.")
        }
        None => return Finding::not_applicable(),
    };
    if stops {
        return refused(Plain { sentence, advice: Some(ADVICE) }).values(true, false);
    }
    noted(Plain {
        sentence: "Self-service is off; lab.json says that this does not stop a registration on this path.",
        advice: None,
    })
}
