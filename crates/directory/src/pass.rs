//! A Temporary Access Pass, as data.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// `temporaryAccessPassAuthenticationMethod` without the pass itself, which nobody keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemporaryAccessPass {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub created_date_time: Timestamp,
    /// From when on it can be used.
    pub start_date_time: Timestamp,
    /// For how long.
    pub lifetime_in_minutes: u32,
    /// Whether it can be used once only.
    pub is_usable_once: bool,
}

impl TemporaryAccessPass {
    /// The last moment at which it can be used.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        let lifetime = SignedDuration::from_mins(i64::from(self.lifetime_in_minutes));
        self.start_date_time.saturating_add(lifetime).unwrap_or(Timestamp::MAX)
    }
}
