//! The sign-in step.

use jiff::SignedDuration;
use lab_entra::{Ceremony, CeremonyOutcome, Tenant};
use lab_protocol::webauthn::AuthenticationResponse;
use lab_relying_party::options::{Request as Options, entra};
use lab_relying_party::pending::Issue;
use lab_relying_party::{Pending, authentication};

use super::outcome::{ClientRefusal, StepView};
use super::registration::Stored;
use super::setting::{Setting, origins};
use crate::case_view::CaseView;
use crate::error::JobError;

/// How long a sign-in may take: as long as its challenge lives.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// Signs in without a user name, as Entra's page offers it first.
pub(crate) fn run(setting: &mut Setting<'_>, stored: &Stored) -> Result<StepView, JobError> {
    let tenant = setting.request.tenant_at_sign_in.unwrap_or(setting.request.tenant);
    let pending = options(setting, tenant);
    let context = setting.context(tenant)?;
    let lab_relying_party::pending::Options::Request(options) = &pending.options else {
        return Err(JobError::Emulation("a sign-in has no request options".to_owned()));
    };
    match setting.with_client(true, |client| client.get(options, &context)) {
        Ok(made) => Ok(judge(setting, tenant, &pending, (stored, &made.response))),
        Err(error) => {
            let facts = setting.persona.facts(tenant);
            let ceremony = Ceremony { outcome: CeremonyOutcome::NoResponse, says: Some(&stored.passkey) };
            let decision = lab_entra::sign_in(tenant, &facts, ceremony);
            Ok(StepView::of(&decision, None, Some(ClientRefusal::of(&error))))
        }
    }
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
) -> StepView {
    let expected = pending.expected(origins(tenant), setting.sign_in_at);
    let known = response.raw_id.0 == stored.record.id;
    let policy = setting.policy(tenant);
    let request = authentication::Request {
        response,
        expected: &expected,
        allow_credentials: &[],
        user_known: None,
        record: known.then_some(&stored.record),
        policy: &policy,
    };
    let outcome = authentication::verify(&request);
    let view = CaseView::of_authentication(&outcome, setting.catalogue, Some(stored.passkey.aaguid));
    let says = Some(&stored.passkey);
    let ceremony = match outcome.decided_by() {
        None => Ceremony::valid(&stored.passkey),
        Some(check) if outcome.verdict == lab_relying_party::Verdict::Unsupported => {
            Ceremony { outcome: CeremonyOutcome::Undecided(check), says }
        }
        Some(check) => Ceremony::invalid(check, says),
    };
    let facts = setting.persona.facts(tenant);
    let decision = lab_entra::sign_in(tenant, &facts, ceremony);
    StepView::of(&decision, Some(view), None)
}
