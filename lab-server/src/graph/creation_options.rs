//! `users/{id}/authentication/fido2Methods/creationOptions`, in all its spellings.

use jiff::SignedDuration;
use lab_directory::{Door, Event};
use lab_entra::{Caller, Circumstances, RegistrationPath};
use lab_relying_party::Pending;
use lab_relying_party::challenge::Kind;
use lab_relying_party::options::{Creation, entra};
use lab_relying_party::pending::Issue;
use serde_json::json;

use super::answer::Answered;
use super::call::{Call, Version};
use super::fault::Fault;
use super::listed;
use crate::ceremonies::ask::RP_NAME;
use crate::ceremonies::kept::keep;
use crate::ceremonies::{Context, Rules};
use crate::problem::Problem;

/// How long a challenge may live, in minutes, and how long it does unless somebody says.
const MINUTES: std::ops::RangeInclusive<i64> = 5..=43_200;
const USUAL: i64 = 5;
const ARGUMENT: &str = "challengeTimeoutInMinutes";

/// Options for a passkey of somebody else's. They carry the lab's own RP ID and a random user handle: the
/// real ones would let a real key overwrite the user's real passkey.
pub(super) async fn get(call: &Call) -> Answered {
    let minutes = minutes(call)?;
    let lab = &call.lab;
    let account = lab.account(call.id()).map_err(|_| Fault::no_object(call.id()))?;
    let (now, lifetime) = (call.ids.at, SignedDuration::from_mins(minutes));
    let challenge = lab.dice.draw(|random| lab.challenges.issue_for(Kind::EntraRegistration, now, lifetime, random));
    let creation = Creation {
        rp_id: &lab.settings.rp_id,
        rp_name: RP_NAME,
        user: account.entity,
        challenge: &challenge,
        exclude_credentials: account.credentials,
    };
    let mut options = entra::creation(creation, entra::Path::Graph);
    RP_NAME.clone_into(&mut options.rp.name);
    let issue = Issue { challenge: &challenge, rp_id: &lab.settings.rp_id, now, lifetime };
    let pending = Pending::registration(options.clone(), issue);
    let expires = pending.expires;
    let path = RegistrationPath::Graph(Caller::Administrator);
    let context = Context {
        door: Door::Graph,
        user: Some(account.id.clone()),
        rules: Rules::Entra,
        circumstances: Circumstances { path, ..Circumstances::default() },
        in_app: None,
    };
    let kept = keep(&pending, &context).map_err(Problem::from)?;
    lab.waiting().wait(pending, context);
    let issued = call.batch(Event::OptionsIssued { user: account.id }).waits(kept);
    lab.store.append(issued).await.map_err(Problem::from)?;
    lab.announce();
    let body = json!({
        "challengeTimeoutDateTime": expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "publicKey": options,
    });
    listed::one(call, "microsoft.graph.webauthnCredentialCreationOptions", body)
}

/// Graph answers users who ask for themselves with 405 (webauthn-interop issues 13 and 33).
pub(super) async fn of_oneself(_: &Call) -> Answered {
    let message = "The method is not supported for this URL. Over Graph an administrator registers passkeys of \
                   other users: call users/{id}/authentication/fido2Methods, or register in Security info.";
    let rule = "Over Graph, an administrator registers the passkey of another user.";
    Err(Fault::method_not_allowed(message).because("entra/graph-caller", rule))
}

/// The argument, which stands in parentheses, behind an alias, or in the query.
fn minutes(call: &Call) -> Result<i64, Fault> {
    let function = call.path.last().map_or("", String::as_str);
    let inside = function.split_once('(').map(|(_, rest)| rest);
    let inside = match inside.map(|rest| rest.strip_suffix(')')) {
        None => None,
        Some(Some(arguments)) => Some(arguments).filter(|arguments| !arguments.is_empty()),
        Some(None) => return Err(Fault::bad_request("creationOptions: expected a closing parenthesis.")),
    };
    let query = |name: &str| {
        let other = call.query.other.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        other.map(|(_, value)| value.as_str())
    };
    let text = match inside.map(|arguments| arguments.split_once('=')) {
        None => query(ARGUMENT),
        Some(Some((name, value))) if name.trim().eq_ignore_ascii_case(ARGUMENT) => match value.trim() {
            // The SDK sends the value of the alias under its name without the @.
            alias if alias.starts_with('@') => query(alias).or_else(|| query(alias.trim_start_matches('@'))),
            value => Some(value),
        },
        Some(_) => return Err(Fault::bad_request(format!("creationOptions: expected the argument {ARGUMENT}."))),
    };
    let Some(text) = text else { return Ok(USUAL) };
    if call.version == Version::V1 {
        return Err(Fault::bad_request(format!("creationOptions of v1.0 has no argument; beta has {ARGUMENT}.")));
    }
    let minutes = text.parse().ok().filter(|minutes| MINUTES.contains(minutes));
    minutes.ok_or_else(|| {
        let found: String = text.chars().take(40).collect();
        let (least, most) = (MINUTES.start(), MINUTES.end());
        Fault::bad_request(format!("{ARGUMENT}: expected a whole number from {least} to {most}, found '{found}'."))
    })
}
