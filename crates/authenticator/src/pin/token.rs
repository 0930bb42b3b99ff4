//! A pinUvAuthToken in use (`ctap-2.2 §6.5.2.1, §6.5.5.7`).

use jiff::{SignedDuration, Timestamp};
use lab_protocol::ctap2::Permissions;

use super::Protocol;

/// How long a new token waits for its first use.
const INITIAL_USE: SignedDuration = SignedDuration::from_secs(30);
/// How long a gesture that made the token counts as the user's presence.
const USER_PRESENT: SignedDuration = SignedDuration::from_secs(30);
/// How long a token lives.
const MAX_USE: SignedDuration = SignedDuration::from_mins(10);

/// A token that a platform holds, and what it may do with it.
#[derive(Clone)]
pub(crate) struct Token {
    protocol: Protocol,
    value: [u8; 32],
    permissions: Permissions,
    rp_id: Option<String>,
    began: Timestamp,
    used: bool,
    user_present: bool,
    user_verified: bool,
    /// The pinToken of CTAP 2.0: it has no permissions, no RP ID, and no end but that of power.
    legacy: bool,
}

impl Token {
    /// beginUsingPinUvAuthToken: it is in use, its user verified.
    pub fn begin(protocol: Protocol, value: [u8; 32], user_present: bool, now: Timestamp) -> Self {
        Self {
            protocol,
            value,
            permissions: Permissions::default(),
            rp_id: None,
            began: now,
            used: false,
            user_present,
            user_verified: true,
            legacy: false,
        }
    }

    /// The pinToken of an authenticator that has no pinUvAuthToken: good for everything until power is lost.
    pub fn legacy(protocol: Protocol, value: [u8; 32], now: Timestamp) -> Self {
        Self { legacy: true, ..Self::begin(protocol, value, false, now) }
    }

    /// The same with permissions, and the RP ID that they are bound to.
    pub fn with(mut self, permissions: Permissions, rp_id: Option<String>) -> Self {
        (self.permissions, self.rp_id) = (permissions, rp_id);
        self
    }

    /// pinUvAuthTokenUsageTimerObserver: whether it can still be used.
    pub fn observe(&mut self, now: Timestamp) -> bool {
        let age = now.duration_since(self.began);
        if age >= USER_PRESENT {
            self.user_present = false;
        }
        self.legacy || age < MAX_USE && (self.used || age < INITIAL_USE)
    }

    /// Whether `signature` was made with it over `message`; if so, it has been used.
    pub fn verify(&mut self, protocol: Protocol, message: &[u8], signature: &[u8]) -> bool {
        let right = protocol == self.protocol && protocol.verify(&self.value, message, signature);
        self.used |= right;
        right
    }

    pub const fn permits(&self, any_of: Permissions) -> bool {
        self.legacy || self.permissions.intersects(any_of)
    }

    /// The RP ID that it is bound to.
    pub fn rp_id(&self) -> Option<&str> {
        self.rp_id.as_deref()
    }

    /// Binds it to an RP ID, unless it is bound to one already; whether it is now bound to this one.
    pub fn bind(&mut self, rp_id: &str) -> bool {
        self.legacy || self.rp_id.get_or_insert_with(|| rp_id.to_owned()) == rp_id
    }

    pub const fn user_present(&self) -> bool {
        self.user_present
    }

    pub const fn user_verified(&self) -> bool {
        self.user_verified
    }

    /// After a test of user presence nothing is left of it but the right to write large blobs.
    pub fn spend(&mut self) {
        self.user_present = false;
        self.user_verified = self.legacy;
        self.permissions = Permissions(self.permissions.0 & Permissions::LARGE_BLOB_WRITE.0);
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { protocol, permissions, rp_id, began, .. } = self;
        f.debug_struct("Token")
            .field("protocol", protocol)
            .field("permissions", permissions)
            .field("rp_id", rp_id)
            .field("began", began)
            .finish_non_exhaustive()
    }
}
