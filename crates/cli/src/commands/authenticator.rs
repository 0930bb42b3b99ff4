//! `authenticator run`: a key until Ctrl-C.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;

use lab_jobs::key::{self, Authenticator};
use lab_jobs::models::Choice;
use lab_jobs::pem;
use lab_links::{
    Address, Hand, Happening, Identity, LinksError, Notice, Order, Orders, Place, RpIds, Running, Setup, StateFile,
    StateFileError,
};
use serde_json::json;

use super::control_token;
use crate::arguments::{AuthenticatorCommand, Global, Run, TouchName};
use crate::failure::Failure;
use crate::{MISSING, output, world};

/// Exit status: ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Runs the command and gives the exit status.
pub fn run(command: &AuthenticatorCommand, global: &Global) -> Result<u8, Failure> {
    let AuthenticatorCommand::Run(arguments) = command;
    together(arguments, global)?;
    let token = token(arguments)?;
    let running = start(arguments, global, token.as_ref().map(|token| token.text.clone()))?;
    serve(running, arguments, global, token.as_ref())
}

/// Refuses options that would make a key answer where it must not.
fn together(arguments: &Run, global: &Global) -> Result<(), Failure> {
    if global.seed.is_some() && arguments.state.is_some() {
        let message =
            "--state and --seed do not go together: keys made from a seed are public, and the file would not say so";
        return Err(Failure::usage(message, "leave one of them out; with the same seed the same key comes back"));
    }
    if global.seed.is_some() && !arguments.allow_rp_ids.is_empty() && !global.quiet {
        output::say(
            "note",
            "--allow-rp-id does nothing with --seed: a key that anybody can make answers only laboratory names",
        );
    }
    Ok(())
}

fn start(arguments: &Run, global: &Global, token: Option<String>) -> Result<Running, Failure> {
    let model = super::catalogue(global)?.choose(&arguments.model)?;
    let (mut key, state) = make(&model, arguments, global)?;
    let mut listen = Place::from(arguments.listen.clone());
    if listen.address == Address::Uhid {
        listen.identity = identity(&model, key.serial_number());
    }
    if let Some(root) = &arguments.root {
        output::write(root, &pem::certificate(key.anchor()))?;
    }
    if let Some(file) = &state {
        // The serial number and the root that it shows from now on.
        file.write(&key.export()).map_err(|error| in_file(error.to_string().into(), arguments.state.as_deref()))?;
    }
    let rp_ids = match global.seed {
        Some(_) => RpIds::of_laboratories(),
        None => RpIds::with(arguments.allow_rp_ids.clone()),
    };
    let setup =
        Setup { listen, hand: Hand::new(arguments.touch.into()), rp_ids, state, control: arguments.control.zip(token) };
    Ok(Running::start(key, setup)?)
}

/// The key, new or as its state file has it, and that file.
fn make(model: &Choice, arguments: &Run, global: &Global) -> Result<(Authenticator, Option<StateFile>), Failure> {
    let world = world::world(global, None)?;
    let (file, state) = match &arguments.state {
        Some(path) => {
            let (file, state) = StateFile::open(path)?;
            (Some(file), state)
        }
        None => (None, None),
    };
    let key = key::key(model, state.as_deref(), &world)
        .map_err(|error| in_file(error.into(), arguments.state.as_deref().filter(|_| state.is_some())))?;
    Ok((key, file))
}

/// How a key of a model shows itself to the system.
fn identity(model: &Choice, serial: String) -> Identity {
    let own = Identity { serial, ..Identity::default() };
    match model {
        Choice::Emulated(model) => match &model.usb {
            Some(usb) => Identity {
                name: usb.name.value.clone(),
                vendor_id: usb.vendor_id.value,
                product_id: usb.product_id.value,
                ..own
            },
            None => Identity { name: model.name.clone(), ..own },
        },
        _ => own,
    }
}

fn in_file(mut failure: Failure, file: Option<&Path>) -> Failure {
    if let Some(file) = file {
        failure.message = format!("{}: {}", file.display(), failure.message);
    }
    failure
}

/// Serves a key until it ends.
pub(super) fn serve(
    mut running: Running,
    arguments: &Run,
    global: &Global,
    token: Option<&Token>,
) -> Result<u8, Failure> {
    let asks = arguments.touch == TouchName::Ask;
    let terminal = asks && io::stdin().is_terminal();
    if terminal {
        listen_to_terminal(running.orders());
    } else if asks && arguments.control.is_none() && !global.quiet {
        output::say("note", "nobody can touch this key: standard input is no terminal, and there is no --control");
    }
    let control = running.control().map(|address| format!("http://{address}"));
    loop {
        match running.happening() {
            Happening::Interrupted => return Ok(INTERRUPTED),
            Happening::Terminated => return Ok(0),
            Happening::Notice(Notice::Listening(address)) => announce(&address, control.as_deref(), token)?,
            Happening::Notice(Notice::Closed(why)) => {
                return Err(Failure { message: format!("the door is shut: {why}"), hint: None, status: MISSING });
            }
            Happening::Notice(notice) => {
                if !global.quiet {
                    tell(&notice, terminal);
                }
            }
        }
    }
}

/// The one line on standard output; once more where a key that is plugged in again has another address.
fn announce(address: &Address, control: Option<&str>, token: Option<&Token>) -> Result<(), Failure> {
    let mut line = json!({ "listening": address.to_string() });
    if let Some(control) = control {
        line["control"] = control.into();
    }
    if let Some(Token { text, made: true }) = token {
        line["token"] = text.as_str().into();
    }
    output::print(&format!("{line}\n")).map_err(|error| format!("standard output: {error}").into())
}

fn tell(notice: &Notice, terminal: bool) {
    match notice {
        Notice::Waiting(_) if terminal => {
            output::say("touch", "press Enter to touch the key, or d and Enter to decline")
        }
        Notice::Waiting(_) => output::say("touch", "the key waits for its person"),
        Notice::Refused(whom) => {
            output::say(
                "note",
                &format!("it does not answer {whom}: --allow-rp-id names whom it answers besides laboratories"),
            );
        }
        Notice::NotKept(why) => {
            output::say("error", &format!("the state could not be written, so the reply says that it failed: {why}"))
        }
        Notice::Listening(_) | Notice::Closed(_) => {}
    }
}

fn listen_to_terminal(orders: Orders) {
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let order = if line.trim() == "d" { Order::Decline } else { Order::Press };
            if !orders.give(order) {
                return;
            }
        }
    });
}

/// The token of the control port.
pub(super) struct Token {
    text: String,
    /// Nobody knows it yet.
    made: bool,
}

fn token(arguments: &Run) -> Result<Option<Token>, Failure> {
    if arguments.control.is_none() {
        return Ok(None);
    }
    Ok(Some(match control_token::given(arguments.control_token_file.as_deref())? {
        Some(text) => Token { text, made: false },
        None => Token { text: made()?, made: true },
    }))
}

fn made() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random bytes: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl From<LinksError> for Failure {
    fn from(error: LinksError) -> Self {
        Self { message: error.to_string(), hint: error.hint(), status: MISSING }
    }
}

impl From<StateFileError> for Failure {
    fn from(error: StateFileError) -> Self {
        Self { message: error.to_string(), hint: None, status: MISSING }
    }
}
