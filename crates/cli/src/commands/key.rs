//! `key ...`: real keys, guests as they are.

mod choose;
mod ledger;
mod person;
mod second;
mod session;

use std::io::{self, IsTerminal as _};

use lab_jobs::ceremony::Who;
use lab_jobs::live::Grounds;
use lab_jobs::metadata::When;
use lab_jobs::real_key::{self, Book, KeyClient, Plan, Register, SignIn};
use lab_jobs::{JobError, input};

use super::metadata::consulted;
use super::{catalogue, done};
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

/// Finds the key, opens it, and hands it to `act` with a client.
fn with_key<T>(
    which: &OneKey,
    global: &Global,
    act: impl FnOnce(&mut dyn KeyClient, &Session) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let person = Person::new(which, global);
    let (session, device) = session::open(which, &person)?;
    match device {
        session::Opened::Own(mut device) => {
            let mut env = world::env()?;
            let (mut on_wait, mut on_pin) = (person.waiting(), person.pin());
            let mut client =
                lab_client::Client { device: &mut *device, env: &mut env, on_wait: &mut on_wait, on_pin: &mut on_pin };
            act(&mut client, &session)
        }
        session::Opened::Second(program) => act(&mut program.client(&person), &session),
    }
}

fn list(client: ClientName, global: &Global) -> Result<u8, Failure> {
    let catalogue = catalogue(global)?;
    let keys = match client {
        ClientName::Own => session::listed(&catalogue)?,
        ClientName::CtapHidFido2 => second::listed(&catalogue)?,
    };
    done(&real_key::list(&keys), global)
}

fn register(arguments: &KeyCeremony, global: &Global) -> Result<u8, Failure> {
    let tenant = tenant(arguments)?;
    let world = world::world(global, tenant.as_ref().and_then(|tenant| tenant.lab().clock))?;
    let grounds = grounds(arguments, global)?;
    let mut file = LedgerFile::open(arguments.key.ledger.as_deref())?;
    let registered = with_key(&arguments.key, global, |client, session| {
        let request = Register {
            tenant: tenant.as_ref(),
            who: who(arguments),
            rp_id: &arguments.rp_id,
            platform: arguments.platform.as_deref(),
            key: session.name(),
            grounds: &grounds,
        };
        let plan = Plan::prepare(&request, client, &world)?;
        if !person::agrees(&plan.says(), arguments.key.yes) {
            return Err(not_agreed());
        }
        let (ledger, mut keep) = file.parts();
        Ok(plan.run(client, &mut Book::new(ledger, &mut keep), &world)?)
    })?;
    output::deliver(&registered.report(global.verbose > 0), global)?;
    Ok(registered.exit_status())
}

fn sign_in(arguments: &KeyCeremony, global: &Global) -> Result<u8, Failure> {
    let tenant = tenant(arguments)?;
    let world = world::world(global, tenant.as_ref().and_then(|tenant| tenant.lab().clock))?;
    let grounds = grounds(arguments, global)?;
    let mut file = LedgerFile::open(arguments.key.ledger.as_deref())?;
    let signed_in = with_key(&arguments.key, global, |client, session| {
        let request = SignIn {
            tenant: tenant.as_ref(),
            who: who(arguments),
            rp_id: &arguments.rp_id,
            platform: arguments.platform.as_deref(),
            key: session.name(),
            grounds: &grounds,
        };
        let (ledger, mut keep) = file.parts();
        Ok(request.run(client, &mut Book::new(ledger, &mut keep), &world)?)
    })?;
    output::deliver(&signed_in.report(global.verbose > 0), global)?;
    Ok(signed_in.exit_status())
}

fn credentials(arguments: &KeyCredentials, global: &Global) -> Result<u8, Failure> {
    match &arguments.command {
        None => {
            let file = LedgerFile::open(arguments.key.ledger.as_deref())?;
            let held = with_key(&arguments.key, global, |client, session| {
                Ok(real_key::credentials(session.name(), client, file.ledger())?)
            })?;
            done(&held.report(), global)
        }
        Some(CredentialsCommand::Clean { forget, key }) => {
            let mut file = LedgerFile::open(key.ledger.as_deref())?;
            let cleaning = with_key(key, global, |client, session| {
                let (ledger, mut keep) = file.parts();
                let mut book = Book::new(ledger, &mut keep);
                let mut agree = |says: &[String]| person::agrees(says, key.yes);
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
