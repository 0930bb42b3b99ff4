//! The RP ID hash, and whose hash it is when it is not the expected one.

use lab_attestation::sha256;
use lab_protocol::trace::{Finding, Reason};

use crate::Expected;

/// RP IDs that are often met where another was expected.
const FAMILIAR: [&str; 8] = [
    "login.microsoft.com",
    "login.microsoftonline.com",
    "login.live.com",
    "localhost",
    "passkey-lab.test",
    "example.org",
    "example.com",
    "webauthn.io",
];

/// The hash is another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RpIdMismatch {
    /// Of a parent domain.
    #[error("expected the hash of “{expected}”, found that of its parent domain “{found}”")]
    ParentDomain {
        /// The RP ID.
        expected: String,
        /// Whose hash was found.
        found: String,
    },
    /// Of an origin or a URL instead of a domain.
    #[error("expected the hash of “{expected}”, found that of the text “{found}”")]
    Origin {
        /// The RP ID.
        expected: String,
        /// Whose hash was found.
        found: String,
    },
    /// Of another RP ID.
    #[error("expected the hash of “{expected}”, found that of “{found}”")]
    OtherRpId {
        /// The RP ID.
        expected: String,
        /// Whose hash was found.
        found: String,
    },
    /// All zero.
    #[error("expected the hash of “{expected}”, found 32 zero bytes")]
    Zero {
        /// The RP ID.
        expected: String,
    },
    /// Of the AppID, although the client says that it did not use it.
    #[error("expected the hash of “{expected}”, found that of the AppID “{found}”, which the client did not announce")]
    AppId {
        /// The RP ID.
        expected: String,
        /// Whose hash was found.
        found: String,
    },
    /// Nobody's that is known.
    #[error("expected the hash of “{expected}”, found the hash of something else")]
    Unknown {
        /// The RP ID.
        expected: String,
    },
}

impl Reason for RpIdMismatch {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::ParentDomain { .. } => {
                "The page asked for a credential of the parent domain: name the RP ID in the options."
            }
            Self::Origin { .. } => "An RP ID is a domain without scheme and port; U2F hashed an AppID here.",
            Self::OtherRpId { .. } => {
                "The credential belongs to another relying party, or the RP ID of the options is not the one expected."
            }
            Self::Zero { .. } => "No authenticator sends this: the response was made up.",
            Self::AppId { .. } => "The `appid` output has to be true where the AppID was used.",
            Self::Unknown { .. } => "Compare the RP ID of the options with the one that the verifier expects.",
        })
    }
}

/// Judges the RP ID hash (`webauthn-3 §7.1` step 14). `origin` is the one of the client data, if known.
pub(crate) fn rp_id_hash<'a>(found: &'a [u8; 32], expected: &Expected<'_>, origin: Option<&str>) -> Finding<'a> {
    let hash = sha256(expected.rp_id.as_bytes());
    if hash == *found {
        return Finding::pass();
    }
    Finding::refuse(mismatch(found, expected, origin)).values(hash.to_vec(), found)
}

/// As [`rp_id_hash`] for an assertion whose `appid` output was `app_id_used` (`webauthn-3 §7.2` step 15).
pub(crate) fn rp_id_or_app_id_hash<'a>(
    found: &'a [u8; 32],
    expected: &Expected<'_>,
    origin: Option<&str>,
    app_id_used: bool,
) -> Finding<'a> {
    let Some(app_id) = expected.app_id else { return rp_id_hash(found, expected, origin) };
    let hash = sha256(app_id.as_bytes());
    match (app_id_used, hash == *found) {
        (true, true) => Finding::pass_with(found),
        (true, false) => {
            let mismatch = RpIdMismatch::Unknown { expected: app_id.to_owned() };
            Finding::refuse(mismatch).values(hash.to_vec(), found)
        }
        (false, true) => {
            let (expected, found) = (expected.rp_id.to_owned(), app_id.to_owned());
            Finding::refuse(RpIdMismatch::AppId { expected, found })
        }
        (false, false) => rp_id_hash(found, expected, origin),
    }
}

