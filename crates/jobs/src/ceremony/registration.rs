//! The registration step.

use jiff::{SignedDuration, Timestamp};
use lab_client::Flow;
use lab_entra::{AttestationFacts, AttestationKind, Candidate, Ceremony, CeremonyOutcome, Circumstances, Decision};
use lab_entra::{
    InAppAttestation, MetadataEntry, MetadataFacts, Passkey, RegistrationPath, Tenant, Trust, UserFacts, Verdict,
};
use lab_protocol::trace::Trace;
use lab_protocol::webauthn::RegistrationResponse;
use lab_protocol::webauthn::options::UserEntity;
use lab_relying_party::options::{Creation, entra};
use lab_relying_party::pending::Issue;
use lab_relying_party::registration::{self, Registration};
use lab_relying_party::{CredentialRecord, NothingKnown, Pending};

use super::outcome::{ClientRefusal, StepView};
use super::setting::{Setting, origins, policy};
use crate::case_view::CaseView;
use crate::error::JobError;
use crate::metadata::Consulted;
use crate::models::Catalogue;
use crate::trace_view;

/// How long a registration may take: as long as its challenge lives.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// What a registration leaves behind.
pub(crate) struct Registered {
    pub(crate) step: StepView,
    /// The passkey, where it was stored.
    pub(crate) record: Option<Stored>,
}

/// A passkey as Entra stores it.
pub(crate) struct Stored {
    pub(crate) record: CredentialRecord,
    pub(crate) passkey: Passkey,
}

/// A registration that took place: nothing in it depends on whose it is, so it is held against the
/// policy for as many users as there are.
pub(crate) struct Played {
    pub(crate) verified: Verified,
    /// What the relying party found.
    pub(crate) case: Option<CaseView>,
    /// Why there is no response.
    pub(crate) error: Option<ClientRefusal>,
}

/// What the policy is told of a registration.
pub(crate) struct Verified {
    outcome: CeremonyOutcome,
    registration: Option<Registration>,
    trust: Trust,
    metadata: Option<MetadataFacts>,
    in_app: Option<InAppAttestation>,
    circumstances: Circumstances,
}

pub(crate) fn run(setting: &mut Setting<'_>) -> Result<Registered, JobError> {
    let Played { verified, case, error } = play(setting)?;
    let tenant = setting.request.tenant;
    let facts = setting.persona.facts(tenant);
    let candidate = verified.candidate();
    let decision = verified.decide(tenant, &facts, candidate.as_ref());
    let keep = decision.verdict == Verdict::Allowed || setting.request.registered_earlier;
    let record = if keep { verified.stored(setting) } else { None };
    Ok(Registered { step: StepView::of(&decision, case, error), record })
}

/// Registers by real bytes, up to what the relying party finds.
pub(crate) fn play(setting: &mut Setting<'_>) -> Result<Played, JobError> {
    let pending = options(setting);
    let context = setting.context(setting.request.tenant)?;
    let lab_relying_party::pending::Options::Creation(options) = &pending.options else {
        return Err(JobError::Emulation("a registration has no creation options".to_owned()));
    };
    Ok(match setting.with_client(false, |client| client.create(options, &context)) {
        Ok(made) => {
            let mut played = judge(setting, &pending, &made.response);
            let notes = super::emulation::notes(&made.conveyed);
            played.case.iter_mut().for_each(|case| _ = case.trace.splice(0..0, notes.clone()));
            played
        }
        Err(error) => Played {
            verified: Verified::of(setting.ground(), CeremonyOutcome::NoResponse, None),
            case: None,
            error: Some(ClientRefusal::of(&error)),
        },
    })
}

/// Options of Entra's shape, with its challenge of about 5 kB.
fn options(setting: &mut Setting<'_>) -> Pending {
    let now = setting.register_at;
    let kind = lab_relying_party::challenge::Kind::EntraRegistration;
    let challenge = setting.challenges.issue(kind, now, &mut setting.rng);
    let rp_id = &setting.request.tenant.lab().rp_id;
    let creation = Creation {
        rp_id,
        rp_name: entra::RP_NAME,
        user: UserEntity {
            id: setting.persona.handle.clone().into(),
            name: setting.persona.label.clone(),
            display_name: setting.persona.display_name.clone(),
        },
        challenge: &challenge,
        exclude_credentials: Vec::new(),
    };
    let options = entra::creation(creation, entra::Path::Web);
    Pending::registration(options, Issue { challenge: &challenge, rp_id, now, lifetime: LIFETIME })
}

fn judge(setting: &Setting<'_>, pending: &Pending, response: &RegistrationResponse) -> Played {
    let expected = pending.expected(origins(setting.request.tenant), setting.register_at);
    let request = registration::Request {
        response,
        expected: &expected,
        known: &NothingKnown,
        trust: setting.trust(),
        policy: &policy(setting.request.tenant),
    };
    judged(&request, setting.ground())
}

/// What a registration stands on beside its response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'g> {
    pub(crate) catalogue: &'g Catalogue,
    /// The metadata that is asked; without it, the models' own files say what metadata says of them.
    pub(crate) metadata: Option<&'g Consulted>,
    pub(crate) in_app: Option<InAppAttestation>,
    pub(crate) circumstances: Circumstances,
    pub(crate) at: Timestamp,
}

