//! The person at the key: touch, PIN, consent.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::ops::ControlFlow;

use lab_client::{Pin, PinPrompt, PinReason};
use lab_jobs::real_key::KeyName;
use lab_protocol::Status;

use crate::arguments::{Global, OneKey};
use crate::failure::Failure;
use crate::{MISSING, output};

/// The longest PIN that is read, in bytes, with its line end: none is longer than 63.
const LONGEST: u64 = 256;

/// The PIN that a transcript is given.
const ANY_PIN: &str = "0000";

/// Who sits there.
pub struct Person {
    pin_fd: Option<u32>,
    quiet: bool,
    /// A transcript takes any PIN where the recorded one was right.
    played: bool,
    /// The PIN that the key took, so that it is asked for once.
    known: RefCell<Option<Pin>>,
    told: Cell<Option<Status>>,
}

impl Person {
    pub fn new(which: &OneKey, global: &Global) -> Self {
        Self {
            pin_fd: which.pin_fd,
            quiet: global.quiet,
            played: global.playing.is_some(),
            known: RefCell::new(None),
            told: Cell::new(None),
        }
    }

    /// Says once for each command that the key waits.
    pub fn waiting(&self) -> impl FnMut(Status) -> ControlFlow<()> + '_ {
        |status| {
            if self.played {
                return ControlFlow::Continue(());
            }
            if self.told.replace(Some(status)) != Some(status) && status != Status::Processing {
                output::say("touch", "touch the key: it waits for you");
            }
            ControlFlow::Continue(())
        }
    }

    /// The PIN, from wherever it comes: a wrong one of a file descriptor is not tried again.
    pub fn pin(&self) -> impl FnMut(PinPrompt) -> Option<Pin> + '_ {
        |prompt| {
            if self.played {
                // As in the recorded run, a file descriptor gave one PIN and no other.
                let again = self.pin_fd.is_some() && prompt.reason == PinReason::Wrong;
                return Pin::new(ANY_PIN).ok().filter(|_| !again);
            }
            self.told.set(None);
            if prompt.reason == PinReason::Needed && self.known.borrow().is_some() {
                return self.known.borrow().clone();
            }
            self.known.replace(None);
            let read = match (self.pin_fd, prompt.reason) {
                (Some(_), PinReason::Wrong) => Err(wrong(prompt.retries)),
                (Some(fd), PinReason::Needed) => from_descriptor(fd),
                (None, _) => ask(prompt),
            };
            match read {
                Ok(pin) => {
                    self.known.replace(Some(pin.clone()));
                    Some(pin)
                }
                Err(failure) => {
                    if !self.quiet {
                        output::say("note", &failure.message);
                    }
                    None
                }
            }
        }
    }
}

fn wrong(retries: Option<i64>) -> Failure {
    let left = retries.map(|left| format!(": {left} attempts left")).unwrap_or_default();
    Failure { message: format!("the PIN was wrong{left}"), hint: None, status: MISSING }
}

fn ask(prompt: PinPrompt) -> Result<Pin, Failure> {
    let left = prompt.retries.map(|left| format!(", {left} attempts left")).unwrap_or_default();
    let again = if prompt.reason == PinReason::Wrong { "that was wrong; " } else { "" };
    typed(&format!("passkey-lab: {again}PIN of the key{left}: "))
}

fn typed(prompt: &str) -> Result<Pin, Failure> {
    let text = rpassword::prompt_password(prompt).map_err(|error| Failure {
        message: format!("nobody can be asked for the PIN: {error}"),
        hint: Some("--pin-fd N reads it from a file descriptor".to_owned()),
        status: MISSING,
    })?;
    Pin::new(&text).map_err(|error| error.to_string().into())
}

/// Where the system has the descriptors of a process as files.
const DESCRIPTORS: &str = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };

/// The first line of a file descriptor that the caller opened.
fn from_descriptor(fd: u32) -> Result<Pin, Failure> {
    let failed = |error: io::Error| {
        Failure::usage(format!("file descriptor {fd}: {error}"), "open it for the program, as in `3<pin.txt`")
    };
    let mut line = String::new();
    let read = match fd {
        0 => io::stdin().take(LONGEST).read_line_of(&mut line),
        fd => File::open(format!("{DESCRIPTORS}/{fd}")).and_then(|file| file.take(LONGEST).read_line_of(&mut line)),
    };
    read.map_err(failed)?;
    let pin = Pin::new(line.trim_end_matches(['\r', '\n'])).map_err(|error| error.to_string().into());
    zeroize::Zeroize::zeroize(&mut line);
    pin
}

/// Reads one line without taking what comes after it from a pipe that another option reads too.
trait ReadLine {
    fn read_line_of(self, line: &mut String) -> io::Result<()>;
}

impl<R: io::Read> ReadLine for R {
    fn read_line_of(mut self, line: &mut String) -> io::Result<()> {
        let (mut bytes, mut byte) = (zeroize::Zeroizing::new(Vec::new()), [0]);
        while self.read(&mut byte)? == 1 && byte != *b"\n" {
            bytes.extend(byte);
        }
        line.push_str(std::str::from_utf8(&bytes).map_err(|_| io::Error::other("expected UTF-8"))?);
        Ok(())
    }
}

/// The PIN that a key has, for changing it.
pub fn current_pin(fd: Option<u32>, retries: Option<i64>) -> Result<Pin, Failure> {
    match fd {
        Some(fd) => from_descriptor(fd),
        None => ask(PinPrompt { reason: PinReason::Needed, retries }),
    }
}

/// The PIN that a key is to have: typed twice.
pub fn new_pin(fd: Option<u32>) -> Result<Pin, Failure> {
    if let Some(fd) = fd {
        return from_descriptor(fd);
    }
    let pin = typed("passkey-lab: new PIN: ")?;
    if typed("passkey-lab: the new PIN again: ")? != pin {
        return Err(Failure::usage("the two PINs differ, so nothing was changed", "type the same one twice"));
    }
    Ok(pin)
}

/// Says what will happen, and asks.
pub fn agrees(says: &[String], yes: bool) -> bool {
    says.iter().for_each(|sentence| output::say("note", sentence));
    if yes {
        return true;
    }
    if !io::stdin().is_terminal() {
        return false;
    }
    output::say("question", "go on? y and Enter for yes");
    line().is_some_and(|answer| matches!(answer.as_str(), "y" | "Y" | "yes"))
}

/// Waits for the words that stand for a reset.
///
/// # Errors
/// Something else was typed.
pub fn types_reset(key: &KeyName) -> Result<(), Failure> {
    let words = format!("delete everything on {}", key.path);
    output::say("note", &format!("{key}: every passkey on it, its PIN and its settings will be lost for good"));
    output::say("question", &format!("type “{words}” and Enter to reset it"));
    match line() {
        Some(typed) if typed == words => Ok(()),
        _ => Err(Failure::usage("something else was typed, so nothing was reset", "type the words as they stand")),
    }
}

fn line() -> Option<String> {
    let mut line = String::new();
    io::stdin().lock().take(1024).read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}
