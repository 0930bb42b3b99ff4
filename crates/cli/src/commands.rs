//! One function for each command: arguments to job to report to exit status.

use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use lab_jobs::models::Catalogue;
use lab_jobs::{JobError, ceremony, explain, input, models, tenant, verify};

use crate::arguments::{Ceremony, Cli, Command, Explain, Global, ModelsCommand, TenantCommand, Verify};
use crate::{USAGE, output, world};

/// Runs the command and gives the exit status.
pub fn run(cli: &Cli) -> u8 {
    match dispatch(cli) {
        Ok(status) => status,
        Err(failure) => {
            output::say(&format!("passkey-lab: error: {}", failure.message));
            if let Some(hint) = &failure.hint {
                output::say(&format!("passkey-lab: hint: {hint}"));
            }
            failure.status
        }
    }
}

/// Why a command gave no result.
struct Failure {
    message: String,
    hint: Option<String>,
    status: u8,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, hint: None, status: USAGE }
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self { message: error.to_string(), hint: error.hint(), status: error.exit_status() }
    }
}

impl From<input::InputError> for Failure {
    fn from(error: input::InputError) -> Self {
        JobError::from(error).into()
    }
}

fn dispatch(cli: &Cli) -> Result<u8, Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Ceremony(arguments) => run_ceremony(arguments, global),
        Command::Verify(arguments) => run_verify(arguments, global),
        Command::Tenant(TenantCommand::Check { tenant }) => {
            let tenant = input::tenants::read(tenant, &mut io::stdin())?;
            deliver(&tenant::check(&tenant), global, 0)
        }
        Command::Tenant(TenantCommand::Show { tenant }) => {
            let tenant = input::tenants::read(tenant, &mut io::stdin())?;
            deliver(&tenant::show(&tenant), global, 0)
        }
        Command::Models(ModelsCommand::List) => deliver(&models::list(&catalogue(global)?), global, 0),
        Command::Models(ModelsCommand::Show { id }) => deliver(&models::show(&catalogue(global)?, id)?, global, 0),
        Command::Explain(Explain { id: None }) => deliver(&explain::list(&catalogue(global)?), global, 0),
        Command::Explain(Explain { id: Some(id) }) => deliver(&explain::one(&catalogue(global)?, id)?, global, 0),
        Command::Completions { shell } => completions(*shell),
        Command::Man => man(),
    }
}

fn run_ceremony(arguments: &Ceremony, global: &Global) -> Result<u8, Failure> {
    let mut stdin = io::stdin();
    let tenant = input::tenants::read(&arguments.tenant, &mut stdin)?;
    let at_sign_in = match &arguments.tenant_at_sign_in {
        Some(name) => Some(input::tenants::read(name, &mut stdin)?),
        None => None,
    };
    let catalogue = catalogue(global)?;
    let world = world::world(global)?;
    let request = ceremony::Request {
        tenant_at_sign_in: at_sign_in.as_ref(),
        who: match (&arguments.user, &arguments.groups) {
            (Some(user), _) => ceremony::Who::User(user.clone()),
            (None, Some(groups)) => ceremony::Who::Groups(groups.clone()),
            (None, None) => ceremony::Who::Anybody,
        },
        flow: arguments.flow,
        platform: arguments.platform.clone(),
        lies: ceremony::lies(&arguments.lies, &catalogue)?,
        in_app_attestation: arguments.in_app_attestation,
        register_at: arguments.register_at,
        sign_in_at: arguments.sign_in_at,
        ..ceremony::Request::new(&tenant, catalogue.choose(&arguments.model)?)
    };
    let outcome = ceremony::run(&request, &catalogue, &world)?;
    let status = outcome.exit_status(&arguments.expect);
    deliver(&outcome.report(global.verbose > 0), global, status)
}

fn run_verify(arguments: &Verify, global: &Global) -> Result<u8, Failure> {
    let anchors = match &arguments.anchors {
        Some(folder) => Some(input::anchors::AnchorFolder::read(folder)?),
        None => None,
    };
    let catalogue = catalogue(global)?;
    let world = world::world(global)?;
    let options = verify::Options {
        anchors: anchors.as_ref(),
        at: global.at,
        now: world.at,
        second_opinion: arguments.second_opinion.is_some(),
        catalogue: &catalogue,
    };
    let mut outcome = verify::Outcome::default();
    for path in &arguments.files {
        match input::read_text(path, &mut io::stdin()) {
            Ok(text) => outcome.judge_file(path, &text, &options),
            Err(error) => outcome.unreadable(path, &error),
        }
    }
    deliver(&outcome.report(global.verbose > 0), global, outcome.exit_status())
}

fn catalogue(global: &Global) -> Result<Catalogue, Failure> {
    let folder = global.models_dir.as_deref();
    Ok(Catalogue::read(folder.map(Path::new))?)
}

fn deliver(report: &lab_jobs::report::Report, global: &Global, status: u8) -> Result<u8, Failure> {
    output::deliver(report, global)?;
    if !global.quiet {
        report.notes.iter().for_each(|note| output::say(&format!("passkey-lab: note: {note}")));
    }
    Ok(status)
}

fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "passkey-lab", &mut text);
    write(&text)
}

fn man() -> Result<u8, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text).map_err(|error| error.to_string())?;
    write(&text)
}

fn write(text: &[u8]) -> Result<u8, Failure> {
    output::print(&String::from_utf8_lossy(text)).map_err(|error| error.to_string())?;
    Ok(0)
}
