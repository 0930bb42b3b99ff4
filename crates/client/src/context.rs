//! Everything that a ceremony depends on beside its options.

use std::sync::Arc;

use crate::accounts::Choice;
use crate::flow::Route;
use crate::origin::Origin;
use crate::platform::Platform;
use crate::rp_id::{RelatedError, RelatedOrigins};

/// Who calls, from where, on which platform, and which way leads to the authenticator.
#[derive(Debug, Clone)]
pub struct Context {
    /// The caller.
    pub origin: Origin,
    /// Whether the caller is framed by another origin.
    pub framing: Framing,
    /// What the client does with attestation.
    pub platform: Arc<Platform>,
    /// The way to the authenticator.
    pub route: Route,
    /// The related origins of the RP ID, or why they cannot be had; `None` where nobody looked.
    pub related: Option<Result<RelatedOrigins, RelatedError>>,
    /// Whether the device's management permits enterprise attestation for this RP ID.
    pub enterprise_permitted: bool,
    /// Who is chosen where an authenticator holds several accounts.
    pub choice: Choice,
}

/// The frames above the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Framing {
    /// None, or frames of the same origin.
    #[default]
    SameOrigin,
    /// A page of another origin.
    CrossOrigin {
        /// The origin of the top-level page; clients before Level 3 do not tell.
        top_origin: Option<Origin>,
    },
}

impl Context {
    /// A call from a page of its own, on a device without management, with the newest account.
    #[must_use]
    pub fn new(origin: Origin, platform: Arc<Platform>, route: Route) -> Self {
        Self {
            origin,
            framing: Framing::SameOrigin,
            platform,
            route,
            related: None,
            enterprise_permitted: false,
            choice: Choice::Newest,
        }
    }
}
