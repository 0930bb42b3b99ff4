//! `key ...`: real keys, guests as they are.

mod choose;
mod ledger;
mod person;
mod second;
mod session;

use std::io::{self, IsTerminal as _};

use lab_client::transcript::{DeviceFacts, Misses, Tape};
use lab_jobs::ceremony::Who;
use lab_jobs::live::Grounds;
use lab_jobs::metadata::When;
use lab_jobs::real_key::{self, Book, KeyClient, Ledger, Plan, Request};
use lab_jobs::transcript::{self, Guest, Run};
use lab_jobs::world::{Part, World};
use lab_jobs::{JobError, input};
use lab_protocol::Device;

use super::metadata::consulted;
use super::{catalogue, done, recording};
use crate::arguments::{
    ClientName, CredentialsCommand, Global, KeyCeremony, KeyCommand, KeyCredentials, KeyPin, NewPin, OneKey, PinCommand,
};
use crate::failure::Failure;
use crate::{output, world};
use ledger::LedgerFile;
use person::Person;
use session::Session;

/// Runs the command and gives the exit status.
pub(super) fn run(command: &KeyCommand, global: &Global) -> Result<u8, Failure> {
    if global.seed.is_some() {
        return Err(JobError::from(real_key::GuardError::Seed).into());
    }
    match command {
        KeyCommand::List(arguments) => list(arguments.client, global),
        KeyCommand::Info(which) => {
            let catalogue = catalogue(global)?;
            with_key(which, global, |client, session| Ok(real_key::info(session.name(), client, &catalogue)?.report()))
                .and_then(|report| done(&report, global))
        }
        KeyCommand::Register(arguments) => register(arguments, global),
        KeyCommand::SignIn(arguments) => sign_in(arguments, global),
        KeyCommand::Credentials(arguments) => credentials(arguments, global),
        KeyCommand::Pin(arguments) => pin(arguments, global),
        KeyCommand::Reset(which) => reset(which, global),
    }
}

/// What a recording of a command on a key says of it.
struct Told<'t> {
    world: &'t World,
    ledger: Option<&'t Ledger>,
    rp_id: Option<&'t str>,
}

/// Finds the key, opens it, and hands it to `act` with a client.
fn with_key<T>(
    which: &OneKey,
    global: &Global,
    act: impl FnOnce(&mut dyn KeyClient, &Session) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let world = world::world(global, None)?;
    with_key_told(which, global, &Told { world: &world, ledger: None, rp_id: None }, act)
}

/// As [`with_key`], where a recording has more to say.
fn with_key_told<T>(
    which: &OneKey,
    global: &Global,
    told: &Told<'_>,
    act: impl FnOnce(&mut dyn KeyClient, &Session) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let person = Person::new(which, global);
    let (session, device, misses) = match &global.playing {
        Some(playing) => session::played(playing, &mut told.world.stream(Part::Authenticator)),
        None => {
            let (session, device) = session::open(which, &person)?;
            (session, device, Misses::default())
        }
    };
    match device {
        session::Opened::Own(device) => {
            let tape =
                which.record.as_ref().filter(|_| global.playing.is_none()).map(|file| (tape(&session, told), file));
            let mut device: Box<dyn Device> = match &tape {
                Some((tape, _)) => {
                    Box::new(tape.record(device, DeviceFacts { name: session.name().to_string(), hid: None }))
                }
                None => device,
            };
            let mut env = world::env()?;
            let (mut on_wait, mut on_pin) = (person.waiting(), person.pin());
            let mut client =
                lab_client::Client { device: &mut *device, env: &mut env, on_wait: &mut on_wait, on_pin: &mut on_pin };
            let result = act(&mut client, &session);
            if let Some((tape, file)) = &tape {
                recording::keep(tape, file, global)?;
            }
            match misses.first() {
                Some(what) => Err(Failure::usage(what, transcript::NOT_RECORDED)),
                None => result,
            }
        }
        session::Opened::Second(_) if which.record.is_some() => {
            let message = "ctap-hid-fido2 cannot be recorded: it talks to the key itself";
            Err(Failure::usage(message, "leave --client out: the lab's own client can"))
        }
        session::Opened::Second(program) => act(&mut program.client(&person), &session),
    }
}

