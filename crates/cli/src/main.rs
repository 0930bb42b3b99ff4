//! The program `passkey-lab`: arguments, the system's clock and randomness, a job, a renderer, an exit status.

mod arguments;
mod commands;
mod failure;
mod output;
mod playing;
mod usage;
mod world;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use arguments::Cli;
use usage::Complaint;

/// Exit status: bad usage or input.
const USAGE: u8 = 2;
/// Exit status: something needed is missing.
const MISSING: u8 = 3;
/// Exit status: internal failure.
const INTERNAL: u8 = 5;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        output::say("error", &format!("internal failure: {panic}"));
        output::say("hint", "please report this with the command that caused it");
    }));
    let outcome = std::panic::catch_unwind(|| match Cli::try_parse() {
        Ok(cli) => commands::run(&cli),
        Err(error) => usage(&error),
    });
    ExitCode::from(outcome.unwrap_or(INTERNAL))
}

fn usage(error: &clap::Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A closed pipe while printing help is nobody's error.
            let _ = error.print();
            0
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            USAGE
        }
        _ => {
            let complaint = Complaint::of(error, std::env::args().skip(1));
            output::say("error", &complaint.message);
            output::say("hint", &complaint.hint);
            USAGE
        }
    }
}
