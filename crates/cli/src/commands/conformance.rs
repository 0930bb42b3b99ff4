//! `conformance ...`.

mod attendant;

use lab_jobs::conformance::{self, Attendant, DESTROYS, Options, Outcome, WRITES};
use lab_links::{Address, LinksError, Remote, Wire};

use attendant::AtControlPort;

use super::control_token;
use crate::arguments::{Conformance, ConformanceCommand, FormatName, Global, TargetName};
use crate::failure::Failure;
use crate::{MISSING, output, world};

/// Runs the command and gives the exit status.
pub(super) fn run(command: &ConformanceCommand, global: &Global) -> Result<u8, Failure> {
    let ConformanceCommand::Authenticator(arguments) = command;
    if global.format != FormatName::Junit {
        output::format(global)?;
    }
    let options = Options { only: arguments.cases.clone(), destructive: arguments.destructive };
    if !options.finds_any() {
        let message = format!("no case is called {}", arguments.cases.join(" or "));
        return Err(Failure::usage(message, "`passkey-lab explain` lists the cases"));
    }
    let outcome = match &arguments.target {
        TargetName::Model(id) => model(id, &options, global)?,
        TargetName::Device(address) => device(address, arguments, &options, global)?,
    };
    match global.format {
        FormatName::Junit => output::deliver_text(&outcome.junit(), &[], global)?,
        FormatName::Jsonl => output::deliver_text(&outcome.lines(), &[], global)?,
        _ => output::deliver(&outcome.report(global.verbose > 0), global)?,
    }
    Ok(outcome.exit_status())
}

fn model(id: &str, options: &Options, global: &Global) -> Result<Outcome, Failure> {
    let catalogue = super::catalogue(global)?;
    Ok(conformance::model(&catalogue.choose(id)?, options, &world::world(global, None)?)?)
}

/// Whoever the control port tells what to do.
fn attendant(address: &Address, arguments: &Conformance) -> Result<Option<Box<dyn Attendant<Wire>>>, Failure> {
    let Some(port) = arguments.control else { return Ok(None) };
    let Some(token) = control_token::given(arguments.control_token_file.as_deref())? else {
        let hint = format!("name its file with --control-token-file, or set {}", control_token::VARIABLE);
        return Err(Failure::usage("--control needs the token of the control port".to_owned(), &hint));
    };
    let attendant = AtControlPort::new(Remote::new(port, token)?, address.clone()).map_err(|error| Failure {
        message: error.to_string(),
        hint: None,
        status: MISSING,
    })?;
    Ok(Some(Box::new(attendant)))
}

fn device(address: &Address, arguments: &Conformance, options: &Options, global: &Global) -> Result<Outcome, Failure> {
    if !global.quiet {
        output::say("note", WRITES);
        if arguments.destructive {
            output::say("note", DESTROYS);
        }
    }
    let wire = Wire::connect(address).map_err(|error: LinksError| match error {
        LinksError::Usb(error) => error.into(),
        error => Failure {
            message: error.to_string(),
            hint: Some("`passkey-lab authenticator run` plugs one in".to_owned()),
            status: MISSING,
        },
    })?;
    Ok(conformance::device(&address.to_string(), wire, attendant(address, arguments)?, options)?)
}
