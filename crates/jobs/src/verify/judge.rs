//! One case: what the relying party is told, and what it says.

use std::path::Path;

use jiff::Timestamp;
use lab_attestation::trust::{Anchor, Anchors};
use lab_protocol::cose::Algorithm;
use lab_protocol::trace::Trace;
use lab_protocol::webauthn::{AuthenticationResponse, RegistrationResponse};
use lab_relying_party::registration::TrustPolicy;
use lab_relying_party::{
    CredentialRecord, Expected, Framing, NothingKnown, Origins, Policy, UserVerification, authentication, registration,
};
use serde_json::Value;

use super::{Options, opinion};
use crate::anatomy;
use crate::case_view::{CaseView, ExpectedView};
use crate::input::InputError;
use crate::input::anchors::of_case;
use crate::input::cases::{Case, Demand, ExpectedResult, Response};

/// Why a case that can be read cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum JudgeError {
    /// An anchor that cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An authentication without a key.
    #[error("$: expected “stored” or “credential_public_key_cose” for an authentication, found neither")]
    NoKey,
    /// An anchor that the folder does not have.
    #[error("$.chain.anchor_sha256: expected a certificate of the folder of anchors, found {0}")]
    NoAnchor(String),
}

/// Judges a case; the note is one that several cases can share.
pub(super) fn judge(
    case: &Case,
    beside: Option<&Path>,
    options: &Options<'_>,
) -> Result<(CaseView, Option<String>), JudgeError> {
    let demand = &case.demand;
    let (at, note) = time(demand, options);
    let chain = Chain::of(demand, beside, options)?;
    let origins = [demand.origin.clone()];
    let algorithms = algorithms(demand);
    let expected = expected(demand, &origins, algorithms.as_deref());
    let mut view = match &case.response {
        Response::Registration(response) => register(response, &expected, &chain, at, options),
        Response::Authentication(response) => authenticate(response, demand, &expected, options)?,
    };
    view.id.clone_from(&case.id);
    if options.anatomy {
        view.anatomy = Some(match &case.response {
            Response::Registration(response) => anatomy::of_registration(response),
            Response::Authentication(response) => anatomy::of_authentication(response),
        });
    }
    if options.second_opinion {
        view.second_opinion = opinion::ask(case, algorithms.as_deref(), &chain.anchors, at);
    }
    agree(&mut view, demand);
    Ok((view, note))
}

/// The time of the case, else that of the user, else now, which is said.
fn time(demand: &Demand, options: &Options<'_>) -> (Timestamp, Option<String>) {
    match options.at.or_else(|| demand.time()) {
        Some(at) => (at, None),
        None => (
            options.now,
            Some("cases without verify_time are judged at the present time; --at sets another".to_owned()),
        ),
    }
}

/// The anchors of a case, and the certificates that its statement leaves out.
struct Chain {
    anchors: Option<Vec<Anchor>>,
    intermediates: Vec<Vec<u8>>,
}

impl Chain {
    fn of(demand: &Demand, beside: Option<&Path>, options: &Options<'_>) -> Result<Self, JudgeError> {
        let chain = demand.chain.as_ref();
        let named = chain.and_then(|chain| chain.anchor_sha256.as_deref());
        let own = of_case(&demand.anchors, beside)?;
        let anchors = match (own.is_empty(), options.anchors, named) {
            (false, _, _) => Some(own),
            (true, Some(folder), Some(hash)) => {
                let anchor = folder.by_sha256.get(&hash.to_lowercase()).cloned();
                Some(vec![anchor.ok_or_else(|| JudgeError::NoAnchor(hash.to_owned()))?])
            }
            (true, Some(folder), None) if !folder.indexed => Some(folder.by_sha256.values().cloned().collect()),
            _ => None,
        };
        let pool = chain.into_iter().flat_map(|chain| &chain.extra_intermediates_from_pool).filter_map(hash);
        let found = pool.filter_map(|hash| options.anchors?.by_sha256.get(&hash));
        Ok(Self { anchors, intermediates: found.map(|anchor| anchor.der().to_vec()).collect() })
    }
}

