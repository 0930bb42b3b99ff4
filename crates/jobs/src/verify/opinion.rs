//! The second opinion of webauthn-rs-core on a case.

use jiff::Timestamp;
use lab_attestation::trust::Anchor;
use lab_peers::webauthn_rs::{self, Authentication, Case as Asked, Ceremony, Registration, StoredCredential};
use lab_protocol::cose::Algorithm;

use crate::case_view::OpinionView;
use crate::input::cases::{Case, Demand, Response};

/// The algorithms that are offered where a case does not say.
const ALL: [Algorithm; 6] =
    [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EDDSA, Algorithm::RS256, Algorithm::PS256];

/// Asks about a case; `None` for an authentication without a key.
pub(super) fn ask(
    case: &Case,
    algorithms: Option<&[Algorithm]>,
    anchors: &Option<Vec<Anchor>>,
    at: Timestamp,
) -> Option<OpinionView> {
    let demand = &case.demand;
    let ceremony = Ceremony {
        rp_id: &demand.rp_id,
        origin: &demand.origin,
        challenge: &demand.challenge,
        require_user_verification: demand.require_user_verification == Some(true),
        framed: demand.allow_cross_origin.unwrap_or(demand.cross_origin == Some(true)),
    };
    let anchors: Vec<Vec<u8>> = anchors.iter().flatten().map(|anchor| anchor.der().to_vec()).collect();
    let asked = match &case.response {
        Response::Registration(response) => Asked::Registration(Registration {
            ceremony,
            response,
            algorithms: algorithms.unwrap_or(&ALL),
            anchors: &anchors,
            at,
        }),
        Response::Authentication(response) => Asked::Authentication(Authentication {
            ceremony,
            response,
            credential: credential(demand, &response.raw_id.0)?,
        }),
    };
    let opinion = webauthn_rs::second_opinion(&asked);
    Some(OpinionView {
        library: "webauthn-rs-core 0.6.2",
        verdict: opinion.verdict.as_str(),
        why: opinion.why,
        limits: opinion.limits.iter().map(|limit| limit.id.to_owned()).collect(),
    })
}

fn credential<'d>(demand: &'d Demand, answering: &'d [u8]) -> Option<StoredCredential<'d>> {
    match (&demand.stored, &demand.credential_public_key_cose) {
        (Some(stored), _) => Some(StoredCredential {
            id: &stored.credential_id.0,
            public_key: &stored.credential_public_key_cose.0,
            sign_count: stored.sign_count,
            backup_eligible: stored.backup_eligible.or(stored.backup_eligibility),
            backup_state: Some(stored.backup_state),
        }),
        (None, Some(key)) => Some(StoredCredential {
            id: answering,
            public_key: &key.0,
            sign_count: 0,
            backup_eligible: None,
            backup_state: None,
        }),
        (None, None) => None,
    }
}
