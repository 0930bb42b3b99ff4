//! The sign-in step.

use jiff::SignedDuration;
use lab_entra::{Ceremony, CeremonyOutcome, Decision, Passkey, Tenant, UserFacts};
use lab_protocol::webauthn::AuthenticationResponse;
use lab_relying_party::authentication::Assertion;
use lab_relying_party::options::{Request as Options, entra};
use lab_relying_party::pending::Issue;
use lab_relying_party::{Pending, authentication};

use super::outcome::{ClientRefusal, StepView};
use super::registration::Stored;
use super::setting::{Setting, origins, policy};
use crate::case_view::CaseView;
use crate::error::JobError;
use crate::models::Catalogue;

/// How long a sign-in may take: as long as its challenge lives.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// A sign-in that took place: as with a registration, nothing in it depends on whose it is.
pub(crate) struct Played {
    outcome: CeremonyOutcome,
    passkey: Option<Passkey>,
    /// What the relying party found.
    pub(crate) case: Option<CaseView>,
    /// Why there is no response.
    pub(crate) error: Option<ClientRefusal>,
    /// What verifying made; `None` where the response is not valid.
    pub(crate) assertion: Option<Assertion>,
}

impl Played {
    /// The policy's answer for somebody.
    pub(crate) fn decide<'d>(&'d self, tenant: &'d Tenant, facts: &'d UserFacts) -> Decision<'d> {
        lab_entra::sign_in(tenant, facts, Ceremony { outcome: self.outcome, says: self.passkey.as_ref() })
    }
}

pub(crate) fn run(setting: &mut Setting<'_>, stored: &Stored) -> Result<StepView, JobError> {
    let mut played = play(setting, stored)?;
    let (case, error) = (played.case.take(), played.error.take());
    let tenant = setting.request.tenant_at_sign_in.unwrap_or(setting.request.tenant);
    let facts = setting.persona.facts(tenant);
    Ok(StepView::of(&played.decide(tenant, &facts), case, error))
}

/// Signs in by real bytes without a user name, as Entra's page offers it first, up to what the relying
/// party finds.
pub(crate) fn play(setting: &mut Setting<'_>, stored: &Stored) -> Result<Played, JobError> {
    let tenant = setting.request.tenant_at_sign_in.unwrap_or(setting.request.tenant);
    let pending = options(setting, tenant);
    let context = setting.context(tenant)?;
    let lab_relying_party::pending::Options::Request(options) = &pending.options else {
        return Err(JobError::Emulation("a sign-in has no request options".to_owned()));
    };
    Ok(match setting.with_client(true, |client| client.get(options, &context)) {
        Ok(made) => judge(setting, tenant, &pending, (stored, &made.response)),
        Err(error) => Played {
            outcome: CeremonyOutcome::NoResponse,
            passkey: Some(stored.passkey),
            case: None,
            error: Some(ClientRefusal::of(&error)),
            assertion: None,
        },
    })
}

fn options(setting: &mut Setting<'_>, tenant: &Tenant) -> Pending {
    let now = setting.sign_in_at;
    let kind = lab_relying_party::challenge::Kind::EntraSignIn;
    let challenge = setting.challenges.issue(kind, now, &mut setting.rng);
    let rp_id = &tenant.lab().rp_id;
    let options = entra::request(Options { rp_id, challenge: &challenge, allow_credentials: Vec::new() });
    Pending::authentication(options, None, Issue { challenge: &challenge, rp_id, now, lifetime: LIFETIME })
}

fn judge(
    setting: &Setting<'_>,
    tenant: &Tenant,
    pending: &Pending,
    (stored, response): (&Stored, &AuthenticationResponse),
) -> Played {
    let expected = pending.expected(origins(tenant), setting.sign_in_at);
    let known = response.raw_id.0 == stored.record.id;
    let request = authentication::Request {
        response,
        expected: &expected,
        allow_credentials: &[],
        user_known: None,
        record: known.then_some(&stored.record),
        policy: &policy(tenant),
    };
    judged(&request, Some(stored.passkey), setting.catalogue)
}

/// Verifies a response; `passkey` is what was stored of it, where it is known.
pub(crate) fn judged(request: &authentication::Request<'_>, passkey: Option<Passkey>, catalogue: &Catalogue) -> Played {
    let outcome = authentication::verify(request);
    let case = CaseView::of_authentication(&outcome, catalogue, passkey.map(|passkey| passkey.aaguid));
    let found = match outcome.decided_by() {
        None => CeremonyOutcome::Valid,
        Some(check) if outcome.verdict == lab_relying_party::Verdict::Unsupported => CeremonyOutcome::Undecided(check),
        Some(check) => CeremonyOutcome::Invalid(check),
    };
    Played { outcome: found, passkey, case: Some(case), error: None, assertion: outcome.assertion }
}
