//! `key ...`: what is done with a security key that belongs to somebody.
//!
//! Real keys are guests. What is written to one is said before, asked for, and in a [`Ledger`] before
//! the key waits for its touch; cleaning deletes exactly that. No key but an emulated one of the same
//! process is ever handed a user handle of Entra's ([`Plan`]), and names that are not a laboratory's
//! are written for only where the key's own list says that nothing is replaced ([`guard`]).
//!
//! The client is an argument: [`KeyClient`] is the lab's own client over any
//! [`Device`](lab_protocol::Device), or a program that nobody here wrote.

mod about;
mod clean;
mod client;
mod credentials;
pub mod guard;
mod judging;
mod ledger;
mod register;
mod request;
mod sign_in;

use lab_protocol::Aaguid;
use serde::{Deserialize, Serialize};

pub use about::{Info, Listed, changed_pin, info, list, pin, was_reset};
pub use clean::{Cleaning, clean};
pub use client::{Denial, KeyClient};
pub use credentials::{Held, credentials};
pub use guard::GuardError;
pub use ledger::{Book, Entry, Ledger, LedgerError, State};
pub use register::{Plan, Registered};
pub use request::Request;
pub use sign_in::SignedIn;

/// The relying party of the lab, for which it writes to a key unless somebody chooses another.
pub const RP_ID: &str = "passkey-lab.test";

/// A key, as results and the ledger name it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyName {
    /// Where it is plugged in, such as `/dev/hidraw3`.
    pub path: String,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Its serial number, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// USB vendor and product id, such as `1050:0407`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usb: Option<String>,
    /// Its model, once it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<Aaguid>,
}

impl KeyName {
    /// Whether both are certainly the same key: model and serial number say so.
    #[must_use]
    pub fn is_certainly(&self, other: &Self) -> bool {
        self.serial.is_some() && (&self.serial, self.aaguid, &self.usb) == (&other.serial, other.aaguid, &other.usb)
    }
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.product {
            Some(product) => write!(f, "{product} ({})", self.path),
            None => f.write_str(&self.path),
        }
    }
}

#[cfg(test)]
mod tests;
