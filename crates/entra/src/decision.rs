//! The answer to one registration or sign-in.

use std::fmt;

use lab_protocol::trace::{Check, Entry, Outcome, Trace};

use crate::graph::{AttestationLevel, PasskeyType};
use crate::rules::Rule;

/// What the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// No.
    Refused,
    /// The lab cannot tell, and says why.
    Unknown,
}

impl Verdict {
    /// The name used in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The WebAuthn ceremony that a decision is about, as the caller ran and judged it.
///
/// The policy's rules run whatever it found, so that one decision shows everything that is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Ceremony<'a, T> {
    /// What the relying party found.
    pub outcome: CeremonyOutcome,
    /// What the response says of the passkey, as far as it could be read.
    pub says: Option<&'a T>,
}

/// What the relying party found.
#[derive(Debug, Clone, Copy)]
pub enum CeremonyOutcome {
    /// The response is valid.
    Valid,
    /// It is not; this check decided.
    Invalid(&'static Check),
    /// The lab cannot judge it (a format or an algorithm that is not built); this check could not be judged.
    Undecided(&'static Check),
    /// The client or the authenticator refused, so that there is no response.
    NoResponse,
}

impl<'a, T> Ceremony<'a, T> {
    /// A valid ceremony.
    #[must_use]
    pub const fn valid(says: &'a T) -> Self {
        Self { outcome: CeremonyOutcome::Valid, says: Some(says) }
    }

    /// A ceremony whose response is not valid.
    #[must_use]
    pub const fn invalid(decided_by: &'static Check, says: Option<&'a T>) -> Self {
        Self { outcome: CeremonyOutcome::Invalid(decided_by), says }
    }

    /// A ceremony that gave no response.
    #[must_use]
    pub const fn no_response() -> Self {
        Self { outcome: CeremonyOutcome::NoResponse, says: None }
    }
}

/// How one profile came out.
#[derive(Debug, Clone)]
pub struct ProfileOutcome<'a> {
    /// The profile's id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether it matches as a whole.
    pub matches: bool,
    /// The rules that do not hold, in order.
    pub failed: Vec<&'static Rule>,
    /// The rules that the lab could not decide, in order.
    pub undecided: Vec<&'static Rule>,
}

/// The answer to one registration or sign-in.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// The answer.
    pub verdict: Verdict,
    /// What decided, unless it is allowed: the first that fails in the order of [`crate::evaluate`], a
    /// check of the WebAuthn ceremony among them. For an unknown verdict, the first that is undecided.
    /// `None` also where the client or the authenticator gave no response and no rule refused.
    pub decided_by: Option<&'static Check>,
    /// The type of the passkey, where it is known.
    pub passkey_type: Option<PasskeyType>,
    /// What Graph would list as `attestationLevel`; `None` at sign-in and where it is not known.
    pub attestation_level: Option<AttestationLevel>,
    /// The profiles in scope, in the tenant's order.
    pub profiles: Vec<ProfileOutcome<'a>>,
    /// The first profile that matches, as an index into `profiles`.
    pub matched: Option<usize>,
    /// What each rule found. The profiles come nearest first: the matching ones, then by the number of
    /// rules that failed, then in the tenant's order.
    pub trace: Trace<'a>,
}

impl Decision<'_> {
    /// The rule that decided, if it was one of the policy's.
    #[must_use]
    pub fn rule(&self) -> Option<&'static Rule> {
        self.decided_by.and_then(|check| crate::rules::find(check.id))
    }

    /// The sentence that an administrator can forward; `None` where a check of the ceremony decided.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        self.deciding_entry().map(Entry::message)
    }

    /// What to change; `None` where there is nothing to say.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.deciding_entry().filter(|_| self.verdict != Verdict::Allowed).and_then(Entry::hint)
    }

    /// The entry that decided; of an allowed decision, the one that sums up the profiles.
    fn deciding_entry(&self) -> Option<&Entry<'_>> {
        let (id, outcome) = match (self.verdict, self.decided_by) {
            (Verdict::Allowed, _) => return self.trace.entry(crate::rules::profile_match::RULE.check.id),
            (Verdict::Refused, Some(check)) => (check.id, Outcome::Fail),
            (Verdict::Unknown, Some(check)) => (check.id, Outcome::NotJudged),
            (_, None) => return None,
        };
        self.trace.entries().iter().find(|entry| entry.check.id == id && entry.finding.outcome == outcome)
    }
}
