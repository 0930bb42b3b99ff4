//! What a relying party expects of a response: all of it from its own state, none of it from the client.

use jiff::Timestamp;
use lab_protocol::cose::Algorithm;

use crate::origins::Origins;

/// What the relying party issued and is willing to accept.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The RP ID.
    pub rp_id: &'a str,
    /// The origins that may answer.
    pub origins: Origins<'a>,
    /// The challenge as base64url text, as it has to stand in the client data.
    pub challenge: &'a str,
    /// Until when the challenge may be answered; `None`: the caller has looked.
    pub expiry: Option<Expiry>,
    /// Whether the user has to be verified.
    pub user_verification: UserVerification,
    /// The algorithms that were offered; `None`: all.
    pub algorithms: Option<&'a [Algorithm]>,
    /// Whether a page of another origin may frame the caller.
    pub framing: Framing<'a>,
    /// Whether the options said `mediation: "conditional"`; then UP may be clear at registration.
    pub mediation_conditional: bool,
    /// The AppID of the `appid` extension, if the options carried it (`webauthn-3 §10.1.1`).
    pub app_id: Option<&'a str>,
}

impl<'a> Expected<'a> {
    /// The strictest expectation but for user verification, which is not required, and algorithms,
    /// all of which are accepted. Change single members by struct update.
    #[must_use]
    pub const fn new(rp_id: &'a str, origins: Origins<'a>, challenge: &'a str) -> Self {
        Self {
            rp_id,
            origins,
            challenge,
            expiry: None,
            user_verification: UserVerification::NotRequired,
            algorithms: None,
            framing: Framing::Forbidden,
            mediation_conditional: false,
            app_id: None,
        }
    }
}

/// The end of a challenge's life, and the time at which it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// The last moment at which it may be answered.
    pub expires: Timestamp,
    /// When the answer came.
    pub now: Timestamp,
}

/// Whether the user has to be verified (`webauthn-3 §7.1` step 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserVerification {
    /// UV has to be set.
    Required,
    /// UV is ignored.
    NotRequired,
}

/// Whether the caller may be framed by a page of another origin (`webauthn-3 §7.1` steps 10 and 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing<'a> {
    /// It may not.
    Forbidden,
    /// It may.
    Allowed {
        /// By these top-level origins, compared exactly; `None`: by any.
        top_origins: Option<&'a [String]>,
    },
}
