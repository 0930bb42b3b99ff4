//! Registering a new credential (`webauthn-3 §7.1`).
//!
//! [`verify()`] is the section's list of steps; [`CHECKS`] has their numbers and texts. Everything wrong with
//! a response shows in one run; the first failure in the section's order decides.
//!
//! `unsupported` is no failure: where the lab has not built a format or an algorithm, the check that needs
//! it is not judged, and [`Outcome::unsupported`] names it. A format that nobody registered is a failure.

mod checks;
mod reason;
mod registered;
mod statement;
mod steps;

use checks::*;
use jiff::Timestamp;
use lab_attestation::sha256;
use lab_attestation::trust::{self, Anchors, Trust};
use lab_attestation::verify::{self, Kind};
use lab_protocol::trace::{Check, Finding, Trace};
use lab_protocol::webauthn::client_data::decode_utf8;
use lab_protocol::webauthn::{Ceremony, CollectedClientData, RegistrationResponse};

use crate::authenticator_data as ad;
use crate::{Claims, Expected, KnownCredentials, Policy, Verdict, client_data, extensions, rp_id};

pub use checks::CHECKS;
pub use reason::{CredentialIdError, CredentialKeyError, FormatError, ResponseMismatch, TrustNote};
pub use registered::Registration;
pub(crate) use steps::credential_shape;

/// A response, and all that is needed to judge it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What the client sent.
    pub response: &'a RegistrationResponse,
    /// What the relying party expects.
    pub expected: &'a Expected<'a>,
    /// Who holds which credential already.
    pub known: &'a dyn KnownCredentials,
    /// Whom to trust.
    pub trust: TrustPolicy<'a>,
    /// What the specification leaves open.
    pub policy: &'a Policy,
}

/// Whom to trust with an attestation, and when.
#[derive(Clone, Copy)]
pub struct TrustPolicy<'a> {
    /// The roots that are acceptable for the model; `None` or an empty set: the path is not judged.
    pub anchors: Option<&'a Anchors>,
    /// Certificates in DER that the statement may have left out.
    pub intermediates: &'a [Vec<u8>],
    /// The time at which certificates have to be valid.
    pub at: Timestamp,
}

/// What a verification found.
pub struct Outcome<'a> {
    /// Every check, in the section's order.
    pub trace: Trace<'a>,
    /// What it comes to.
    pub verdict: Verdict,
    /// The first check that needs a format or an algorithm that is not built.
    pub unsupported: Option<&'static Check>,
    /// What the response says of itself.
    pub claims: Claims<'a>,
    /// What kind of attestation the statement is, if it is a correct one.
    pub attestation: Option<Kind>,
    /// Whether its path ends in an anchor.
    pub trust: Trust,
    /// The registered credential, where the verdict is valid.
    pub registration: Option<Registration>,
}

impl Outcome<'_> {
    /// The check that the verdict rests on: the first failure, else the first that is unsupported.
    #[must_use]
    pub fn decided_by(&self) -> Option<&'static Check> {
        crate::verdict::decided_by(&self.trace)
    }
}

/// [`CHECKS`], with those of every attestation format before `registration/att-stmt` and those of the
/// certificate path before `registration/trust`. A run records those of one format only.
#[must_use]
pub fn checks() -> Vec<&'static Check> {
    let mut all = Vec::with_capacity(CHECKS.len() + 32);
    for check in CHECKS {
        if check.id == ATT_STMT.id {
            all.extend(verify::FORMATS.iter().flat_map(|format| format.checks()));
        }
        if check.id == TRUST.id {
            all.extend(trust::CHECKS);
        }
        all.push(*check);
    }
    all
}

