//! A key behind a door.

use std::io;
use std::path::Path;

use lab_protocol::Engine;

use crate::address::{Address, AddressError};
use crate::doors::Door;
use crate::hand::Hand;
use crate::key::{Handle, Key};
use crate::notice::{Notice, Notify};
use crate::uhid::Identity;
use crate::usb::UsbError;

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
    #[error("{0}: expected unix:PATH, tcp:ADDR, pty:PATH or hidraw:PATH")]
    NotATarget(Address),
    /// A real key that cannot be had.
    #[error(transparent)]
    Usb(#[from] UsbError),
    /// Not built yet.
    #[error("{0} comes later: today a key is at pty, unix:PATH or tcp:ADDR")]
    ComesLater(&'static str),
}

impl LinksError {
    /// What to do, where the system's own words do not say it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let error = match self {
            Self::Open { address: Address::Uhid, error } => error,
            Self::Usb(error) => return error.hint(),
            _ => return None,
        };
        match error.kind() {
            io::ErrorKind::PermissionDenied => Some(format!(
                "this account may not make devices; as root: echo '{UHID_RULE}' >/etc/udev/rules.d/70-passkey-lab.rules; \
                 udevadm control --reload; udevadm trigger --name-match=uhid"
            )),
            io::ErrorKind::NotFound if !Path::new("/dev/uhid").exists() => Some(NO_UHID.to_owned()),
            _ if error.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error()) => Some(NO_UHID.to_owned()),
            _ => None,
        }
    }
}

/// The rule of udev by which whoever sits at the machine may make devices.
const UHID_RULE: &str = r#"KERNEL=="uhid", SUBSYSTEM=="misc", OPTIONS+="static_node=uhid", TAG+="uaccess""#;
const NO_UHID: &str = "this kernel has no uhid, or its module is not loaded: try `modprobe uhid` as root; \
                       any client that takes a path takes that of --listen pty";

/// Where a key is plugged in, and as what.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where clients find it.
    pub address: Address,
    /// What it says of itself to the system, where the system asks.
    pub identity: Identity,
}

impl From<Address> for Place {
    fn from(address: Address) -> Self {
        Self { address, identity: Identity::default() }
    }
}

/// Serves a key in tasks of the current tokio runtime, until the last handle is dropped. Its address is
/// told by `notify`, each time that it is plugged in.
///
/// The engine works in its task: while it signs or writes its state, others of the same thread wait.
///
/// # Errors
/// [`LinksError`]: the door does not open.
pub fn serve<E>(engine: E, at: &Place, hand: Hand, notify: &Notify) -> Result<Handle, LinksError>
where
    E: Engine + Send + 'static,
{
    let door = Door::open(&at.address, &at.identity)?;
    let (key, handle) = Key::new(engine, hand, notify.clone());
    tokio::spawn(key.run());
    notify(Notice::Listening(door.address()));
    tokio::spawn(keep_open(door, at.clone(), handle.clone(), notify.clone()));
    Ok(handle)
}

/// A door that is there while the key is plugged in.
async fn keep_open(mut door: Door, Place { address, identity }: Place, key: Handle, notify: Notify) {
    let mut plugged = key.plugged();
    loop {
        // A port or path that was free stays the same; what the system gives a name is a new one.
        let named = matches!(address, Address::Pty(None) | Address::Uhid);
        let again = if named { address.clone() } else { door.address() };
        tokio::select! {
            error = door.serve(&key) => return notify(Notice::Closed(error.to_string())),
            out = plugged.wait_for(|plugged| !plugged) => if out.is_err() { return },
        }
        if plugged.wait_for(|plugged| *plugged).await.is_err() {
            return;
        }
        door = match Door::open(&again, &identity) {
            Ok(door) => door,
            Err(error) => return notify(Notice::Closed(error.to_string())),
        };
        notify(Notice::Listening(door.address()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(code: rustix::io::Errno) -> Option<String> {
        LinksError::Open { address: Address::Uhid, error: code.into() }.hint()
    }

    #[test]
    fn without_permission_the_hint_is_the_rule_of_the_file() {
        let hint = hint(rustix::io::Errno::ACCESS).unwrap();
        let file = include_str!("../../../scripts/70-passkey-lab.rules");
        assert!(hint.contains(UHID_RULE) && file.lines().any(|line| line == UHID_RULE), "{hint}");
    }

    #[test]
    fn a_kernel_without_uhid_is_told_apart() {
        assert_eq!(hint(rustix::io::Errno::NODEV).as_deref(), Some(NO_UHID));
        assert_eq!(hint(rustix::io::Errno::IO), None);
    }
}
