//! The program `passkey-lab`: arguments, the system's clock and randomness, a job, a renderer, an exit status.

mod arguments;
mod commands;
mod output;
mod world;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use arguments::Cli;

/// Exit status: bad usage or input.
const USAGE: u8 = 2;
/// Exit status: internal failure.
const INTERNAL: u8 = 5;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        output::say(&format!(
            "passkey-lab: internal failure: {panic}\npasskey-lab: hint: please report this with the command that caused it"
        ));
    }));
    let outcome = std::panic::catch_unwind(|| match Cli::try_parse() {
        Ok(cli) => commands::run(&cli),
        Err(error) => usage(&error),
    });
    ExitCode::from(outcome.unwrap_or(INTERNAL))
}

fn usage(error: &clap::Error) -> u8 {
    // A closed pipe while printing help is nobody's error.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
        _ => USAGE,
    }
}
