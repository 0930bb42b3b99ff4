//! A key behind a door.

use std::io;

use lab_protocol::Engine;

use crate::address::{Address, AddressError};
use crate::doors::Door;
use crate::hand::Hand;
use crate::key::{Handle, Key};
use crate::notice::{Notice, Notify};

/// Why a key cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LinksError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The system refuses.
    #[error("{address}: {error}")]
    Open {
        /// Where.
        address: Address,
        /// Why.
        error: io::Error,
    },
    /// The system gives no event loop.
    #[error("the system gives no event loop: {0}")]
    Runtime(io::Error),
    /// A place where clients go, not keys.
    #[error("{0}: expected pty, unix:PATH, tcp:ADDR or uhid")]
    NotADoor(Address),
    /// A place where keys go, not clients.
    #[error("{0}: expected unix:PATH, tcp:ADDR or pty:PATH")]
    NotATarget(Address),
    /// Not built yet.
    #[error("{0} comes later: today a key is at pty, unix:PATH or tcp:ADDR")]
    ComesLater(&'static str),
}

/// Serves a key in tasks of the current tokio runtime, until the last handle is dropped. Its address is
/// told by `notify`, each time that it is plugged in.
///
/// The engine works in its task: while it signs or writes its state, others of the same thread wait.
///
/// # Errors
/// [`LinksError`]: the door does not open.
pub fn serve<E>(engine: E, at: &Address, hand: Hand, notify: &Notify) -> Result<Handle, LinksError>
where
    E: Engine + Send + 'static,
{
    let door = Door::open(at)?;
    let (key, handle) = Key::new(engine, hand, notify.clone());
    tokio::spawn(key.run());
    notify(Notice::Listening(door.address()));
    tokio::spawn(keep_open(door, at.clone(), handle.clone(), notify.clone()));
    Ok(handle)
}

/// A door that is there while the key is plugged in.
async fn keep_open(mut door: Door, asked: Address, key: Handle, notify: Notify) {
    let mut plugged = key.plugged();
    loop {
        // A port or path that was free stays the same; a pseudo-terminal is a new one.
        let again = if asked == Address::Pty(None) { asked.clone() } else { door.address() };
        tokio::select! {
            error = door.serve(&key) => return notify(Notice::Closed(error.to_string())),
            out = plugged.wait_for(|plugged| !plugged) => if out.is_err() { return },
        }
        if plugged.wait_for(|plugged| *plugged).await.is_err() {
            return;
        }
        door = match Door::open(&again) {
            Ok(door) => door,
            Err(error) => return notify(Notice::Closed(error.to_string())),
        };
        notify(Notice::Listening(door.address()));
    }
}
