//! `compound` (`webauthn-3 §8.9`): several statements about one credential, each of another format.

use lab_protocol::cbor::{self, Key, Reader, Rules};
use lab_protocol::trace::{Check, Document, Finding, Reason, Trace};

use super::{Attested, Format, Input, Part};

/// The format.
pub(super) struct Compound;

/// The identifier, which none of the statements inside may have.
const ID: &str = "compound";
/// The fewest statements (`webauthn-3 §8.9`, the CDDL).
const MIN_STATEMENTS: usize = 2;
/// The most statements that are verified: each costs its signatures.
const MAX_STATEMENTS: usize = 8;

static SYNTAX: Check = Check::new(
    "attestation/compound-syntax",
    Document::WebAuthn3,
    "8.9",
    "A compound statement is an array of at least two maps, each with fmt and attStmt.",
)
.policy("How many statements there may be is left open.", "At most 8: each of them costs its signatures.");

static NO_NESTING: Check = Check::new(
    "attestation/compound-no-nesting",
    Document::WebAuthn3,
    "8.9",
    "No statement of a compound one is itself compound.",
);

static SUB: Check = Check::new(
    "attestation/compound-sub",
    Document::WebAuthn3,
    "8.9",
    "Each statement is verified by its own format, with the same authenticator data and client data hash.",
)
.cannot_fail("How many of the statements have to hold is for attestation/compound-policy; each finding is noted here.");

static POLICY: Check =
    Check::new("attestation/compound-policy", Document::WebAuthn3, "8.9", "Enough of the statements hold.")
        .hint("The trace has the checks of each statement before this one.")
        .policy(
            "How many of the statements have to hold is left to the relying party.",
            "All of them; `compound: any` wants one, `compound: {\"atLeast\": n}` that many.",
        );

static CHECKS: &[&Check] = &[&SYNTAX, &NO_NESTING, &SUB, &POLICY];

/// Why bytes are no compound statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompoundError {
    /// Not one CBOR array of maps.
    #[error("the statement is not one CBOR array of maps: {0}")]
    Cbor(#[from] cbor::Error),
    /// Fewer statements than a compound has, or more than are verified.
    #[error("there are {found} statements, expected {MIN_STATEMENTS} to {MAX_STATEMENTS}")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// A member of a statement is missing.
    #[error("statement {position} has no {member}")]
    Missing {
        /// Its place, counted from 1.
        position: usize,
        /// The member.
        member: &'static str,
    },
    /// A compound statement inside.
    #[error("statement {position} is itself compound")]
    Nested {
        /// Its place, counted from 1.
        position: usize,
    },
}

impl Reason for CompoundError {}

/// How one of the statements came out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum SubFinding {
    #[error("statement {position} ({fmt}) does not hold: {check} decides")]
    Refused { position: usize, fmt: String, check: &'static str },
    #[error("statement {position} is of the format {fmt}, which is not built")]
    Unsupported { position: usize, fmt: String },
}

impl Reason for SubFinding {}

/// Too few statements hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{held} of {count} statements hold, {wanted} have to; {refused}")]
pub struct TooFew {
    /// How many hold.
    pub held: usize,
    /// How many there are.
    pub count: usize,
    /// How many the policy wants.
    pub wanted: usize,
    /// The first that does not hold, and why.
    pub refused: String,
    /// Whether those that could not be judged would be enough.
    pub undecided: bool,
}

impl Reason for TooFew {
    fn is_unsupported(&self) -> bool {
        self.undecided
    }
}

/// One of the statements, borrowed from the bytes of all.
struct Sub<'a> {
    fmt: &'a str,
    att_stmt: &'a [u8],
}

impl Format for Compound {
    fn id(&self) -> &'static str {
        ID
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let subs = crate::record::syntax(trace, CHECKS, parse(input.att_stmt), |_| &[])?;
        let nested = subs.iter().position(|sub| sub.fmt == ID);
        if let Some(index) = nested {
            trace.check(&NO_NESTING, CompoundError::Nested { position: index + 1 });
            [&SUB, &POLICY].iter().for_each(|check| trace.check(check, Finding::not_judged(&NO_NESTING)));
            return None;
        }
        trace.check(&NO_NESTING, Finding::pass());
        let results: Vec<_> = (1..).zip(&subs).map(|(position, sub)| verify_one(position, sub, input, trace)).collect();
        enough(results, input, trace)
    }
}

