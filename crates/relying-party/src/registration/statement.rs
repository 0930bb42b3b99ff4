//! The attestation statement and its path: what the formats and the path checker record, and what the
//! steps make of it.

use jiff::Timestamp;
use lab_attestation::trust::{self, Anchors, Trust};
use lab_attestation::verify::{self, Attested, Format, Kind};
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::trace::{Check, Finding, Known, Trace};
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData};

use super::TrustPolicy;
use super::checks::FMT;
use super::reason::{FormatError, TrustNote};
use crate::{Choice, Policy};

/// Step 21.
pub(super) fn format(fmt: &str) -> Result<&'static dyn Format, FormatError> {
    verify::format(fmt).ok_or_else(|| FormatError::of(fmt))
}

/// What a statement is verified against.
pub(super) struct Input<'i, 'a> {
    pub format: Known<&'static dyn Format>,
    pub object: &'i Known<AttestationObject<'a>>,
    pub data: &'i Known<AuthenticatorData<'a>>,
    pub key: &'i Known<CredentialPublicKey>,
    pub hash: &'i [u8; 32],
    pub policy: &'i verify::Policy,
    pub at: Timestamp,
}

/// Step 22: records the checks of the format; what they cannot establish names the check that stopped it.
pub(super) fn verify(input: &Input<'_, '_>, trace: &mut Trace<'_>) -> Known<Attested> {
    let (format, (object, data)) = match input.format.and(input.object.as_ref().and(input.data.as_ref())) {
        Known::Value(values) => values,
        Known::Missing(blocker) => return not_reached(input.format, blocker, trace),
    };
    let statement = verify::Input {
        auth_data: data,
        credential_key: input.key.as_ref(),
        att_stmt: object.att_stmt,
        client_data_hash: input.hash,
        policy: input.policy,
        at: input.at,
    };
    let mut recorded = Trace::new();
    let attested = format.verify(&statement, &mut recorded);
    let blocker = blocker(&recorded);
    trace.append(recorded.into_owned());
    attested.map_or(Known::Missing(blocker), Known::Value)
}

/// The checks of the format, where it is known, could not be reached.
fn not_reached(format: Known<&'static dyn Format>, blocker: &'static Check, trace: &mut Trace<'_>) -> Known<Attested> {
    for check in format.value().map(Format::checks).unwrap_or_default() {
        trace.check(check, Finding::not_judged(blocker));
    }
    Known::Missing(blocker)
}

/// The check that kept the statement from being established.
fn blocker(recorded: &Trace<'_>) -> &'static Check {
    let stopped_by = || recorded.entries().iter().find_map(|entry| entry.finding.stopped_by);
    recorded.decided_by().or_else(|| recorded.unsupported()).or_else(stopped_by).unwrap_or(&FMT)
}

/// Records the checks of the path.
pub(super) fn assess(
    statement: &Known<Attested>,
    trust: &TrustPolicy<'_>,
    policy: &Policy,
    trace: &mut Trace<'_>,
) -> Trust {
    let nothing = Anchors::new();
    match statement {
        Known::Value(attested) => {
            let mut recorded = Trace::new();
            let anchors = trust.anchors.unwrap_or(&nothing);
            let found = trust::assess(attested, anchors, trust.intermediates, trust.at, &mut recorded);
            let noted = policy.untrusted_attestation == Choice::Note;
            trace.append(if noted { recorded.failures_as_notes() } else { recorded });
            found
        }
        Known::Missing(blocker) => {
            trust::CHECKS.iter().for_each(|check| trace.check(check, Finding::not_judged(blocker)));
            Trust::NotChecked
        }
    }
}

/// Step 24.
pub(super) fn trusted<'a>(attested: &Attested, trust: &Trust, policy: &Policy) -> Finding<'a> {
    match (&attested.kind, trust) {
        (Kind::None, _) => policy.no_attestation.finding(TrustNote::NoAttestation),
        (Kind::SelfAttestation, _) => policy.self_attestation.finding(TrustNote::SelfAttestation),
        (_, Trust::Trusted { anchor, stand_in: true }) => Finding::note(TrustNote::StandIn { anchor: anchor.clone() }),
        (_, Trust::Trusted { anchor, stand_in: false }) => Finding::pass_with(anchor.clone()),
        (_, Trust::NotChecked) => Finding::note(TrustNote::NotChecked),
        (_, Trust::Untrusted { reason }) if policy.untrusted_attestation == Choice::Note => {
            Finding::note(TrustNote::Untrusted { reason: reason.clone() })
        }
        (_, Trust::Untrusted { .. } | Trust::NoPath) => Finding::not_judged(path()),
    }
}

/// The check that decides on the path.
fn path() -> &'static Check {
    trust::CHECKS.iter().copied().find(|check| check.id == "attestation/trust-path").unwrap_or(&FMT)
}
