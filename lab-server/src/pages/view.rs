//! Values as templates show them.

use lab_directory::{Directory, Event, Recorded, RegisteredPasskey};
use lab_entra::Verdict;
use lab_entra::graph::{AttestationLevel, PasskeyType, User};
use lab_protocol::webauthn::Ceremony;

use lab_jobs::report::Tone;

/// The class of a tone.
pub const fn class(tone: &Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Doubt => "doubt",
        Tone::Dim => "dim",
        Tone::Strong => "strong",
    }
}

/// The class of a verdict.
pub const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "good",
        Verdict::Refused => "bad",
        Verdict::Unknown => "doubt",
    }
}

/// The class of a check's outcome.
pub fn outcome_class(outcome: &str) -> &'static str {
    match outcome {
        "pass" => "good",
        "fail" => "bad",
        "note" | "not-judged" => "doubt",
        _ => "dim",
    }
}

/// A user as lists show one.
#[derive(Debug, Clone)]
pub struct UserView {
    pub id: String,
    pub name: String,
    pub display: String,
    pub guest: bool,
    pub passkeys: usize,
}

/// The users of a tenant, at most so many.
pub fn users(directory: &Directory, most: usize) -> Vec<UserView> {
    users_from(directory, 0, most)
}

/// The users of a tenant beyond the first `skip`, at most so many.
pub fn users_from(directory: &Directory, skip: usize, most: usize) -> Vec<UserView> {
    directory.tenant().users().iter().skip(skip).take(most).filter_map(|user| view(directory, user)).collect()
}

/// One user, by id or name.
pub fn user(directory: &Directory, name: &str) -> Option<UserView> {
    let tenant = directory.tenant();
    view(directory, tenant.users().get(tenant.find_user(name)?)?)
}

fn view(directory: &Directory, user: &User) -> Option<UserView> {
    let id = directory.user(user.label())?.to_owned();
    Some(UserView {
        name: user.label().to_owned(),
        display: user.display_name.clone().unwrap_or_else(|| user.label().to_owned()),
        guest: user.user_type.as_ref().is_some_and(|kind| kind.to_string().eq_ignore_ascii_case("guest")),
        passkeys: directory.passkeys_of(&id).count(),
        id,
    })
}

/// A passkey as lists show one.
#[derive(Debug, Clone)]
pub struct PasskeyView {
    pub id: String,
    pub name: String,
    pub model: String,
    pub aaguid: String,
    pub kind: &'static str,
    pub attested: &'static str,
    pub registered: String,
    pub used: String,
    pub profile: String,
    /// Whether it was made here, so that it can sign in here.
    pub here: bool,
    pub owner: String,
}

pub fn passkey(directory: &Directory, passkey: &RegisteredPasskey) -> PasskeyView {
    let method = &passkey.method;
    let owner = user(directory, &passkey.user).map_or_else(|| passkey.user.clone(), |user| user.name);
    PasskeyView {
        id: passkey.id.clone(),
        name: method.display_name.clone().unwrap_or_else(|| "(no name)".to_owned()),
        model: method.model.clone().unwrap_or_else(|| "unknown model".to_owned()),
        aaguid: method.aa_guid.clone().unwrap_or_default(),
        kind: match method.passkey_type {
            Some(PasskeyType::DeviceBound) => "device-bound",
            Some(PasskeyType::Synced) => "synced",
            _ => "type unknown",
        },
        attested: match method.attestation_level {
            Some(AttestationLevel::Attested) => "attested",
            Some(AttestationLevel::NotAttested) => "not attested",
            _ => "attestation not judged",
        },
        registered: method.created_date_time.as_deref().map(moment).unwrap_or_default(),
        used: method.last_used_date_time.as_deref().map_or_else(|| "never".to_owned(), moment),
        profile: passkey.profile.clone().unwrap_or_default(),
        here: passkey.record.is_some(),
        owner,
    }
}

/// A ceremony as lists show one.
#[derive(Debug, Clone)]
pub struct CeremonyView {
    pub seq: u64,
    pub at: String,
    pub what: &'static str,
    pub user: String,
    pub verdict: &'static str,
    pub class: &'static str,
    pub decided_by: String,
    pub door: &'static str,
}

pub fn ceremony(directory: &Directory, recorded: &Recorded) -> CeremonyView {
    let name = |id: &str| user(directory, id).map_or_else(|| id.to_owned(), |user| user.name);
    let registration = "registration";
    let (what, verdict, decided_by) = match &recorded.event {
        Event::SignedIn { .. } => ("sign-in", Verdict::Allowed, None),
        Event::Refused { ceremony, verdict, decided_by, .. } => {
            let what = if *ceremony == Ceremony::Registration { registration } else { "sign-in" };
            (what, *verdict, decided_by.as_deref())
        }
        _ => (registration, Verdict::Allowed, None),
    };
    CeremonyView {
        seq: recorded.seq,
        at: moment(&recorded.at.to_string()),
        what,
        user: recorded.event.user().map_or_else(|| "(nobody known)".to_owned(), name),
        verdict: verdict.name(),
        class: verdict_class(verdict),
        decided_by: decided_by.unwrap_or_default().to_owned(),
        door: door(recorded),
    }
}

/// The name of a door for people.
pub const fn door(recorded: &Recorded) -> &'static str {
    match recorded.actor.door {
        lab_directory::Door::Lab => "lab",
        lab_directory::Door::Pages => "pages",
        lab_directory::Door::Graph => "Graph",
        lab_directory::Door::Api => "API",
        lab_directory::Door::Conformance => "conformance",
    }
}

/// A time to the second: `2026-11-28 18:30:00 UTC`.
pub fn moment(text: &str) -> String {
    let Ok(at) = text.parse::<jiff::Timestamp>() else { return text.to_owned() };
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
