//! The doors of the system: whatever opens a device, listens, or reads the clock for an emulated key.
//!
//! * [`serve`]: an [`Engine`](lab_protocol::Engine) behind a pseudo-terminal, a unix socket, TCP on
//!   loopback or the kernel's uhid, for any CTAPHID client, until it is told to stop.
//! * [`Guarded`]: the same engine, answering only the relying parties of a laboratory.
//! * [`Durable`]: the same engine, with a state file that is written before a reply leaves.
//! * [`control`]: touch, power and verification over HTTP, for tests that play the person; [`Remote`] is its client.
//! * [`Running`]: all of that on a thread of its own, for a program.
//! * [`Wire`]: the client's side of the same doors, as a [`Link`](lab_hid::Link).
//! * [`usb`]: real keys that are plugged in: found, opened, asked.
//!
//! Each key has one task that owns it; clients are told apart by their connection.

mod address;
pub mod control;
mod doors;
mod guard;
mod hand;
mod key;
mod notice;
mod remote;
mod report;
mod running;
mod serve;
mod state;
pub mod uhid;
pub mod usb;
mod wire;

pub use address::{Address, AddressError, loopback};
pub use guard::{Guarded, RpIds};
pub use hand::{Hand, Touch};
pub use key::{Handle, Order, State};
pub use notice::{Notice, Notify};
pub use remote::{Remote, RemoteError};
pub use running::{Happening, Orders, Running, Setup};
pub use serve::{LinksError, Place, serve};
pub use state::{Durable, StateFile, StateFileError};
pub use uhid::Identity;
pub use wire::Wire;

use jiff::Timestamp;

/// The system's clock.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}