/// Reads the statements, at most one more than are verified.
fn parse(bytes: &[u8]) -> Result<Vec<Sub<'_>>, CompoundError> {
    let (mut subs, mut found, mut wrong) = (Vec::new(), 0, None);
    let mut reader = Reader::new(bytes, Rules::RELYING_PARTY);
    reader.array(|reader| {
        found += 1;
        if found > MAX_STATEMENTS {
            return reader.skip().map(|_| ());
        }
        match sub(reader, found)? {
            Ok(sub) => subs.push(sub),
            Err(error) => _ = wrong.get_or_insert(error),
        }
        Ok(())
    })?;
    reader.end()?;
    match wrong {
        Some(error) => Err(error),
        None if (MIN_STATEMENTS..=MAX_STATEMENTS).contains(&found) => Ok(subs),
        None => Err(CompoundError::Count { found }),
    }
}

fn sub<'a>(reader: &mut Reader<'a>, position: usize) -> Result<Result<Sub<'a>, CompoundError>, cbor::Error> {
    let (mut fmt, mut att_stmt) = (None, None);
    reader.map(|reader, key| {
        match key {
            Key::Text("fmt") => fmt = Some(reader.text()?),
            Key::Text("attStmt") => att_stmt = Some(reader.skip()?),
            _ => _ = reader.skip()?,
        }
        Ok(())
    })?;
    let missing = |member| CompoundError::Missing { position, member };
    Ok(match (fmt, att_stmt) {
        (Some(fmt), Some(att_stmt)) => Ok(Sub { fmt, att_stmt }),
        (None, _) => Err(missing("fmt")),
        (_, None) => Err(missing("attStmt")),
    })
}

/// Verifies one statement: its checks go into the trace as notes where they fail, for the policy decides.
fn verify_one<'a>(
    position: usize,
    sub: &Sub<'a>,
    input: &Input<'a>,
    trace: &mut Trace<'a>,
) -> Result<Part, SubFinding> {
    let fmt = || sub.fmt.chars().take(40).collect();
    let result = match super::format(sub.fmt) {
        None => Err(SubFinding::Unsupported { position, fmt: fmt() }),
        Some(format) => {
            let mut inner = Trace::new();
            let attested = format.verify(&Input { att_stmt: sub.att_stmt, ..*input }, &mut inner);
            let decided_by = inner.decided_by().or_else(|| inner.unsupported());
            let unsupported = inner.decided_by().is_none() && inner.unsupported().is_some();
            trace.append(inner.failures_as_notes());
            match attested {
                Some(attested) => Ok(Part { format: format.id(), attested }),
                None if unsupported => Err(SubFinding::Unsupported { position, fmt: fmt() }),
                None => {
                    let check = decided_by.map_or("an earlier check", |check| check.id);
                    Err(SubFinding::Refused { position, fmt: fmt(), check })
                }
            }
        }
    };
    trace.check(
        &SUB,
        match &result {
            Ok(part) => Finding::pass_with(part.format),
            Err(error) => Finding::note(error.clone()),
        },
    );
    result
}

/// Whether the policy is content, and what the statements that hold come to.
fn enough<'a>(results: Vec<Result<Part, SubFinding>>, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
    let count = results.len();
    let wanted = input.policy.compound.of(count);
    let first = results.iter().find_map(|result| result.as_ref().err()).map(ToString::to_string);
    let open = results.iter().filter(|result| matches!(result, Err(SubFinding::Unsupported { .. }))).count();
    let parts: Vec<_> = results.into_iter().flatten().collect();
    let held = parts.len();
    if held >= wanted {
        trace.check(&POLICY, Finding::pass_with(held));
        return Some(Attested::of_parts(parts));
    }
    let refused = first.unwrap_or_default();
    trace.check(&POLICY, TooFew { held, count, wanted, refused, undecided: held + open >= wanted });
    None
}

#[cfg(test)]
mod tests;
