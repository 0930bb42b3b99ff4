//! Whom to believe: building and checking the path from an attestation certificate to a trust anchor
//! (RFC 5280 §6, `webauthn-3 §7.1` step 24), with the time as an argument.
//!
//! A certificate at the end of x5c is never an anchor because it signed itself: anchors are what the
//! caller hands in, and they are matched by key, not by name alone.

mod anchor;
mod constraints;
mod path;
mod reason;
pub mod revocation;
mod search;
mod signatures;
mod validity;

use jiff::Timestamp;
use lab_protocol::trace::{Check, Document, Finding, Trace};

use crate::verify::Attested;

pub use anchor::{Anchor, AnchorError, Anchors, Origin};
use path::Candidate;
pub use path::MAX_PATH;
pub use reason::{PathNote, PathNotes, PathReason};
pub use search::MAX_CANDIDATES;
use search::Search;
pub use signatures::MAX_SIGNATURES;

static BUILD: Check = Check::new(
    "attestation/path-build",
    Document::Rfc5280,
    "6.1",
    "The certificates of the statement form a path, each issued by the one after it.",
)
.hint("The authenticator sends its certificates in another order, or some that are not its own.")
.policy(
    "Whether x5c may include the root, and in which order it may be.",
    "It may; every certificate of x5c has to issue the one before it, as `webauthn-3 §8` has it.",
);

static VALIDITY: Check = Check::new(
    "attestation/path-validity",
    Document::Rfc5280,
    "6.1.3",
    "Each certificate of the path is valid at the time of the verification.",
)
.step(2);

static CONSTRAINTS: Check = Check::new(
    "attestation/path-constraints",
    Document::Rfc5280,
    "6.1.4",
    "Each issuer of the path may sign certificates, at this depth, and no critical extension is unknown.",
);

static SIGNATURES: Check = Check::new(
    "attestation/path-signatures",
    Document::Rfc5280,
    "6.1.3",
    "Each certificate of the path is signed by its issuer with an algorithm that can be believed.",
)
.step(1);

static TRUST_PATH: Check = Check::new(
    "attestation/trust-path",
    Document::WebAuthn3,
    "7.1",
    "The attestation certificate chains to an acceptable trust anchor.",
)
.step(24)
.hint("Add the vendor's root to the anchors, or take it that nobody but the key itself says which model it is.");

/// The checks of [`assess`], in their order.
pub static CHECKS: &[&Check] = &[&BUILD, &VALIDITY, &CONSTRAINTS, &SIGNATURES, &TRUST_PATH];

/// Whether the path that a statement offers is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// A path to an anchor holds.
    Trusted {
        /// The anchor's subject.
        anchor: String,
        /// Whether the anchor is a laboratory's, so that this says nothing about real keys.
        stand_in: bool,
    },
    /// Anchors were given, and no path to one of them holds. Where the cause is an algorithm that is not
    /// built, the trace says not-judged instead of fail.
    Untrusted {
        /// What is wrong with the path that comes closest.
        reason: PathReason,
    },
    /// The statement offers no path: `none` or self attestation.
    NoPath,
    /// No anchors were given.
    NotChecked,
}

impl Trust {
    /// The name used in JSON results.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Trusted { .. } => "trusted",
            Self::Untrusted { .. } => "untrusted",
            Self::NoPath => "no-path",
            Self::NotChecked => "not-checked",
        }
    }
}

/// Builds and checks the path, recording one check for each part and one for the whole. Validity is
/// judged at `at`. `intermediates` are certificates that the statement leaves out. Of the paths of a
/// compound statement, the first that is trusted counts, else the first.
pub fn assess<'a>(
    attested: &Attested,
    anchors: &Anchors,
    intermediates: &[Vec<u8>],
    at: Timestamp,
    trace: &mut Trace<'a>,
) -> Trust {
    if attested.trust_path.is_empty() || anchors.is_empty() {
        CHECKS.iter().for_each(|check| trace.check(check, Finding::not_applicable()));
        return if attested.trust_path.is_empty() { Trust::NoPath } else { Trust::NotChecked };
    }
    let judged = attested.trust_paths().into_iter().map(|path| {
        let mut recorded = Trace::new();
        let trust = chain(path, anchors, intermediates, at, &mut recorded);
        (trust, recorded)
    });
    let judged: Vec<_> = judged.collect();
    let trusted = judged.iter().position(|(trust, _)| matches!(trust, Trust::Trusted { .. })).unwrap_or_default();
    let Some((trust, recorded)) = judged.into_iter().nth(trusted) else { return Trust::NoPath };
    trace.append(recorded);
    trust
}

/// As [`assess`], for a chain (DER, leaf first) that no attestation statement offers: that of a signed
/// file, say.
pub fn chain<'a>(
    path: &[Vec<u8>],
    anchors: &Anchors,
    intermediates: &[Vec<u8>],
    at: Timestamp,
    trace: &mut Trace<'a>,
) -> Trust {
    match Search::run(path, anchors, intermediates, at) {
        Ok(candidate) => judge(&candidate, anchors, trace),
        Err(reason) => no_path(reason, anchors, trace),
    }
}

fn judge(candidate: &Candidate<'_>, anchors: &Anchors, trace: &mut Trace<'_>) -> Trust {
    let notes = candidate.notes();
    trace.check(&BUILD, if notes.0.is_empty() { Finding::pass() } else { Finding::pass().because(notes) });
    let parts = [
        (&VALIDITY, &candidate.validity),
        (&CONSTRAINTS, &candidate.constraints),
        (&SIGNATURES, &candidate.signatures),
    ];
    for (check, part) in parts {
        trace.check(check, part.clone().map_or_else(Finding::refuse, |()| Finding::pass()));
    }
    match parts.into_iter().find_map(|(_, part)| part.clone().err()) {
        Some(reason) => untrusted(reason, anchors, trace),
        None => {
            let (anchor, stand_in) = candidate.anchor(anchors);
            trace.check(&TRUST_PATH, Finding::pass_with(anchor.clone()));
            Trust::Trusted { anchor, stand_in }
        }
    }
}

/// A path that is one and ends in no anchor is for `attestation/trust-path` to refuse.
fn no_path(reason: PathReason, anchors: &Anchors, trace: &mut Trace<'_>) -> Trust {
    let blocker = match reason.ends_in_no_anchor() {
        true => {
            trace.check(&BUILD, Finding::pass());
            &TRUST_PATH
        }
        false => {
            trace.check(&BUILD, reason.clone());
            &BUILD
        }
    };
    [&VALIDITY, &CONSTRAINTS, &SIGNATURES].iter().for_each(|check| trace.check(check, Finding::not_judged(blocker)));
    untrusted(reason, anchors, trace)
}

fn untrusted(reason: PathReason, anchors: &Anchors, trace: &mut Trace<'_>) -> Trust {
    trace.check(&TRUST_PATH, reason::NoTrust { anchors: anchors.len(), cause: reason.clone() });
    Trust::Untrusted { reason }
}

#[cfg(test)]
mod tests;
