//! `ceremony`, run, recorded or played back.

use std::io;
use std::path::Path;

use lab_entra::Tenant;
use lab_jobs::ceremony::{self, Authenticators, Expectation, Flow};
use lab_jobs::metadata::{Consulted, When};
use lab_jobs::models::Catalogue;
use lab_jobs::transcript::{Played, Run};
use lab_jobs::world::World;
use lab_jobs::{explain, input};

use super::{catalogue, metadata, recording};
use crate::arguments::{Ceremony, Global};
use crate::failure::Failure;
use crate::{output, world};

/// Runs the command and gives the exit status.
pub(super) fn run(arguments: &Ceremony, global: &Global) -> Result<u8, Failure> {
    let tenants = Tenants::read(arguments)?;
    let world = world::world(global, tenants.registering.lab().clock)?;
    let stage = Stage::new(arguments, tenants, world, global)?;
    match &arguments.record {
        Some(file) => record(&stage, file),
        None => stage.perform(Authenticators::Emulated),
    }
}

/// Does a recorded run again, with the authenticators of its transcript.
pub(super) fn replay(arguments: &Ceremony, global: &Global, world: World, played: &Played) -> Result<u8, Failure> {
    let stage = Stage::new(arguments, Tenants::read(arguments)?, world, global)?;
    stage.perform(Authenticators::Replayed(played))
}

fn record(stage: &Stage<'_>, file: &Path) -> Result<u8, Failure> {
    let lab = stage.arguments.metadata.as_deref().is_some_and(|name| name == "lab" || name.starts_with("lab:"));
    if lab && stage.world.seed.is_none() {
        let message = "--record and the lab's own metadata go together only with --seed: its keys are this run's";
        return Err(Failure::usage(message, "add --seed N, or name the file of a BLOB"));
    }
    let at = stage.world.at;
    let tape = recording::tape(Box::new(move || at));
    let choice = stage.catalogue.choose(&stage.arguments.model)?;
    tape.run(Run::new(recording::arguments(), &stage.world, Some(&choice)).to_value());
    let status = stage.perform(Authenticators::Recorded(&tape));
    recording::keep(&tape, file, stage.global)?;
    status
}

/// The tenants of a ceremony.
struct Tenants {
    registering: Tenant,
    signing_in: Option<Tenant>,
}

impl Tenants {
    fn read(arguments: &Ceremony) -> Result<Self, Failure> {
        together(arguments)?;
        let read = |name: &str| input::tenants::read(name, &mut io::stdin());
        let registering = read(&arguments.tenant)?;
        Ok(Self { registering, signing_in: arguments.tenant_at_sign_in.as_deref().map(read).transpose()? })
    }
}

/// Everything that a ceremony is run with.
struct Stage<'s> {
    arguments: &'s Ceremony,
    global: &'s Global,
    tenants: Tenants,
    catalogue: Catalogue,
    world: World,
    metadata: Option<Consulted>,
}

impl<'s> Stage<'s> {
    fn new(arguments: &'s Ceremony, tenants: Tenants, world: World, global: &'s Global) -> Result<Self, Failure> {
        let catalogue = catalogue(global)?;
        let metadata = metadata::consulted(arguments.metadata.as_deref(), None, When::Now, &catalogue, &world)?;
        Ok(Self { arguments, global, tenants, catalogue, world, metadata })
    }

    fn perform(&self, authenticators: Authenticators<'_>) -> Result<u8, Failure> {
        let arguments = self.arguments;
        let request = ceremony::Request {
            metadata: self.metadata.as_ref(),
            tenant_at_sign_in: self.tenants.signing_in.as_ref(),
            who: who(arguments),
            flow: arguments.flow,
            platform: arguments.platform.clone(),
            lies: ceremony::lies(&arguments.lies, &self.catalogue)?,
            in_app_attestation: arguments.in_app_attestation,
            over: arguments.over,
            authenticators,
            register_at: arguments.register_at,
            sign_in_at: arguments.sign_in_at,
            ..ceremony::Request::new(&self.tenants.registering, self.catalogue.choose(&arguments.model)?)
        };
        let outcome = ceremony::run(&request, &self.catalogue, &self.world)?;
        output::deliver(&outcome.report(self.global.verbose > 0), self.global)?;
        Ok(outcome.exit_status(&arguments.expect))
    }
}

/// Refuses what clap cannot see: options that go together only in their values.
fn together(arguments: &Ceremony) -> Result<(), Failure> {
    if arguments.tenant == "-" && arguments.tenant_at_sign_in.as_deref() == Some("-") {
        let message = "--tenant and --tenant-at-sign-in cannot both read standard input";
        return Err(Failure::usage(message, "write one of them to a file"));
    }
    if arguments.in_app_attestation.is_some() && arguments.flow != Flow::InApp {
        let message = "--in-app-attestation is about registrations inside the app: expected --flow in-app beside it";
        return Err(Failure::usage(message, "Microsoft's service sees no other registration"));
    }
    if let Expectation::RefusedBy(id) = &arguments.expect {
        explain::decides(id)?;
    }
    Ok(())
}

fn who(arguments: &Ceremony) -> ceremony::Who {
    match (&arguments.user, &arguments.groups) {
        (Some(user), _) => ceremony::Who::User(user.clone()),
        (None, Some(groups)) => ceremony::Who::Groups(groups.clone()),
        (None, None) => ceremony::Who::Anybody,
    }
}
