//! The registration step.

use jiff::SignedDuration;
use lab_client::{ClientError, Flow};
use lab_entra::{AttestationFacts, AttestationKind, Candidate, Ceremony, CeremonyOutcome, Circumstances};
use lab_entra::{MetadataFacts, Passkey, RegistrationPath, Trust, Verdict};
use lab_protocol::webauthn::RegistrationResponse;
use lab_protocol::webauthn::options::UserEntity;
use lab_relying_party::options::{Creation, entra};
use lab_relying_party::pending::Issue;
use lab_relying_party::registration::{self, Registration};
use lab_relying_party::{CredentialRecord, NothingKnown, Pending};

use super::outcome::{ClientRefusal, StepView};
use super::setting::{Setting, origins};
use crate::case_view::CaseView;
use crate::error::JobError;
use crate::models::Catalogue;

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

pub(crate) fn run(setting: &mut Setting<'_>) -> Result<Registered, JobError> {
    let pending = options(setting);
    let context = setting.context(setting.request.tenant)?;
    let lab_relying_party::pending::Options::Creation(options) = &pending.options else {
        return Err(JobError::Emulation("a registration has no creation options".to_owned()));
    };
    match setting.with_client(false, |client| client.create(options, &context)) {
        Ok(made) => Ok(judge(setting, &pending, &made.response)),
        Err(error) => Ok(refused(setting, &error)),
    }
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

fn judge(setting: &Setting<'_>, pending: &Pending, response: &RegistrationResponse) -> Registered {
    let expected = pending.expected(origins(setting.request.tenant), setting.register_at);
    let request = registration::Request {
        response,
        expected: &expected,
        known: &NothingKnown,
        trust: setting.trust(),
        policy: &setting.policy(setting.request.tenant),
    };
    let outcome = registration::verify(&request);
    let view = CaseView::of_registration(&outcome, setting.catalogue);
    let candidate = outcome.registration.as_ref().map(|registration| candidate(setting, registration));
    let ceremony = match (&candidate, outcome.decided_by()) {
        (Some(candidate), _) => Ceremony::valid(candidate),
        (None, Some(check)) if outcome.verdict == lab_relying_party::Verdict::Unsupported => {
            Ceremony { outcome: CeremonyOutcome::Undecided(check), says: None }
        }
        (None, Some(check)) => Ceremony::invalid(check, None),
        (None, None) => Ceremony::no_response(),
    };
    let circumstances = circumstances(setting);
    let facts = setting.persona.facts(setting.request.tenant);
    let decision = lab_entra::register(setting.request.tenant, &facts, &circumstances, ceremony);
    let stored = outcome.registration.as_ref().filter(|_| decision.verdict == Verdict::Allowed || setting.request.registered_earlier);
    let record = stored.map(|registration| store(setting, registration));
    Registered { step: StepView::of(&decision, Some(view), None), record }
}

fn refused(setting: &Setting<'_>, error: &ClientError) -> Registered {
    let circumstances = circumstances(setting);
    let facts = setting.persona.facts(setting.request.tenant);
    let decision = lab_entra::register(setting.request.tenant, &facts, &circumstances, Ceremony::no_response());
    Registered { step: StepView::of(&decision, None, Some(ClientRefusal::of(error))), record: None }
}

fn circumstances(setting: &Setting<'_>) -> Circumstances {
    let path =
        if setting.request.flow == Flow::InApp { RegistrationPath::InApp } else { RegistrationPath::SecurityInfo };
    Circumstances { path, mfa: setting.request.mfa, ..Circumstances::default() }
}

fn store(setting: &Setting<'_>, registration: &Registration) -> Stored {
    let record = CredentialRecord { user_handle: Some(setting.persona.handle.clone()), ..registration.record() };
    Stored { record, passkey: passkey(registration) }
}

fn passkey(registration: &Registration) -> Passkey {
    let flags = registration.flags();
    Passkey {
        aaguid: registration.aaguid(),
        backup_eligible: flags.has(lab_protocol::webauthn::Flags::BE),
        backup_state: flags.has(lab_protocol::webauthn::Flags::BS),
    }
}

/// What the relying party verified, as facts for the policy.
fn candidate<'c>(setting: &Setting<'_>, registration: &'c Registration) -> Candidate<'c> {
    Candidate {
        passkey: passkey(registration),
        attestation: AttestationFacts {
            format: registration.format(),
            kind: kind(registration.attestation_kind()),
            trust: trust(registration.trust()),
            metadata: metadata(setting.catalogue, registration),
            in_app: setting.request.in_app(),
        },
        algorithm: registration.public_key().alg.0,
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

/// What metadata says of the model that the passkey names. Until the lab reads metadata, the models'
/// own files say what it says of them.
fn metadata(catalogue: &Catalogue, registration: &Registration) -> Option<MetadataFacts> {
    let metadata = catalogue.of_aaguid(registration.aaguid())?.metadata.as_ref()?;
    Some(MetadataFacts {
        certified: metadata.certified.value,
        fido2: metadata.protocol_family.value == "fido2",
        has_uv: metadata.user_verification.value,
        has_rk: metadata.resident_keys.value,
        has_hmac_secret: metadata.hmac_secret.value,
    })
}
