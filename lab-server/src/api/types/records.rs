//! What was recorded.

use jiff::Timestamp;
use lab_directory::Door;
use lab_entra::Verdict;
use lab_protocol::webauthn::Ceremony;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ceremonies::Rules;
use crate::ceremonies::input::Failure;

/// A recorded ceremony in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CeremonySummary {
    /// Its number in the log.
    pub number: u64,
    /// When it ended.
    pub at: Timestamp,
    /// Which of the two.
    pub ceremony: Ceremony,
    /// Where it came in.
    pub door: Door,
    /// The verdict.
    pub verdict: Verdict,
    /// The check or rule that decided.
    pub decided_by: Option<String>,
    /// The sentence, where it was not allowed.
    pub message: Option<String>,
    /// The user's object id, where one was found.
    pub user: Option<String>,
    /// The id of the passkey, where one was registered or used.
    pub passkey: Option<String>,
}

/// Recorded ceremonies, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeremonyList {
    /// The ceremonies.
    pub ceremonies: Vec<CeremonySummary>,
    /// What `before` has to be for the next page; null on the last.
    pub next: Option<u64>,
}

/// A recorded ceremony with everything behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CeremonyDetail {
    /// As lists have it.
    #[serde(flatten)]
    pub summary: CeremonySummary,
    /// By whose rules it was judged; null where retention has dropped its bytes.
    pub rules: Option<Rules>,
    /// The contract's STEP, judged again by the tenant of that time; null without a response.
    pub step: Option<Value>,
    /// The bytes of the response, taken apart.
    pub anatomy: Value,
    /// The response as a recorded case.
    pub case: Option<Value>,
    /// How the client failed, where there is no response.
    pub failure: Option<Failure>,
}

/// Which ceremonies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeremonyQuery {
    /// How many, 1 to 100; 20 unless somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// With a lower number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// Of this user: object id or user principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// Something that happened, as streams tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Its number in the log.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What: `registered`, `signedIn`, `refused`, `policyChanged`, …
    pub event: String,
    /// Where it came in.
    pub door: Door,
    /// The object id of the user whom it is about.
    pub user: Option<String>,
    /// The ceremony, where it was one.
    pub ceremony: Option<CeremonySummary>,
}
