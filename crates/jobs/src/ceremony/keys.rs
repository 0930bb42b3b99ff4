//! The authenticators of a ceremony: the one that registers, and the one that signs in.

use std::sync::Arc;

use jiff::Timestamp;
use lab_attestation::emit::Vendors;
use lab_authenticator::{Authenticator, InProcess, Model, Named as _, Person, Platform, SyncFabric};
use lab_client::transcript::{DeviceFacts, Misses, Replay, Tape};
use lab_client::{Facts, Flow, Kind};
use lab_hid::{HidDevice, Loopback, Obliging};
use lab_peers::passkey_rs::{self, PasskeyRs};
use lab_protocol::{Aaguid, Device, Engine as _, Env};

use super::Over;
use super::lying::Lies;
use super::setting::LAB_PIN;
use crate::error::JobError;
use crate::models::Choice;
use crate::transcript::{NOT_RECORDED, Played};
use crate::world::{Part, World};

/// The nonce of CTAPHID_INIT on a wire that nobody else uses.
const ONLY_CLIENT: [u8; 8] = *b"ceremony";

/// The two ends of a passkey's life.
pub(crate) struct Keys {
    /// The authenticator that registers; a device-bound passkey signs in there too.
    pub(crate) first: Box<dyn Device>,
    /// A second device of the same account, which a synced passkey signs in on.
    pub(crate) second: Option<Box<dyn Device>>,
    /// What a transcript was asked in vain.
    misses: Vec<Misses>,
}

impl Keys {
    /// The authenticator that signs in.
    pub(crate) fn at_sign_in(&mut self) -> &mut dyn Device {
        match &mut self.second {
            Some(second) => &mut **second,
            None => &mut *self.first,
        }
    }

    pub(crate) fn of(
        choice: &Choice,
        over: Over,
        lies: &Lies,
        vendors: &Arc<Vendors>,
        (world, tape): (&World, Option<&Tape>),
    ) -> Result<Self, JobError> {
        match choice {
            Choice::Emulated(model) => Self::emulated(model, over, lies, vendors, (world, tape)),
            Choice::PasskeyRs if over == Over::Hid => Err(JobError::Usage {
                what: format!("{} has no CTAPHID: expected --over direct", passkey_rs::ID),
                hint: Some("use --over hid with an emulated model".to_owned()),
            }),
            Choice::PasskeyRs if !lies.is_empty() => Err(JobError::Usage {
                what: format!("{} tells no lies: it is somebody else's code", passkey_rs::ID),
                hint: Some("use --lie with an emulated model".to_owned()),
            }),
            Choice::PasskeyRs => Ok(Self::peer(world, tape)),
        }
    }

    fn emulated(
        model: &Arc<Model>,
        over: Over,
        lies: &Lies,
        vendors: &Arc<Vendors>,
        (world, tape): (&World, Option<&Tape>),
    ) -> Result<Self, JobError> {
        let (first, second) = engines(model, lies, vendors, world)?;
        let connect = |key: Authenticator| {
            let facts = DeviceFacts { name: model.name.clone(), hid: Some(key.hid_facts()) };
            Ok::<_, JobError>(recorded(device(key, over, world.at)?, tape, facts))
        };
        Ok(Self { first: connect(first)?, second: second.map(connect).transpose()?, misses: Vec::new() })
    }

    /// The authenticators of a transcript: the first made the passkey, a second one of the same account signs in.
    pub(crate) fn replayed(played: &Played, world: &World) -> Self {
        let mut rng = world.stream(Part::Authenticator);
        let mut misses = Vec::new();
        let mut replay = |place| {
            let replay = Replay::new(&played.transcript, Some(place), &mut rng);
            misses.push(replay.misses());
            Box::new(replay) as Box<dyn Device>
        };
        let first = replay(0);
        let second = (played.transcript.header.devices.len() > 1).then(|| replay(1));
        Self { first, second, misses }
    }

    /// That a transcript had no answer is no verdict.
    ///
    /// # Errors
    /// It was asked something that was not recorded.
    pub(crate) fn all_answered(&self) -> Result<(), JobError> {
        let missed = self.misses.iter().find_map(Misses::first);
        missed.map_or(Ok(()), |what| Err(JobError::Usage { what, hint: Some(NOT_RECORDED.to_owned()) }))
    }