/// A tape that knows what is the laboratory's, and what is being done.
fn tape(session: &Session, told: &Told<'_>) -> Tape {
    let tape = recording::tape(Box::new(lab_links::now));
    let entries = told.ledger.map(Ledger::entries).unwrap_or_default();
    tape.own(|own| {
        told.rp_id.iter().for_each(|id| own.rp_id(id));
        for entry in entries {
            own.rp_id(&entry.rp_id);
            own.user(entry.user_handle.0.clone());
            entry.credential_id.iter().for_each(|id| own.credential(id.0.clone()));
        }
    });
    let ledger = told.ledger.map(Ledger::text).unwrap_or_default();
    let guest = Some(Guest { key: session.name().clone(), ledger });
    tape.run(Run { guest, ..Run::new(recording::arguments(), told.world, None) }.to_value());
    tape
}

fn list(client: ClientName, global: &Global) -> Result<u8, Failure> {
    let catalogue = catalogue(global)?;
    let keys = match client {
        ClientName::Own => session::listed(&catalogue)?,
        ClientName::CtapHidFido2 => second::listed(&catalogue)?,
    };
    done(&real_key::list(&keys), global)
}

/// A ceremony at a key, with everything that it rests on.
fn at_a_key<T>(
    arguments: &KeyCeremony,
    global: &Global,
    act: impl FnOnce(&Request<'_>, &mut dyn KeyClient, &mut LedgerFile, &World) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let tenant = tenant(arguments)?;
    let world = world::world(global, tenant.as_ref().and_then(|tenant| tenant.lab().clock))?;
    let grounds = grounds(arguments, global)?;
    let mut file = LedgerFile::open(arguments.key.ledger.as_deref(), global)?;
    let before = file.ledger().clone();
    let told = Told { world: &world, ledger: Some(&before), rp_id: Some(&arguments.rp_id) };
    with_key_told(&arguments.key, global, &told, |client, session| {
        let request = Request {
            tenant: tenant.as_ref(),
            who: who(arguments),
            rp_id: &arguments.rp_id,
            platform: arguments.platform.as_deref(),
            key: session.name(),
            grounds: &grounds,
        };
        act(&request, client, &mut file, &world)
    })
}

fn register(arguments: &KeyCeremony, global: &Global) -> Result<u8, Failure> {
    let registered = at_a_key(arguments, global, |request, client, file, world| {
        let plan = Plan::prepare(request, client, world)?;
        if !person::agrees(&plan.says(), arguments.key.yes || global.playing.is_some()) {
            return Err(not_agreed());
        }
        let (ledger, mut keep) = file.parts();
        Ok(plan.run(client, &mut Book::new(ledger, &mut keep), world)?)
    })?;
    output::deliver(&registered.report(global.verbose > 0), global)?;
    Ok(registered.exit_status())
}

fn sign_in(arguments: &KeyCeremony, global: &Global) -> Result<u8, Failure> {
    let signed_in = at_a_key(arguments, global, |request, client, file, world| {
        let (ledger, mut keep) = file.parts();
        Ok(request.sign_in(client, &mut Book::new(ledger, &mut keep), world)?)
    })?;
    output::deliver(&signed_in.report(global.verbose > 0), global)?;
    Ok(signed_in.exit_status())
}

fn credentials(arguments: &KeyCredentials, global: &Global) -> Result<u8, Failure> {
    match &arguments.command {
        None => {
            let file = LedgerFile::open(arguments.key.ledger.as_deref(), global)?;
            let world = world::world(global, None)?;
            let told = Told { world: &world, ledger: Some(file.ledger()), rp_id: None };
            let held = with_key_told(&arguments.key, global, &told, |client, session| {
                Ok(real_key::credentials(session.name(), client, file.ledger())?)
            })?;
            done(&held.report(), global)
        }
        Some(CredentialsCommand::Clean { forget, key }) => {
            let mut file = LedgerFile::open(key.ledger.as_deref(), global)?;
            let (world, before) = (world::world(global, None)?, file.ledger().clone());
            let told = Told { world: &world, ledger: Some(&before), rp_id: None };
            let cleaning = with_key_told(key, global, &told, |client, session| {
                let (ledger, mut keep) = file.parts();
                let mut book = Book::new(ledger, &mut keep);
                let mut agree = |says: &[String]| person::agrees(says, key.yes || global.playing.is_some());
                Ok(real_key::clean(session.name(), client, &mut book, *forget, &mut agree)?)
            })?;
            done(&cleaning.report(), global)
        }
    }
}

fn pin(arguments: &KeyPin, global: &Global) -> Result<u8, Failure> {
    let report = match &arguments.command {
        None => with_key(&arguments.key, global, |client, session| Ok(real_key::pin(session.name(), client)?))?,
        Some(PinCommand::Set(new)) => set_pin(new, global)?,
        Some(PinCommand::Change(new)) => change_pin(new, global)?,
    };
    done(&report, global)
}

fn set_pin(new: &NewPin, global: &Global) -> Result<lab_jobs::report::Report, Failure> {
    with_key(&new.key, global, |client, session| {
        let pin = person::new_pin(new.new_pin_fd)?;
        client.set_pin(pin).map_err(JobError::from)?;
        Ok(real_key::changed_pin(session.name(), client, "set")?)
    })
}

fn change_pin(new: &NewPin, global: &Global) -> Result<lab_jobs::report::Report, Failure> {
    with_key(&new.key, global, |client, session| {
        let retries = client.pin_state().map_err(JobError::from)?.retries;
        let current = person::current_pin(new.key.pin_fd, retries)?;
        let pin = person::new_pin(new.new_pin_fd)?;
        client.change_pin(current, pin).map_err(JobError::from)?;
        Ok(real_key::changed_pin(session.name(), client, "changed")?)
    })
}

fn reset(which: &OneKey, global: &Global) -> Result<u8, Failure> {
    if which.client == ClientName::CtapHidFido2 {
        let message = "ctap-hid-fido2 cannot reset a key: it has no such command";
        return Err(Failure::usage(message, "leave --client out: the lab's own client can"));
    }
    if !io::stdin().is_terminal() {
        let message = "a reset has to be typed: standard input is no terminal";
        return Err(Failure::usage(message, "run it by hand; there is no option that stands for your word"));
    }
    let name = with_key(which, global, |client, session| {
        client.info().map_err(JobError::from)?;
        person::types_reset(session.name())?;
        match client.reset() {
            Ok(()) => Ok(Some(session.name().clone())),
            Err(denial) if session::wants_replug(&denial) => Ok(None),
            Err(denial) => Err(JobError::from(denial).into()),
        }
    })?;
    let name = match name {
        Some(name) => name,
        None => {
            session::wait_for_replug(which)?;
            with_key(which, global, |client, session| {
                client.reset().map_err(JobError::from)?;
                Ok(session.name().clone())
            })?
        }
    };
    done(&real_key::was_reset(&name), global)
}

fn tenant(arguments: &KeyCeremony) -> Result<Option<lab_entra::Tenant>, Failure> {
    let read = |name: &String| input::tenants::read(name, &mut io::stdin());
    Ok(arguments.tenant.as_ref().map(read).transpose()?)
}

fn grounds(arguments: &KeyCeremony, global: &Global) -> Result<Grounds, Failure> {
    let catalogue = catalogue(global)?;
    let world = world::world(global, None)?;
    let metadata =
        consulted(arguments.metadata.as_deref(), arguments.anchors.as_deref(), When::Now, &catalogue, &world)?;
    Ok(Grounds::of_real_keys(catalogue, metadata))
}

fn who(arguments: &KeyCeremony) -> Who {
    match (&arguments.user, &arguments.groups) {
        (Some(user), _) => Who::User(user.clone()),
        (None, Some(groups)) => Who::Groups(groups.clone()),
        (None, None) => Who::Anybody,
    }
}

fn not_agreed() -> Failure {
    Failure::usage("not agreed to, so nothing was written", "--yes stands for the answer in scripts")
}
