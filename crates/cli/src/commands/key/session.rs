//! Finding and opening keys.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use lab_client::transcript::{Misses, Replay};
use lab_client::{Client, manage, no_pin};
use lab_jobs::models::Catalogue;
use lab_jobs::real_key::{Denial, KeyName, Listed};
use lab_links::usb::{self, Found, UsbDevice, UsbError, UsbLink};
use lab_links::{Address, Wire};
use lab_protocol::ctap2::StatusCode;
use lab_protocol::{Device, Random};

use super::choose;
use super::person::Person;
use super::second::Second;
use crate::arguments::{ClientName, OneKey};
use crate::failure::Failure;
use crate::playing::Playing;
use crate::{MISSING, output, world};

/// How long somebody may take to plug a key in again.
const REPLUG: Duration = Duration::from_secs(60);
/// How often it is looked whether they did.
const GLANCE: Duration = Duration::from_millis(200);

/// A key that was chosen.
pub struct Session {
    name: KeyName,
}

/// A key that is open.
pub enum Opened {
    /// For the lab's own client.
    Own(Box<dyn Device + Send>),
    /// Through the program of the other one.
    Second(Second),
}

impl Session {
    /// What it is called.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }
}

/// The key of a transcript.
pub fn played(playing: &Playing, rng: &mut dyn Random) -> (Session, Opened, Misses) {
    let name = playing.run.guest.as_ref().map(|guest| guest.key.clone()).unwrap_or_default();
    let replay = Replay::new(&playing.played.transcript, None, rng);
    let misses = replay.misses();
    (Session { name }, Opened::Own(Box::new(replay)), misses)
}

/// Chooses a key and opens it.
pub fn open(which: &OneKey, person: &Person) -> Result<(Session, Opened), Failure> {
    let emulated = which.path.as_deref().and_then(|path| path.parse::<Address>().ok());
    if which.client == ClientName::CtapHidFido2 {
        let program = Second::find()?;
        if emulated.is_some() {
            let message = "ctap-hid-fido2 only opens real keys and those of --listen uhid";
            return Err(Failure::usage(message, "leave --client out for the doors of `authenticator run`"));
        }
        let found = choose::one(which, person)?;
        let name = name(&found);
        return Ok((Session { name }, Opened::Second(program.at(&found))));
    }
    match emulated {
        Some(Address::Hidraw(path)) => real(&choose::at(&path)?),
        Some(address) => wire(&address),
        None => real(&choose::one(which, person)?),
    }
}

fn real(found: &Found) -> Result<(Session, Opened), Failure> {
    Ok((Session { name: name(found) }, Opened::Own(Box::new(device(&found.path)?))))
}

fn wire(address: &Address) -> Result<(Session, Opened), Failure> {
    let wire = Wire::connect(address)?;
    let device = UsbDevice::open(wire, Path::new(&address.to_string()), world::nonce()?)?;
    let name = KeyName { path: address.to_string(), ..KeyName::default() };
    Ok((Session { name }, Opened::Own(Box::new(device))))
}

/// Opens the key at a node.
pub fn device(path: &Path) -> Result<UsbDevice<UsbLink>, Failure> {
    Ok(UsbDevice::open(UsbLink::open(path)?, path, world::nonce()?)?)
}

/// What a key is called.
pub fn name(found: &Found) -> KeyName {
    KeyName {
        path: found.path.display().to_string(),
        product: Some(found.name()),
        serial: found.serial.clone(),
        usb: Some(format!("{:04x}:{:04x}", found.vendor_id, found.product_id)),
        aaguid: None,
    }
}

/// Every key that is plugged in, with its model where it could be asked.
pub fn listed(catalogue: &Catalogue) -> Result<Vec<Listed>, Failure> {
    Ok(usb::find()?.iter().map(|found| ask(found, catalogue)).collect())
}

fn ask(found: &Found, catalogue: &Catalogue) -> Listed {
    let asked = || -> Result<lab_protocol::Aaguid, Failure> {
        let mut env = world::env()?;
        let mut device = device(&found.path)?;
        let mut patient = |_| std::ops::ControlFlow::Continue(());
        let mut client = Client { device: &mut device, env: &mut env, on_wait: &mut patient, on_pin: &mut no_pin };
        client.run(manage::info()).map(|info| info.aaguid).map_err(|error| error.cause.to_string().into())
    };
    match asked() {
        Ok(aaguid) => Listed::asked(name(found), aaguid, catalogue),
        Err(failure) => Listed { key: name(found), model: None, problem: Some(failure.message) },
    }
}

/// Whether a key takes a reset only after it was plugged in again.
pub fn wants_replug(denial: &Denial) -> bool {
    matches!(denial, Denial::Refused { status: Some(StatusCode::NOT_ALLOWED), .. })
}

/// Waits until the key was taken out and is there again.
pub fn wait_for_replug(which: &OneKey) -> Result<(), Failure> {
    output::say("touch", "unplug the key and plug it in again: it takes a reset only in its first seconds");
    let begun = Instant::now();
    let before = usb::find()?;
    let mut gone = false;
    while begun.elapsed() < REPLUG {
        let now = usb::find()?;
        gone |= now.len() < before.len();
        if gone && now.len() >= before.len() {
            return Ok(());
        }
        sleep(GLANCE);
    }
    let what = which.path.as_deref().unwrap_or("the key");
    let message = format!("{what} was not plugged in again within {} s, so nothing was reset", REPLUG.as_secs());
    Err(Failure { message, hint: None, status: MISSING })
}

impl From<UsbError> for Failure {
    fn from(error: UsbError) -> Self {
        let status = if matches!(error, UsbError::NotFido(_)) { crate::USAGE } else { MISSING };
        Self { message: error.to_string(), hint: error.hint(), status }
    }
}