    fn peer(world: &World, tape: Option<&Tape>) -> Self {
        let random = |part| -> Box<dyn lab_protocol::Random + Send> { Box::new(world.stream(part)) };
        let first = PasskeyRs::seeded(Aaguid::ZERO, random(Part::Authenticator));
        let second = first.second_device(Some(random(Part::SecondDevice)));
        let facts = || DeviceFacts { name: passkey_rs::FACTS.name.to_owned(), hid: None };
        let connect = |device: PasskeyRs| recorded(Box::new(device), tape, facts());
        Self { first: connect(first), second: Some(connect(second)), misses: Vec::new() }
    }
}

/// The engines of a model: the one that registers, and for synced passkeys a second device of the same account.
///
/// # Errors
/// The model cannot be set up.
pub(crate) fn engines(
    model: &Arc<Model>,
    lies: &Lies,
    vendors: &Arc<Vendors>,
    world: &World,
) -> Result<(Authenticator, Option<Authenticator>), JobError> {
    let model = lies.model(model);
    let build = |part| {
        let env = Env { rng: Box::new(world.stream(part)), tamper: lies.tamper() };
        let new = Authenticator::new(Arc::clone(&model), Arc::clone(vendors), world.backend(), env);
        // A user whom Entra lets register has a PIN, and a finger enrolled.
        new.set_up(LAB_PIN).map_err(|refused| JobError::Emulation(refused.to_string()))
    };
    let mut first = build(Part::Authenticator)?;
    if !model.is_synced() {
        return Ok((first, None));
    }
    let account = SyncFabric::new();
    let mut second = build(Part::SecondDevice)?;
    for device in [&mut first, &mut second] {
        device.join(&account).map_err(|error| JobError::Emulation(error.to_string()))?;
    }
    Ok((first, Some(second)))
}

fn recorded(device: Box<dyn Device>, tape: Option<&Tape>, facts: DeviceFacts) -> Box<dyn Device> {
    match tape {
        Some(tape) => Box::new(tape.record(device, facts)),
        None => device,
    }
}

/// Nothing that the engine does in a ceremony depends on how long the person takes.
fn device(authenticator: Authenticator, over: Over, at: Timestamp) -> Result<Box<dyn Device>, JobError> {
    Ok(match over {
        Over::Direct => Box::new(InProcess::at(authenticator, at, Person::Auto)),
        Over::Hid => {
            let link = Loopback::new(authenticator, at, Obliging);
            Box::new(HidDevice::open(link, ONLY_CLIENT).map_err(|error| JobError::Emulation(error.to_string()))?)
        }
    })
}

/// The facts that a client routes by, owned.
#[derive(Debug, Clone)]
pub(crate) struct RouteFacts {
    name: String,
    kind: Kind,
    flows: Vec<Flow>,
    transports: Vec<String>,
}

impl RouteFacts {
    pub(crate) fn of(choice: &Choice) -> Self {
        match choice {
            Choice::Emulated(model) => Self {
                name: model.name.clone(),
                kind: kind(model),
                flows: Flow::ALL
                    .into_iter()
                    .filter(|flow| model.identity.flows.iter().any(|own| own.name() == flow.name()))
                    .collect(),
                transports: model.transports().map(str::to_owned).collect(),
            },
            Choice::PasskeyRs => Self {
                name: passkey_rs::FACTS.name.to_owned(),
                kind: Kind::Provider,
                flows: vec![Flow::SameDevice, Flow::CrossDevice],
                transports: passkey_rs::FACTS.transports.iter().map(ToString::to_string).collect(),
            },
        }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts { name: &self.name, kind: self.kind, flows: &self.flows, transports: &self.transports }
    }
}

fn kind(model: &Model) -> Kind {
    match model.identity.kind.value {
        lab_authenticator::Kind::Platform => Kind::Platform,
        lab_authenticator::Kind::Roaming => Kind::Roaming,
        lab_authenticator::Kind::Provider => Kind::Provider,
    }
}

/// The platform that suits a model where none is named: Apple's own and Windows' own for what lives
/// only there, Chromium for everything else.
pub(crate) fn usual_platform(choice: &Choice) -> &'static str {
    let Choice::Emulated(model) = choice else { return "chromium" };
    let only = |allowed: &[Platform]| model.identity.platforms.iter().all(|platform| allowed.contains(platform));
    if only(&[Platform::Windows]) {
        "windows"
    } else if only(&[Platform::Ios, Platform::Macos]) {
        "safari"
    } else {
        "chromium"
    }
}
