//! The client data (`webauthn-3 §5.8.1`), judged the same in both ceremonies.

use std::borrow::Cow;

use lab_protocol::base64url;
use lab_protocol::trace::{Finding, Reason, Value};
use lab_protocol::webauthn::client_data::Member;
use lab_protocol::webauthn::{Ceremony, CollectedClientData};

use crate::origins::{Origins, Standing, mismatch};
use crate::text::{same_secret, shown};
use crate::{Choice, Expected, Framing, Policy};

/// What is wrong with a member of the client data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientDataMismatch {
    /// A member that has to be there is not.
    #[error("the member {member} is missing")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// A member of another type.
    #[error("the member {member} is {found}, expected {expected}")]
    Type {
        /// Its name.
        member: &'static str,
        /// The type that it has to have.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The response of the other ceremony.
    #[error("expected “{expected}”, found “{found}”: this is the response of the other ceremony")]
    OtherCeremony {
        /// The type of this ceremony.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// A type that no ceremony of WebAuthn has.
    #[error("expected “{expected}”, found “{found}”")]
    UnknownCeremony {
        /// The type of this ceremony.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// `crossOrigin` is true, but framing is not expected.
    #[error("crossOrigin is true: the page was framed by another origin, which is not expected")]
    Framed,
    /// `topOrigin` is there, but framing is not expected.
    #[error("the page was framed by “{found}”, which is not expected")]
    FramedBy {
        /// The top-level origin.
        found: String,
    },
    /// `topOrigin` without `crossOrigin: true`.
    #[error("topOrigin is “{found}”, although crossOrigin is not true")]
    LoneTopOrigin {
        /// The top-level origin.
        found: String,
    },
    /// `tokenBinding` is there.
    #[error("the client data has a tokenBinding member, which Level 3 reserves and ignores")]
    TokenBinding,
}

impl Reason for ClientDataMismatch {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::OtherCeremony { .. } => {
                Some("Send the response to the endpoint of its own ceremony; a challenge is good for one of them only.")
            }
            Self::Framed | Self::FramedBy { .. } => {
                Some("Allow framing for this ceremony if the relying party means to be embedded.")
            }
            _ => None,
        }
    }
}

/// What is wrong with the challenge of the client data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeMismatch {
    /// The relying party has none.
    #[error("the relying party holds no challenge for this ceremony, found “{found}”")]
    NotIssued {
        /// What was found.
        found: String,
    },
    /// The same bytes in another encoding.
    #[error("expected “{expected}”, found “{found}”: the same bytes, but not as base64url without padding")]
    Encoding {
        /// What was issued.
        expected: String,
        /// What was found.
        found: String,
    },
    /// Encoded twice.
    #[error("expected “{expected}”, found “{found}”: the challenge was encoded twice")]
    EncodedTwice {
        /// What was issued.
        expected: String,
        /// What was found.
        found: String,
    },
    /// One is the start of the other.
    #[error("expected {expected} characters, found {found}: the challenge was cut off or continued")]
    Length {
        /// The length of what was issued.
        expected: usize,
        /// The length of what was found.
        found: usize,
    },
    /// Another challenge.
    #[error("expected “{expected}”, found “{found}”")]
    Other {
        /// What was issued.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The right one, too late.
    #[error("it is the expected challenge, but it expired at {expires} and the answer came at {now}")]
    Expired {
        /// The end of its life.
        expires: jiff::Timestamp,
        /// When the answer came.
        now: jiff::Timestamp,
    },
}

impl Reason for ChallengeMismatch {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::NotIssued { .. } => "Start the ceremony again: the session was lost, or the response was sent twice.",
            Self::Encoding { .. } | Self::EncodedTwice { .. } | Self::Length { .. } => {
                "The client altered the challenge: it has to hand the bytes of the options to the browser unchanged."
            }
            Self::Other { .. } => {
                "The response answers other options: a second tab, a replay, or a challenge of another session."
            }
            Self::Expired { .. } => "Start the ceremony again, and finish it within the life of the challenge.",
        })
    }
}

impl ClientDataMismatch {
    fn of_type(member: &'static str, expected: &'static str, found: &Member<'_>) -> Self {
        match found {
            Member::Absent => Self::Missing { member },
            Member::Text(text) => Self::Type { member, expected, found: format!("the text “{}”", shown(text)) },
            Member::Bool(value) => Self::Type { member, expected, found: value.to_string() },
            Member::Other(kind) => Self::Type { member, expected, found: (*kind).to_owned() },
        }
    }
}

/// The value of a member, borrowed from the client data where it is.
fn value<'a>(member: &Member<'a>) -> Value<'a> {
    match member {
        Member::Text(Cow::Borrowed(text)) => Value::from(*text),
        other => Value::from(other).into_owned(),
    }
}

/// `webauthn-3 §7.1` step 7, `§7.2` step 10.
pub(crate) fn ty<'a>(data: &CollectedClientData<'a>, ceremony: Ceremony) -> Finding<'a> {
    let expected = ceremony.client_data_type();
    let other = |found: &str| matches!(found, "webauthn.create" | "webauthn.get");
    let mismatch = match data.ty.text() {
        Some(found) if found == expected => return Finding::pass(),
        Some(found) if other(found) => ClientDataMismatch::OtherCeremony { expected, found: found.to_owned() },
        Some(found) => ClientDataMismatch::UnknownCeremony { expected, found: shown(found) },
        None => ClientDataMismatch::of_type("type", "a text", &data.ty),
    };
    Finding::refuse(mismatch).values(expected, value(&data.ty))
}

