//! One function for each command: arguments to job to report to exit status.

mod authenticator;
mod ceremonies;
mod conformance;
mod control_token;
mod grid;
mod key;
mod metadata;
mod models;
mod recording;
mod replay;
mod serve;
mod tenants;

use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use lab_jobs::metadata::When;
use lab_jobs::models::Catalogue;
use lab_jobs::report::Report;
use lab_jobs::{explain, input, verify};

use crate::arguments::{Cli, Command, Explain, Global, Verify};
use crate::failure::Failure;
use crate::{output, world};

/// Runs the command and gives the exit status.
pub fn run(cli: &Cli) -> u8 {
    dispatch(cli).unwrap_or_else(|failure| failure.report())
}

fn dispatch(cli: &Cli) -> Result<u8, Failure> {
    let global = &cli.global;
    let own_forms = matches!(
        cli.command,
        Command::Matrix(_) | Command::Diff(_) | Command::Models(_) | Command::Metadata(_) | Command::Conformance(_)
    );
    if !own_forms {
        output::format(global)?;
    }
    match &cli.command {
        Command::Matrix(arguments) => grid::run_matrix(arguments, global),
        Command::Diff(arguments) => grid::run_diff(arguments, global),
        Command::Ceremony(arguments) => ceremonies::run(arguments, global),
        Command::Verify(arguments) => run_verify(arguments, global),
        Command::Tenant(command) => tenants::run(command, global),
        Command::Models(command) => models::run(command, global),
        Command::Authenticator(command) => authenticator::run(command, global),
        Command::Key(command) => key::run(command, global),
        Command::Replay(arguments) => replay::run(arguments, global),
        Command::Metadata(command) => metadata::run(command, global),
        Command::Conformance(command) => conformance::run(command, global),
        Command::Serve(arguments) => serve::run(arguments, global),
        Command::Explain(Explain { id: None }) => done(&explain::list(&catalogue(global)?), global),
        Command::Explain(Explain { id: Some(id) }) => done(&explain::one(&catalogue(global)?, id)?, global),
        Command::Completions { shell } => completions(*shell),
        Command::Man { command } => man(command),
    }
}

fn run_verify(arguments: &Verify, global: &Global) -> Result<u8, Failure> {
    if arguments.files.iter().filter(|path| path.as_path() == Path::new("-")).count() > 1 {
        return Err(Failure::usage("standard input can be read once, and - is given twice", "name each file once"));
    }
    let anchors = match &arguments.anchors {
        Some(folder) => Some(input::anchors::AnchorFolder::read(folder)?),
        None => None,
    };
    let catalogue = catalogue(global)?;
    let world = world::world(global, None)?;
    let when = if global.at.is_some() { When::Now } else { When::OfItsTime };
    let metadata = metadata::consulted(arguments.metadata.as_deref(), None, when, &catalogue, &world)?;
    let options = verify::Options {
        metadata: metadata.as_ref(),
        anchors: anchors.as_ref(),
        at: global.at,
        now: world.at,
        second_opinion: arguments.second_opinion.is_some(),
        anatomy: arguments.anatomy,
        catalogue: &catalogue,
    };
    let mut outcome = verify::Outcome::default();
    outcome.notes.extend(metadata.iter().flat_map(|metadata| metadata.notes.iter().cloned()));
    for path in &arguments.files {
        match input::read_text(path, &mut io::stdin()) {
            Ok(text) => outcome.judge_file(path, &text, &options),
            Err(error) => outcome.unreadable(path, &error),
        }
    }
    output::deliver(&outcome.report(global.verbose > 0), global)?;
    Ok(outcome.exit_status())
}

fn catalogue(global: &Global) -> Result<Catalogue, Failure> {
    let catalogue = Catalogue::read(global.models_dir.as_deref())?;
    if !global.quiet {
        catalogue.notes().iter().for_each(|note| output::say("note", note));
    }
    Ok(catalogue)
}

fn done(report: &Report, global: &Global) -> Result<u8, Failure> {
    output::deliver(report, global)?;
    Ok(0)
}

fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "passkey-lab", &mut text);
    write(&text)
}

fn man(path: &[String]) -> Result<u8, Failure> {
    let mut command = Cli::command();
    command.build();
    for name in path {
        let found = command.find_subcommand(name).cloned();
        command = found.ok_or_else(|| {
            Failure::usage(
                format!("there is no command “{}”", path.join(" ")),
                "`passkey-lab --help` lists the commands",
            )
        })?;
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).map_err(|error| error.to_string())?;
    write(&text)
}

fn write(text: &[u8]) -> Result<u8, Failure> {
    output::print(&String::from_utf8_lossy(text)).map_err(|error| format!("standard output: {error}"))?;
    Ok(0)
}
