//! One registration and one sign-in by real bytes: emulator, client, relying party, policy.

pub(crate) mod emulation;
mod expectation;
pub(crate) mod keys;
pub(crate) mod lying;
mod outcome;
pub(crate) mod persona;
pub(crate) mod registration;
pub(crate) mod setting;
pub(crate) mod sign_in;

use jiff::{SignedDuration, Timestamp};
use lab_client::transcript::Tape;
use lab_entra::{InAppAttestation, Mfa, Tenant};
use lab_lies::Lie;

use crate::error::JobError;
use crate::metadata::Consulted;
use crate::models::{Catalogue, Choice};
use crate::transcript::Played;
use crate::world::World;

pub use expectation::{Expectation, InApp};
pub use lab_client::Flow;
pub use outcome::{ClientRefusal, Outcome, ProfileView, StepView};
pub use persona::Who;

/// How long after the registration a sign-in takes place, unless somebody says otherwise.
const SIGN_IN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// What a ceremony is run with.
#[derive(Debug, Clone)]
pub struct Request<'r> {
    /// The tenant.
    pub tenant: &'r Tenant,
    /// The tenant as it is when the passkey signs in; else the same.
    pub tenant_at_sign_in: Option<&'r Tenant>,
    /// Whose passkey it is.
    pub who: Who,
    /// The model.
    pub model: Choice,
    /// Where it is made.
    pub flow: Flow,
    /// The platform's id; else the one that suits the model.
    pub platform: Option<String>,
    /// What authenticator and client lie about.
    pub lies: Vec<Lie>,
    /// From which ceremony on they lie.
    pub lies_from: LiesFrom,
    /// What Microsoft's service says about an in-app registration; else as the tenant's `lab.json` says.
    pub in_app_attestation: Option<InApp>,
    /// How the client reaches the authenticator.
    pub over: Over,
    /// Whether the authenticator is emulated, recorded beside that, or played back.
    pub authenticators: Authenticators<'r>,
    /// How long before the registration the user did multifactor authentication.
    pub mfa: Mfa,
    /// Whether the sign-in is judged even where the policy refuses the registration, as that of a passkey
    /// which was registered earlier.
    pub registered_earlier: bool,
    /// The metadata that is asked; without it, the models' own files say what metadata says of them.
    pub metadata: Option<&'r Consulted>,
    /// When it is registered; else the world's time.
    pub register_at: Option<Timestamp>,
    /// When it signs in; else a minute later.
    pub sign_in_at: Option<Timestamp>,
}

/// How a client reaches the authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Over {
    /// CTAP2 messages are handed over as they are.
    #[default]
    Direct,
    /// They go through CTAPHID, packet by packet.
    Hid,
}

/// Where the authenticators of a ceremony come from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Authenticators<'r> {
    /// They are emulated.
    #[default]
    Emulated,
    /// They are emulated, and each exchange is recorded.
    Recorded(&'r Tape),
    /// They are those of a transcript.
    Replayed(&'r Played),
}

/// From when on something lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LiesFrom {
    /// From the registration on.
    #[default]
    Registration,
    /// The passkey was registered honestly.
    SignIn,
}

impl<'r> Request<'r> {
    /// A ceremony of anybody on this model, with nothing special about it.
    #[must_use]
    pub fn new(tenant: &'r Tenant, model: Choice) -> Self {
        Self {
            tenant,
            tenant_at_sign_in: None,
            who: Who::Anybody,
            model,
            flow: Flow::SameDevice,
            platform: None,
            lies: Vec::new(),
            lies_from: LiesFrom::Registration,
            in_app_attestation: None,
            over: Over::Direct,
            authenticators: Authenticators::Emulated,
            mfa: Mfa::Age(SignedDuration::ZERO),
            registered_earlier: false,
            metadata: None,
            register_at: None,
            sign_in_at: None,
        }
    }

    fn times(&self, world: &World) -> (Timestamp, Timestamp) {
        let register = self.register_at.unwrap_or(world.at);
        let later = register.saturating_add(SIGN_IN_AFTER).unwrap_or(register);
        (register, self.sign_in_at.unwrap_or(later))
    }

    /// What Microsoft's service says: only an in-app registration is seen by it.
    fn in_app(&self) -> Option<InAppAttestation> {
        let said = self.in_app_attestation.map_or(self.tenant.lab().in_app_attestation, InApp::into);
        (self.flow == Flow::InApp).then_some(said)
    }
}

/// Reads the names of lies.
///
/// # Errors
/// [`JobError::Lie`].
pub fn lies(names: &[String], catalogue: &Catalogue) -> Result<Vec<Lie>, JobError> {
    names.iter().map(|name| Ok(lab_lies::parse_among(name, catalogue.models())?)).collect()
}

/// Runs the registration and, where it is allowed, the sign-in.
///
/// # Errors
/// A user, platform or flow that does not exist; options that cannot go together.
pub fn run(request: &Request<'_>, catalogue: &Catalogue, world: &World) -> Result<Outcome, JobError> {
    let mut setting = setting::Setting::new(request, catalogue, world)?;
    let registered = registration::run(&mut setting)?;
    let sign_in = match &registered.record {
        Some(record) => Some(sign_in::run(&mut setting, record)?),
        None => None,
    };
    setting.keys.all_answered()?;
    Ok(Outcome {
        model: request.model.id().to_owned(),
        user: setting.persona.label.clone(),
        groups: setting.persona.groups.clone(),
        flow: request.flow,
        platform: setting.platform.id.clone(),
        registration: registered.step,
        sign_in,
        notes: setting.notes,
    })
}

/// A registration and a sign-in up to what the relying party found. The policy's answers depend on the
/// user and the rest does not, so one performance serves every scope of the tenant.
pub(crate) struct Performance {
    /// The platform's id.
    pub(crate) platform: String,
    /// The registration.
    pub(crate) registration: registration::Played,
    /// The sign-in; `None` where there is no valid registration.
    pub(crate) sign_in: Option<sign_in::Played>,
}

/// Runs registration and sign-in whatever the policy says.
///
/// # Errors
/// As [`run`].
pub(crate) fn play(request: &Request<'_>, catalogue: &Catalogue, world: &World) -> Result<Performance, JobError> {
    let mut setting = setting::Setting::new(request, catalogue, world)?;
    let registration = registration::play(&mut setting)?;
    let sign_in = match registration.verified.stored(&setting) {
        Some(stored) => Some(sign_in::play(&mut setting, &stored)?),
        None => None,
    };
    Ok(Performance { platform: setting.platform.id.clone(), registration, sign_in })
}

/// The flows that a model can do, its own app first.
pub(crate) fn flows(choice: &Choice) -> Vec<Flow> {
    let facts = keys::RouteFacts::of(choice);
    Flow::ALL.into_iter().filter(|flow| flow.route(&facts.facts()).is_ok()).collect()
}