/// `webauthn-3 §7.1` step 8, `§7.2` step 11.
pub(crate) fn challenge<'a>(data: &CollectedClientData<'a>, expected: &'a Expected<'a>) -> Finding<'a> {
    let Some(found) = data.challenge.text() else {
        let mismatch = ClientDataMismatch::of_type("challenge", "a text", &data.challenge);
        return Finding::refuse(mismatch).values(expected.challenge, value(&data.challenge));
    };
    let mismatch = match expected.expiry {
        _ if expected.challenge.is_empty() => ChallengeMismatch::NotIssued { found: shown(found) },
        _ if !same_secret(expected.challenge, found) => challenge_mismatch(expected.challenge, found),
        Some(expiry) if expiry.now > expiry.expires => {
            ChallengeMismatch::Expired { expires: expiry.expires, now: expiry.now }
        }
        _ => return Finding::pass(),
    };
    Finding::refuse(mismatch).values(expected.challenge, value(&data.challenge))
}

fn challenge_mismatch(expected: &str, found: &str) -> ChallengeMismatch {
    let both = || (shown(expected), shown(found));
    let unpadded = found.trim_end_matches('=').replace('+', "-").replace('/', "_");
    match () {
        () if unpadded == expected => {
            let (expected, found) = both();
            ChallengeMismatch::Encoding { expected, found }
        }
        () if base64url::encode(expected) == found => {
            let (expected, found) = both();
            ChallengeMismatch::EncodedTwice { expected, found }
        }
        () if expected.starts_with(found) || found.starts_with(expected) => {
            ChallengeMismatch::Length { expected: expected.len(), found: found.len() }
        }
        () => {
            let (expected, found) = both();
            ChallengeMismatch::Other { expected, found }
        }
    }
}

/// `webauthn-3 §7.1` step 9, `§7.2` step 12.
pub(crate) fn origin<'a>(data: &CollectedClientData<'a>, origins: &Origins<'a>) -> Finding<'a> {
    let listed = || origins.own.iter().chain(origins.related).map(String::as_str).collect::<Value<'a>>();
    let Some(found) = data.origin.text() else {
        let mismatch = ClientDataMismatch::of_type("origin", "a text", &data.origin);
        return Finding::refuse(mismatch).values(listed(), value(&data.origin));
    };
    match origins.standing(found) {
        Some(Standing::Own) => Finding::pass(),
        Some(Standing::Related) => Finding { actual: Some(value(&data.origin)), ..Finding::pass() }
            .because(RelatedOrigin { found: found.to_owned() }),
        None => Finding::refuse(origins.mismatch(found)).values(listed(), value(&data.origin)),
    }
}

/// An origin that is accepted because the relying party publishes it as related.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{found}” is a related origin of the relying party.")]
pub struct RelatedOrigin {
    /// The origin.
    pub found: String,
}

impl Reason for RelatedOrigin {}

/// `webauthn-3 §7.1` step 10, `§7.2` step 13.
pub(crate) fn cross_origin<'a>(data: &CollectedClientData<'a>, framing: Framing<'_>, policy: &Policy) -> Finding<'a> {
    match (&data.cross_origin, framing) {
        (Member::Absent | Member::Bool(false), _) | (Member::Bool(true), Framing::Allowed { .. }) => Finding::pass(),
        (Member::Bool(true), Framing::Forbidden) => Finding::refuse(ClientDataMismatch::Framed).values(false, true),
        (found, _) => {
            let mismatch = ClientDataMismatch::of_type("crossOrigin", "true, false or nothing", found);
            policy.cross_origin_type.finding(mismatch)
        }
    }
}

/// `webauthn-3 §7.1` step 11, `§7.2` step 14.
pub(crate) fn top_origin<'a>(data: &CollectedClientData<'a>, framing: Framing<'_>, policy: &Policy) -> Finding<'a> {
    let Member::Text(found) = &data.top_origin else {
        return match &data.top_origin {
            Member::Absent => Finding::not_applicable(),
            other => Finding::refuse(ClientDataMismatch::of_type("topOrigin", "a text", other)),
        };
    };
    let Framing::Allowed { top_origins } = framing else {
        return Finding::refuse(ClientDataMismatch::FramedBy { found: shown(found) });
    };
    if let Some(listed) = top_origins.filter(|listed| !listed.iter().any(|origin| origin == found)) {
        return Finding::refuse(mismatch(found, listed));
    }
    match data.cross_origin {
        Member::Bool(true) => Finding::pass(),
        _ => policy.lone_top_origin.finding(ClientDataMismatch::LoneTopOrigin { found: shown(found) }),
    }
}

/// `tokenBinding`, which Level 3 reserves (`webauthn-3 §5.8.1`).
pub(crate) fn token_binding<'a>(data: &CollectedClientData<'a>, choice: Choice) -> Finding<'a> {
    match data.token_binding {
        false => Finding::not_applicable(),
        true => choice.finding(ClientDataMismatch::TokenBinding),
    }
}

/// The origin, where it is a text.
pub(crate) fn origin_text<'d>(data: &'d CollectedClientData<'_>) -> Option<&'d str> {
    data.origin.text()
}

#[cfg(test)]
mod tests;
