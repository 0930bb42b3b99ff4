//! Which of several keys.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use lab_client::{Client, manage, no_pin};
use lab_links::usb::{self, Found, UsbError};

use super::person::Person;
use super::session;
use crate::arguments::OneKey;
use crate::failure::Failure;
use crate::{MISSING, output, world};

/// The key at a path or with a serial number, the only one, or the one that is touched.
pub fn one(which: &OneKey, _: &Person) -> Result<Found, Failure> {
    if let Some(path) = &which.path {
        return at(Path::new(path));
    }
    if let Some(serial) = &which.serial {
        return Ok(usb::with_serial(serial)?);
    }
    let mut keys = usb::find()?;
    match keys.len() {
        0 => Err(UsbError::NoKey.into()),
        1 => Ok(keys.remove(0)),
        _ => touched(keys),
    }
}

/// The key at a node.
pub fn at(path: &Path) -> Result<Found, Failure> {
    let found = usb::find()?.into_iter().find(|key| key.path == path);
    let missing = || match path.exists() {
        true => UsbError::NotFido(path.to_owned()),
        false => UsbError::Absent(path.to_owned()),
    };
    Ok(found.ok_or_else(missing)?)
}

/// All of them wait for a touch; the first that is touched is it, and the others stop waiting.
fn touched(keys: Vec<Found>) -> Result<Found, Failure> {
    output::say("touch", &format!("{} keys are plugged in: touch the one that is meant", keys.len()));
    let over = AtomicBool::new(false);
    let (sender, answers) = mpsc::channel();
    thread::scope(|scope| {
        for key in &keys {
            let (sender, over) = (sender.clone(), &over);
            scope.spawn(move || {
                let chosen = wait(key, over);
                // Nobody listens any more once one was touched.
                let _ = sender.send((key, chosen));
            });
        }
        drop(sender);
        let chosen = answers.iter().find(|(_, chosen)| *chosen).map(|(key, _)| key.clone());
        over.store(true, Ordering::Relaxed);
        chosen
    })
    .ok_or_else(|| Failure {
        message: "no key was touched".to_owned(),
        hint: Some("--path and --serial name one; `passkey-lab key list` shows them".to_owned()),
        status: MISSING,
    })
}

/// Whether this key is touched before another one is.
fn wait(key: &Found, over: &AtomicBool) -> bool {
    let (Ok(mut device), Ok(mut env)) = (session::device(&key.path), world::env()) else { return false };
    let mut until_over =
        |_| if over.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let mut client = Client { device: &mut device, env: &mut env, on_wait: &mut until_over, on_pin: &mut no_pin };
    client.run(manage::select()).is_ok()
}
