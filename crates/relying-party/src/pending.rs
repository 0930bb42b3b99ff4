//! A ceremony that waits for its answer. That each is answered once is for the caller's store.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::{Ceremony, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use serde::{Deserialize, Serialize};

use crate::challenge::Challenge;
use crate::{Expected, Expiry, Origins, UserVerification};

/// What the relying party has to remember between options and response (`webauthn-3 §7.1` step 1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// The challenge.
    pub challenge: Challenge,
    /// The options that were sent.
    pub options: Options,
    /// The account that the ceremony was started for; at a sign-in without a user name there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_handle: Option<lab_protocol::Base64Url>,
    /// The RP ID.
    pub rp_id: String,
    /// The algorithms that were offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<Algorithm>,
    /// When the options were made.
    pub issued: Timestamp,
    /// The last moment at which they may be answered.
    pub expires: Timestamp,
}

/// The options of either ceremony.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Options {
    /// For `create`.
    Creation(Box<PublicKeyCredentialCreationOptions>),
    /// For `get`.
    Request(Box<PublicKeyCredentialRequestOptions>),
}

/// What both ceremonies need to become pending.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'a> {
    /// The challenge that the options carry.
    pub challenge: &'a Challenge,
    /// The RP ID.
    pub rp_id: &'a str,
    /// The time.
    pub now: Timestamp,
    /// How long the options may be answered.
    pub lifetime: SignedDuration,
}

impl Pending {
    /// A registration that waits for its answer.
    #[must_use]
    pub fn registration(options: PublicKeyCredentialCreationOptions, issue: Issue<'_>) -> Self {
        let user_handle = Some(options.user.id.clone());
        let mut algorithms: Vec<_> = options.pub_key_cred_params.iter().map(|params| params.alg).collect();
        if algorithms.is_empty() {
            // What a client offers where the options offer nothing (webauthn-3 §5.1.3).
            algorithms = vec![Algorithm::ES256, Algorithm::RS256];
        }
        Self { user_handle, algorithms, ..Self::of(Options::Creation(Box::new(options)), issue) }
    }

    /// A sign-in that waits for its answer; `user_handle` where the user is known already.
    #[must_use]
    pub fn authentication(
        options: PublicKeyCredentialRequestOptions,
        user_handle: Option<&[u8]>,
        issue: Issue<'_>,
    ) -> Self {
        Self { user_handle: user_handle.map(Into::into), ..Self::of(Options::Request(Box::new(options)), issue) }
    }

    fn of(options: Options, issue: Issue<'_>) -> Self {
        Self {
            challenge: issue.challenge.clone(),
            options,
            user_handle: None,
            rp_id: issue.rp_id.to_owned(),
            algorithms: Vec::new(),
            issued: issue.now,
            expires: issue.now.saturating_add(issue.lifetime).unwrap_or(Timestamp::MAX),
        }
    }

    /// Which ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> Ceremony {
        match self.options {
            Options::Creation(_) => Ceremony::Registration,
            Options::Request(_) => Ceremony::Authentication,
        }
    }

    /// What the answer, which came at `now`, is held against.
    #[must_use]
    pub fn expected<'a>(&'a self, origins: Origins<'a>, now: Timestamp) -> Expected<'a> {
        let required = self.user_verification() == Some("required");
        let offered = Some(&self.algorithms[..]).filter(|algorithms| !algorithms.is_empty());
        Expected {
            expiry: Some(Expiry { expires: self.expires, now }),
            user_verification: if required { UserVerification::Required } else { UserVerification::NotRequired },
            algorithms: offered,
            ..Expected::new(&self.rp_id, origins, self.challenge.text())
        }
    }

    fn user_verification(&self) -> Option<&str> {
        match &self.options {
            Options::Creation(options) => {
                options.authenticator_selection.as_ref().map(|selection| &selection.user_verification[..])
            }
            Options::Request(options) => Some(&options.user_verification),
        }
    }
}

#[cfg(test)]
mod tests {
    use lab_protocol::webauthn::options::UserEntity;

    use super::*;
    use crate::options::{self, entra};
    use crate::testing::{Counter, time};

    fn pending() -> Pending {
        let challenge = Challenge::random(&mut Counter::default());
        let user = UserEntity { id: vec![1; 51].into(), name: "a@b.example".into(), display_name: "A".into() };
        let creation = options::Creation {
            rp_id: entra::RP_ID,
            rp_name: entra::RP_NAME,
            user,
            challenge: &challenge,
            exclude_credentials: vec![],
        };
        let issue = Issue {
            challenge: &challenge,
            rp_id: entra::RP_ID,
            now: time("2026-11-20T10:00:00Z"),
            lifetime: SignedDuration::from_mins(5),
        };
        Pending::registration(entra::creation(creation, entra::Path::Web), issue)
    }

    #[test]
    fn what_is_expected_follows_from_the_options() {
        let (pending, origins) = (pending(), [entra::ORIGIN.to_owned()]);
        let expected = pending.expected(Origins::own(&origins), time("2026-11-20T10:01:00Z"));
        assert_eq!(expected.user_verification, UserVerification::Required);
        assert_eq!(expected.algorithms, Some(&entra::ALGORITHMS[..]));
        assert_eq!(expected.challenge, pending.challenge.text());
        assert_eq!(expected.expiry.unwrap().expires, time("2026-11-20T10:05:00Z"));
        assert_eq!(pending.ceremony(), Ceremony::Registration);
    }

    #[test]
    fn a_pending_ceremony_can_be_stored() {
        let pending = pending();
        let json = serde_json::to_string(&pending).unwrap();
        assert_eq!(serde_json::from_str::<Pending>(&json).unwrap(), pending);
    }
}
