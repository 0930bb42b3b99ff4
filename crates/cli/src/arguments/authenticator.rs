//! `authenticator ...`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use lab_links::{Address, AddressError, loopback};

/// `authenticator ...`.
#[derive(Debug, Subcommand)]
pub enum AuthenticatorCommand {
    /// Plug in an emulated key, until Ctrl-C; one JSON line says where clients find it
    #[command(after_help = "Examples:
  passkey-lab authenticator run --model yubikey-5-nfc --listen pty
  passkey-lab authenticator run --model yubikey-5-nfc --listen unix:key.sock --state key.state --root root.pem
  passkey-lab authenticator run --model yubikey-bio-fido --listen tcp:127.0.0.1:7000 \\
      --touch ask --control 127.0.0.1:7001
  passkey-lab authenticator run --model yubikey-5-nfc --listen uhid --allow-rp-id ssh:

It answers localhost, *.localhost, *.test, *.example, *.invalid and what --allow-rp-id names.
Several keys are several of these: each has its own door, state and control port.
By uhid (Linux) every browser and program finds it as a USB key; 'listening' names its hidraw node.

Exit status: 0 ended by SIGTERM, 2 bad usage or state, 3 the door, port or state file is not to be had,
130 ended by Ctrl-C.")]
    Run(Box<Run>),
}

/// `authenticator run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The emulated model: an id of `models list`
    #[arg(long, value_name = "M")]
    pub model: String,
    /// Where clients find it: a pseudo-terminal, a unix socket, TCP on loopback (port 0 is any free one), or
    /// the kernel's list of USB keys
    #[arg(long, value_name = "pty|unix:PATH|tcp:ADDR|uhid", value_parser = door)]
    pub listen: Address,
    /// Who touches it: somebody always does, you are asked here or at the control port, somebody always declines
    #[arg(long, value_name = "auto|ask|deny", value_enum, default_value = "auto", hide_possible_values = true)]
    pub touch: TouchName,
    /// Keep its state in this file; else it is forgotten at exit
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Write the root that its attestations end in, as PEM: an anchor for whoever is to trust them
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Also answer this RP ID, compared exactly; repeatable
    #[arg(long = "allow-rp-id", value_name = "ID")]
    pub allow_rp_ids: Vec<String>,
    /// Take orders over HTTP here, on loopback: POST /touch/on|off, /verify/ok|fail, /power/on|off
    #[arg(long, value_name = "ADDR", value_parser = control)]
    pub control: Option<SocketAddr>,
    /// A file with the token of the control port; else PASSKEY_LAB_CONTROL_TOKEN, else one is made and printed
    #[arg(long, value_name = "FILE", requires = "control")]
    pub control_token_file: Option<PathBuf>,
}

/// Who touches the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TouchName {
    /// Somebody always does.
    Auto,
    /// Whoever is asked.
    Ask,
    /// Somebody always declines.
    Deny,
}

pub(super) fn door(text: &str) -> Result<Address, String> {
    let address: Address = text.parse().map_err(|error: AddressError| error.to_string())?;
    match address {
        Address::Pty(Some(_)) | Address::Hidraw(_) => Err("expected pty, unix:PATH, tcp:ADDR or uhid".to_owned()),
        _ => Ok(address),
    }
}

impl From<TouchName> for lab_links::Touch {
    fn from(name: TouchName) -> Self {
        match name {
            TouchName::Auto => Self::On,
            TouchName::Ask => Self::Off,
            TouchName::Deny => Self::Deny,
        }
    }
}

pub(super) fn control(text: &str) -> Result<SocketAddr, String> {
    loopback(text).map_err(|error| error.to_string())
}
