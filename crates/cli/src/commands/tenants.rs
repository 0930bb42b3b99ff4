//! `tenant ...`: reading one, starting one, sharing one.

use std::io;
use std::path::Path;

use lab_jobs::report::Report;
use lab_jobs::tenant::{folder, import, init, pseudonymise};
use lab_jobs::world::Part;
use lab_jobs::{input, tenant};

use super::{catalogue, done};
use crate::arguments::{Global, TenantCommand};
use crate::failure::Failure;
use crate::world;

/// Runs one of them.
pub fn run(command: &TenantCommand, global: &Global) -> Result<u8, Failure> {
    match command {
        TenantCommand::Check { tenant } => {
            let tenant = input::tenants::read(tenant, &mut io::stdin())?;
            done(&tenant::check(&tenant, &catalogue(global)?), global)
        }
        TenantCommand::Show { tenant } => {
            let tenant = input::tenants::read(tenant, &mut io::stdin())?;
            done(&tenant::show(&tenant, &catalogue(global)?), global)
        }
        TenantCommand::Init { folder } => {
            let files = init::files();
            folder::add(folder, &files)?;
            done(&init::report(folder, &files), global)
        }
        TenantCommand::Import { answers } => {
            let output = output(global, "tenant import")?;
            folder::vacant(output)?;
            let imported = import::import(&input::tenants::exports::read(answers, &mut io::stdin())?)?;
            folder::create(output, &imported.files)?;
            say(&imported.report, global)
        }
        TenantCommand::Pseudonymise { tenant } => {
            let output = output(global, "tenant pseudonymise")?;
            folder::vacant(output)?;
            let tenant = input::tenants::read(tenant, &mut io::stdin())?;
            let world = world::world(global, None)?;
            let under = pseudonymise::pseudonymise(&tenant, &mut world.stream(Part::Persona))?;
            folder::create(output, &under.files)?;
            say(&under.report, global)
        }
    }
}

/// The folder that `--output` names.
fn output<'g>(global: &'g Global, command: &str) -> Result<&'g Path, Failure> {
    let folder = global.output.as_deref().filter(|path| *path != Path::new("-"));
    folder.ok_or_else(|| {
        Failure::usage(
            format!("{command} writes a folder: expected --output DIR"),
            "name a folder that does not exist yet",
        )
    })
}

/// The folder is written: what was done goes to standard output.
fn say(report: &Report, global: &Global) -> Result<u8, Failure> {
    done(report, &Global { output: None, ..global.clone() })
}
