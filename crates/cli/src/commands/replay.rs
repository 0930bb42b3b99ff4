//! `replay TRANSCRIPT`: the recorded run again, or the recorded key behind a door.

use std::io;
use std::sync::Arc;

use clap::Parser as _;
use lab_client::transcript::{Replay as Engine, Transcript};
use lab_jobs::transcript::{self, Played, Run};
use lab_jobs::world::{Part, World};
use lab_links::{Hand, RpIds, Running, Setup};

use super::{authenticator, ceremonies, key};
use crate::arguments::{Cli, Command, Global, Replay, Serving};
use crate::failure::Failure;
use crate::playing::Playing;
use crate::world;

/// Runs the command and gives the exit status.
pub(super) fn run(arguments: &Replay, global: &Global) -> Result<u8, Failure> {
    let transcript = transcript::read(&arguments.transcript, &mut io::stdin())?;
    match &arguments.serving {
        Serving { listen: Some(_), .. } => serve(&transcript, arguments, global),
        _ => again(transcript, arguments, global),
    }
}

/// Does what was recorded once more.
fn again(transcript: Transcript, arguments: &Replay, global: &Global) -> Result<u8, Failure> {
    let run = Run::of(&transcript)?;
    let recorded = recorded(&run)?;
    let global = Global {
        seed: recorded.global.seed,
        at: recorded.global.at,
        models_dir: global.models_dir.clone().or(recorded.global.models_dir),
        ..global.clone()
    };
    let world = run.world(global.seed, world::entropy()?);
    let played = Played::new(transcript, &run);
    match recorded.command {
        Command::Ceremony(mut ceremony) => {
            ceremony.tenant = arguments.tenant.clone().unwrap_or(ceremony.tenant);
            ceremonies::replay(&ceremony, &global, world, &played)
        }
        Command::Key(command) if command.can_be_replayed() => {
            let mut command = command;
            command.tenant(arguments.tenant.as_ref());
            let playing = Playing { played: Arc::new(played), run: Arc::new(run) };
            key::run(&command, &Global { playing: Some(playing), ..global })
        }
        _ => Err(Failure::usage(
            format!("line 1: run: `passkey-lab {}` is nothing that can be done again", run.arguments.join(" ")),
            "--listen serves the transcript as a key",
        )),
    }
}

/// The command line that was recorded.
fn recorded(run: &Run) -> Result<Cli, Failure> {
    let words = std::iter::once("passkey-lab").chain(run.arguments.iter().map(String::as_str));
    Cli::try_parse_from(words).map_err(|error| {
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Failure::usage(
            format!("line 1: run: `passkey-lab {}`: {first}", run.arguments.join(" ")),
            "another version of this program recorded it; --listen serves any transcript as a key",
        )
    })
}

/// Plugs the recorded key in, until Ctrl-C.
fn serve(transcript: &Transcript, arguments: &Replay, global: &Global) -> Result<u8, Failure> {
    let world: World = world::world(global, None)?;
    let engine = Engine::new(transcript, None, &mut world.stream(Part::Authenticator));
    let as_a_key = arguments.serving.as_a_key()?;
    let setup = Setup {
        listen: as_a_key.listen.clone().into(),
        hand: Hand::new(as_a_key.touch.into()),
        rp_ids: RpIds::with(as_a_key.allow_rp_ids.clone()),
        state: None,
        control: None,
    };
    authenticator::serve(Running::start(engine, setup)?, &as_a_key, global, None)
}
