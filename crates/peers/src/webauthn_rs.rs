//! A second opinion on recorded responses: `webauthn-rs-core` 0.6.2 as the relying party.
//!
//! The library is used through its public interface. It makes every challenge itself, so its state
//! is serialised, the recorded challenge put in, and deserialised; the one it made is thrown away,
//! and nothing of its randomness is in the result. What it is known not to do is data ([`LIMITS`]):
//! a refusal that a limit explains is no evidence and becomes [`Verdict::Unsupported`].

mod authentication;
mod case;
mod facts;
mod limits;
mod registration;
mod relying_party;

use std::fmt;

pub use case::{Authentication, Case, Ceremony, Registration, StoredCredential};
pub use limits::{Kind, LIMITS, Limit, SOURCE};

use facts::Facts;
use relying_party::Refusal;

/// What the library says about a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Whether it accepts.
    pub verdict: Verdict,
    /// The library's own name for its reason, such as `InvalidRPOrigin`; none where it accepts or was
    /// not asked.
    pub reason: Option<String>,
    /// A sentence for people: what it accepted, or its reason.
    pub why: String,
    /// The limits that this case touches: those that explain a refusal, or what an acceptance does
    /// not cover.
    pub limits: Vec<&'static Limit>,
}

/// Whether the library accepts a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It accepts.
    Accept,
    /// It refuses, and none of its limits explains that.
    Reject,
    /// It cannot judge: a limit explains its refusal.
    Unsupported,
}

impl Verdict {
    /// The word in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Asks `webauthn-rs-core` about `case`.
#[must_use]
pub fn second_opinion(case: &Case<'_>) -> Opinion {
    let facts = Facts::of(case);
    let outcome = match case {
        Case::Registration(registration) => registration::judge(registration),
        Case::Authentication(authentication) => authentication::judge(authentication),
    };
    match outcome {
        Ok(accepted) => Opinion {
            verdict: Verdict::Accept,
            reason: None,
            why: accepted,
            limits: LIMITS.iter().filter(|limit| limit.kind == Kind::Overlooks && limit.touches(&facts)).collect(),
        },
        Err(refusal) => refused(&refusal, &facts),
    }
}

fn refused(refusal: &Refusal, facts: &Facts) -> Opinion {
    let reason = refusal.reason();
    let explains = |limit: &&Limit| match refusal {
        Refusal::NotAsked { limit: id, .. } => limit.id == *id,
        _ => limit.kind != Kind::Overlooks && limit.touches(facts) && limit.explains(reason.as_deref()),
    };
    let limits: Vec<_> = LIMITS.iter().filter(explains).collect();
    let cannot = limits.iter().any(|limit| limit.kind == Kind::Cannot);
    let verdict = if cannot { Verdict::Unsupported } else { Verdict::Reject };
    Opinion { verdict, reason, why: refusal.to_string(), limits }
}

#[cfg(test)]
mod tests;
