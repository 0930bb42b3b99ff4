//! `conformance ...`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use lab_links::{Address, AddressError};

use super::authenticator::control;

/// `conformance ...`.
#[derive(Debug, Subcommand)]
pub enum ConformanceCommand {
    /// The case catalogue for authenticators: CTAPHID, CTAP2 and U2F
    #[command(after_help = "Examples:
  passkey-lab conformance authenticator --target model:yubikey-5-nfc -v
  passkey-lab conformance authenticator --target model:yubikey-bio-fido --format junit --output cases.xml
  passkey-lab conformance authenticator --target unix:key.sock --case 'au.hid.*' --case au.mc.base
  passkey-lab conformance authenticator --target tcp:127.0.0.1:7000 --destructive
  passkey-lab conformance authenticator --target unix:key.sock --destructive \\
      --control 127.0.0.1:7001 --control-token-file token

Cases that set a PIN, change settings or reset run against a device only with --destructive; a device takes
resets only in the first seconds after it was plugged in. A PIN that somebody set is never tried. With the
control port of `authenticator run`, the key is unplugged and touched as the cases need it.

Exit status: 0 no case failed, 1 one did, 2 bad usage, 3 the target does not answer.")]
    Authenticator(Conformance),
}

/// `conformance authenticator`.
#[derive(Debug, Args)]
pub struct Conformance {
    /// What is tested: a model in memory, or a device that somebody listens for
    #[arg(long, value_name = "model:ID|unix:PATH|tcp:ADDR|pty:PATH|hidraw:PATH")]
    pub target: TargetName,
    /// Only this case, or those that begin so: au.mc.base, 'au.pin.*'; repeatable
    #[arg(long = "case", value_name = "ID")]
    pub cases: Vec<String>,
    /// Let cases reset a device that is no model: everything on it is lost
    #[arg(long)]
    pub destructive: bool,
    /// The control port of the device: somebody unplugs it there, plugs it in again, and touches it or not
    #[arg(long, value_name = "ADDR", value_parser = control)]
    pub control: Option<SocketAddr>,
    /// A file with the token of the control port; else PASSKEY_LAB_CONTROL_TOKEN
    #[arg(long, value_name = "FILE", requires = "control")]
    pub control_token_file: Option<PathBuf>,
}

/// What is tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetName {
    /// A model, by its id.
    Model(String),
    /// A device.
    Device(Address),
}

impl FromStr for TargetName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(id) = text.strip_prefix("model:") {
            return Ok(Self::Model(id.to_owned()));
        }
        let expected =
            |found: &str| format!("expected model:ID, unix:PATH, tcp:ADDR, pty:PATH or hidraw:PATH, found “{found}”");
        match text.parse::<Address>() {
            Ok(Address::Pty(None) | Address::Uhid) | Err(AddressError::Kind(_)) => Err(expected(text)),
            Ok(address) => Ok(Self::Device(address)),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_models_or_devices() {
        assert_eq!("model:yubikey-5-nfc".parse(), Ok(TargetName::Model("yubikey-5-nfc".to_owned())));
        assert_eq!("unix:a.sock".parse(), Ok(TargetName::Device(Address::Unix("a.sock".into()))));
        assert!("pty".parse::<TargetName>().is_err() && "yubikey-5-nfc".parse::<TargetName>().is_err());
    }
}