/// Verifies the response to `create`.
pub fn verify<'a>(request: &Request<'a>) -> Outcome<'a> {
    let Request { response, expected, known, policy, .. } = *request;
    let mut trace = Trace::new();

    trace.check(&OPTIONS, Finding::caller());
    trace.check(&CREATE, Finding::caller());
    trace.check(&RESPONSE_TYPE, steps::response_type(response, policy));
    trace.check(&CLIENT_EXT_RESULTS, Finding::pass());

    let text = trace.need(&UTF8, decode_utf8(&response.response.client_data_json));
    let data = trace.need_known(&JSON, text.map(CollectedClientData::parse));
    trace.check(&TOKEN_BINDING, data.judge(|data| client_data::token_binding(data, policy.token_binding)));
    trace.check(&TYPE, data.judge(|data| client_data::ty(data, Ceremony::Registration)));
    trace.check(&CHALLENGE, data.judge(|data| client_data::challenge(data, expected)));
    trace.check(&ORIGIN, data.judge(|data| client_data::origin(data, &expected.origins)));
    trace.check(&CROSS_ORIGIN, data.judge(|data| client_data::cross_origin(data, expected.framing, policy)));
    trace.check(&TOP_ORIGIN, data.judge(|data| client_data::top_origin(data, expected.framing, policy)));
    let hash = sha256(&response.response.client_data_json);
    trace.check(&HASH, Finding::pass());

    let (object, finding) = steps::attestation_object(response, policy);
    trace.check(&ATT_OBJ, finding);
    let bytes = object.as_ref().map(|object| object.auth_data);
    let read = ad::read(bytes, Ceremony::Registration, policy, &mut trace);
    let (fixed, attested) = (read.fixed, read.attested());
    let origin = data.as_ref().value().and_then(client_data::origin_text);
    trace.check(&RP_ID_HASH, fixed.judge(|fixed| rp_id::rp_id_hash(fixed.rp_id_hash, expected, origin)));
    trace.check(&UP, fixed.judge(|fixed| steps::user_present(fixed, expected, policy)));
    trace.check(&UV, fixed.judge(|fixed| ad::user_verified(fixed, expected.user_verification)));
    trace.check(&BE_BS, fixed.judge(ad::backed_up_only_if_eligible));
    trace.check(&BE_POLICY, fixed.judge(|fixed| steps::backup_eligible(fixed, policy)));
    trace.check(&BS_POLICY, fixed.judge(|fixed| steps::backup_state(fixed, policy)));

    let (key, finding) = steps::credential_key(&attested, policy);
    trace.check(&CREDENTIAL_KEY, finding);
    trace.check(&ALG, key.judge(|key| steps::algorithm(key, expected.algorithms)));
    let format = trace.need_known(&FMT, object.as_ref().map(|object| statement::format(object.fmt)));
    let input = statement::Input {
        format,
        object: &object,
        data: &read.data,
        key: &key,
        hash: &hash,
        policy: &policy.statement,
        at: request.trust.at,
    };
    let statement = statement::verify(&input, &mut trace);
    trace.check(&ATT_STMT, statement.judge(|attested| Finding::pass_with(attested.kind.name())));
    trace.check(&TRUST_ANCHORS, steps::trust_anchors(&request.trust));
    let trust = statement::assess(&statement, &request.trust, policy, &mut trace);
    trace.check(&TRUST, statement.judge(|attested| statement::trusted(attested, &trust, policy)));

    trace.check(&CRED_ID_LEN, attested.judge(|attested| steps::credential_id_length(attested, policy)));
    trace.check(&CRED_ID_UNIQUE, attested.judge(|attested| steps::credential_id_unique(attested, known)));
    trace.check(&RECORD, attested.and(key.as_ref()).judge(|found| steps::copies(response, &read.data, found, policy)));
    trace.check(&EXTENSIONS, read.data.judge(|data| extensions::outputs(data.extensions, Ceremony::Registration)));
    trace.check(&STORE, Finding::caller());

    let claims = steps::claims(response, &object, &read);
    let attestation = statement.as_ref().value().map(|attested| attested.kind);
    let parts = registered::Parts { request, data: read.data, attested, key, statement, trust: trust.clone(), claims };
    outcome(trace, parts, attestation)
}

fn outcome<'a>(trace: Trace<'a>, parts: registered::Parts<'_, 'a>, attestation: Option<Kind>) -> Outcome<'a> {
    let verdict = Verdict::of(&trace);
    let (claims, trust) = (parts.claims, parts.trust.clone());
    let registration = (verdict == Verdict::Valid).then(|| Registration::of(parts)).flatten();
    Outcome { unsupported: trace.unsupported(), trace, verdict, claims, attestation, trust, registration }
}

#[cfg(test)]
mod tests;