/// Verifies a response, and asks metadata about it where there is some.
pub(crate) fn judged(request: &registration::Request<'_>, ground: Ground<'_>) -> Played {
    let outcome = registration::verify(request);
    let mut case = CaseView::of_registration(&outcome, ground.catalogue);
    let found = match (&outcome.registration, outcome.decided_by()) {
        (Some(_), _) => CeremonyOutcome::Valid,
        (None, Some(check)) if outcome.verdict == lab_relying_party::Verdict::Unsupported => {
            CeremonyOutcome::Undecided(check)
        }
        (None, Some(check)) => CeremonyOutcome::Invalid(check),
        (None, None) => CeremonyOutcome::NoResponse,
    };
    let mut verified = Verified::of(ground, found, outcome.registration);
    verified.consult(ground, &mut case);
    Played { verified, case: Some(case), error: None }
}

impl Verified {
    fn of(ground: Ground<'_>, outcome: CeremonyOutcome, registration: Option<Registration>) -> Self {
        Self {
            outcome,
            trust: registration.as_ref().map_or(Trust::NotChecked, |registration| trust(registration.trust())),
            metadata: registration.as_ref().and_then(|registration| metadata(ground.catalogue, registration)),
            in_app: ground.in_app,
            circumstances: ground.circumstances,
            registration,
        }
    }

    /// Asks metadata, where there is some, and adds its checks to those of the relying party.
    fn consult(&mut self, ground: Ground<'_>, case: &mut CaseView) {
        let (Some(metadata), Some(registration)) = (ground.metadata, &self.registration) else { return };
        let mut trace = Trace::new();
        let judgement = metadata.judge(registration, ground.at, &mut trace);
        let opinion = metadata.opinion(&judgement, self.trust, ground.at);
        (self.metadata, self.trust) = (Some(opinion.facts), opinion.trust);
        case.trace.extend(trace_view::entries(&trace));
    }

    /// What verifying made; `None` where the response is not valid.
    pub(crate) const fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// What the relying party verified, as facts for the policy.
    pub(crate) fn candidate(&self) -> Option<Candidate<'_>> {
        let registration = self.registration.as_ref()?;
        let attestation = AttestationFacts {
            format: registration.format(),
            kind: kind(registration.attestation_kind()),
            trust: self.trust,
            metadata: self.metadata,
            in_app: self.in_app,
        };
        Some(Candidate { passkey: passkey(registration), attestation, algorithm: registration.public_key().alg.0 })
    }

    /// The policy's answer for somebody.
    pub(crate) fn decide<'d>(
        &'d self,
        tenant: &'d Tenant,
        facts: &'d UserFacts,
        candidate: Option<&'d Candidate<'d>>,
    ) -> Decision<'d> {
        let ceremony = Ceremony { outcome: self.outcome, says: candidate };
        lab_entra::register(tenant, facts, &self.circumstances, ceremony)
    }

    /// The passkey as Entra would store it, whatever the policy says.
    pub(crate) fn stored(&self, setting: &Setting<'_>) -> Option<Stored> {
        let registration = self.registration.as_ref()?;
        let record = CredentialRecord { user_handle: Some(setting.persona.handle.clone()), ..registration.record() };
        Some(Stored { record, passkey: passkey(registration) })
    }
}

pub(crate) fn circumstances(setting: &Setting<'_>) -> Circumstances {
    let path =
        if setting.request.flow == Flow::InApp { RegistrationPath::InApp } else { RegistrationPath::SecurityInfo };
    Circumstances { path, mfa: setting.request.mfa, ..Circumstances::default() }
}

/// What is stored of a passkey beside its record.
pub(crate) fn passkey(registration: &Registration) -> Passkey {
    let flags = registration.flags();
    Passkey {
        aaguid: registration.aaguid(),
        backup_eligible: flags.has(lab_protocol::webauthn::Flags::BE),
        backup_state: flags.has(lab_protocol::webauthn::Flags::BS),
    }
}

fn kind(kind: lab_attestation::verify::Kind) -> AttestationKind {
    use lab_attestation::verify::Kind;
    match kind {
        Kind::None => AttestationKind::None,
        Kind::SelfAttestation => AttestationKind::SelfAttested,
        Kind::Basic => AttestationKind::Basic,
        Kind::AttCa => AttestationKind::AttCa,
        Kind::AnonCa => AttestationKind::AnonCa,
    }
}

fn trust(trust: &lab_attestation::trust::Trust) -> Trust {
    use lab_attestation::trust::Trust as Found;
    match trust {
        Found::Trusted { stand_in: true, .. } => Trust::TrustedStandIn,
        Found::Trusted { stand_in: false, .. } => Trust::Trusted,
        Found::Untrusted { .. } => Trust::Untrusted,
        Found::NoPath => Trust::NoPath,
        Found::NotChecked => Trust::NotChecked,
    }
}

/// What metadata says of the model that the passkey names, by the model's own file.
fn metadata(catalogue: &Catalogue, registration: &Registration) -> Option<MetadataFacts> {
    let metadata = catalogue.of_aaguid(registration.aaguid())?.metadata.as_ref()?;
    Some(MetadataFacts {
        entry: MetadataEntry::Listed,
        adverse: None,
        certified: metadata.certified.value,
        fido2: metadata.protocol_family.value == "fido2",
        has_uv: metadata.user_verification.value,
        has_rk: metadata.resident_keys.value,
        has_hmac_secret: metadata.hmac_secret.value,
    })
}