fn mismatch(found: &[u8; 32], expected: &Expected<'_>, origin: Option<&str>) -> RpIdMismatch {
    let is = |text: &str| sha256(text.as_bytes()) == *found;
    let rp_id = expected.rp_id.to_owned();
    if *found == [0; 32] {
        return RpIdMismatch::Zero { expected: rp_id };
    }
    if let Some(parent) = parents(expected.rp_id).find(|parent| is(parent)) {
        return RpIdMismatch::ParentDomain { expected: rp_id, found: parent.to_owned() };
    }
    let listed = || expected.origins.own.iter().chain(expected.origins.related).map(String::as_str).chain(origin);
    let url = format!("https://{rp_id}");
    let slash = format!("{url}/");
    if let Some(text) = listed().chain([&url[..], &slash[..]]).find(|text| is(text)) {
        return RpIdMismatch::Origin { expected: rp_id, found: crate::text::shown(text) };
    }
    match listed().filter_map(host).chain(FAMILIAR).find(|host| is(host)) {
        Some(host) => RpIdMismatch::OtherRpId { expected: rp_id, found: crate::text::shown(host) },
        None => RpIdMismatch::Unknown { expected: rp_id },
    }
}

fn parents(rp_id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(rp_id), |domain| domain.split_once('.').map(|(_, parent)| parent)).skip(1)
}

fn host(origin: &str) -> Option<&str> {
    let (_, authority) = origin.split_once("://")?;
    authority.split([':', '/']).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Origins;

    fn of(text: &str) -> RpIdMismatch {
        let own = ["https://accounts.example.org:8443".to_owned()];
        let expected = Expected::new("login.example.org", Origins::own(&own), "c");
        mismatch(&sha256(text.as_bytes()), &expected, Some("https://evil.example"))
    }

    #[test]
    fn whose_hash_it_is_is_said_where_it_can_be_told() {
        let expected = || "login.example.org".to_owned();
        let found = |text: &str| text.to_owned();
        let parent = RpIdMismatch::ParentDomain { expected: expected(), found: found("example.org") };
        assert_eq!(of("example.org"), parent);
        for text in ["https://login.example.org", "https://login.example.org/", "https://accounts.example.org:8443"] {
            assert_eq!(of(text), RpIdMismatch::Origin { expected: expected(), found: found(text) });
        }
        for text in ["localhost", "login.microsoftonline.com", "accounts.example.org", "evil.example"] {
            assert_eq!(of(text), RpIdMismatch::OtherRpId { expected: expected(), found: found(text) });
        }
        assert_eq!(of("who knows"), RpIdMismatch::Unknown { expected: expected() });
    }

    #[test]
    fn thirty_two_zeros_are_nobodys_hash() {
        let expected = Expected::new("example.org", Origins::default(), "c");
        let mismatch = mismatch(&[0; 32], &expected, None);
        assert_eq!(mismatch.to_string(), "expected the hash of “example.org”, found 32 zero bytes");
    }

    #[test]
    fn an_app_id_counts_only_where_it_was_asked_for_and_announced() {
        let app_id = "https://example.org/app-id.json";
        let hash = sha256(app_id.as_bytes());
        let plain = Expected::new("example.org", Origins::default(), "c");
        let asked = Expected { app_id: Some(app_id), ..plain };
        let outcome = |expected, used| rp_id_or_app_id_hash(&hash, expected, None, used);
        assert!(outcome(&asked, true).reason.is_none());
        let lie = outcome(&asked, false).reason.unwrap().to_string();
        assert!(lie.ends_with("which the client did not announce"), "{lie}");
        assert!(outcome(&plain, true).reason.is_some());
        let own = sha256(b"example.org");
        assert!(rp_id_or_app_id_hash(&own, &asked, None, true).reason.is_some());
    }
}