/// A certificate's hash, as a text or in an object.
fn hash(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("sha256")?.as_str())?;
    Some(text.trim_end_matches(".pem").to_lowercase())
}

fn algorithms(demand: &Demand) -> Option<Vec<Algorithm>> {
    demand.allowed_algs.as_ref().map(|algs| algs.iter().map(|alg| Algorithm(*alg)).collect())
}

fn expected<'d>(demand: &'d Demand, origins: &'d [String], algorithms: Option<&'d [Algorithm]>) -> Expected<'d> {
    let framed = demand.allow_cross_origin.unwrap_or(demand.cross_origin == Some(true));
    let required = demand.require_user_verification == Some(true);
    Expected {
        user_verification: if required { UserVerification::Required } else { UserVerification::NotRequired },
        algorithms,
        framing: if framed { Framing::Allowed { top_origins: None } } else { Framing::Forbidden },
        mediation_conditional: demand.mediation.as_deref() == Some("conditional"),
        ..Expected::new(&demand.rp_id, Origins::own(origins), &demand.challenge)
    }
}

fn register(
    response: &RegistrationResponse,
    expected: &Expected<'_>,
    chain: &Chain,
    at: Timestamp,
    options: &Options<'_>,
) -> CaseView {
    let anchors = chain.anchors.clone().map(|anchors| anchors.into_iter().collect::<Anchors>());
    let request = registration::Request {
        response,
        expected,
        known: &NothingKnown,
        trust: TrustPolicy { anchors: anchors.as_ref(), intermediates: &chain.intermediates, at },
        policy: &Policy::webauthn(),
    };
    let outcome = registration::verify(&request);
    let mut view = CaseView::of_registration(&outcome, options.catalogue);
    if let (Some(metadata), Some(registration)) = (options.metadata, &outcome.registration) {
        let mut trace = Trace::new();
        let judgement = metadata.judge(registration, at, &mut trace);
        view.consulted(&judgement, metadata.blob().payload.no, &trace);
    }
    view
}

fn authenticate(
    response: &AuthenticationResponse,
    demand: &Demand,
    expected: &Expected<'_>,
    options: &Options<'_>,
) -> Result<CaseView, JudgeError> {
    let record = record(response, demand)?;
    let request = authentication::Request {
        response,
        expected,
        allow_credentials: &demand.allow_credentials,
        user_known: record.as_ref().ok().and_then(|record| record.user_handle.as_deref()),
        record: record.as_ref().ok(),
        policy: &Policy::webauthn(),
    };
    Ok(CaseView::of_authentication(&authentication::verify(&request), options.catalogue, None))
}

/// The credential record of a case; a key that is none is the response's fault, not the file's.
#[allow(clippy::type_complexity)]
fn record(
    response: &AuthenticationResponse,
    demand: &Demand,
) -> Result<Result<CredentialRecord, lab_protocol::cose::KeyError>, JudgeError> {
    let Some(stored) = &demand.stored else {
        let cose = demand.credential_public_key_cose.as_ref().ok_or(JudgeError::NoKey)?;
        return Ok(CredentialRecord::of_key(response.raw_id.0.clone(), cose.0.clone()));
    };
    let record = CredentialRecord::of_key(stored.credential_id.0.clone(), stored.credential_public_key_cose.0.clone());
    Ok(record.map(|record| CredentialRecord {
        sign_count: stored.sign_count,
        backup_eligible: stored.backup_eligible.or(stored.backup_eligibility),
        backup_state: stored.backup_state,
        user_handle: stored.user_handle.as_ref().map(|handle| handle.0.clone()),
        ..record
    }))
}

/// Compares with what the case expects: the result, and the check where it is one of the lab's ids.
fn agree(view: &mut CaseView, demand: &Demand) {
    let Some(expected) = &demand.expected else { return };
    let ours =
        expected.check.as_deref().filter(|check| lab_relying_party::checks().iter().any(|known| known.id == *check));
    view.agrees = Some(match expected.result {
        ExpectedResult::ImplementationDefined => None,
        result => Some(view.outcome == result.name() && ours.is_none_or(|check| view.decided_by == Some(check))),
    });
    view.expected = Some(ExpectedView { result: expected.result.name(), check: expected.check.clone() });
}
