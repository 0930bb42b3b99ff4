//! Starting the program.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use lab_client::{Cause, ClientError};
use lab_jobs::real_key::Denial;
use lab_protocol::DeviceError;
use lab_protocol::ctap2::{Command as Ctap, StatusCode};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::MISSING;
use crate::failure::Failure;

/// What it is called.
const NAME: &str = "passkey-lab-ctap-hid-fido2";
/// The environment variable that says where it is.
const VARIABLE: &str = "PASSKEY_LAB_CTAP_HID_FIDO2";
/// How it is built, from the root of a checkout.
const BUILD: &str = "cargo build --release --manifest-path crates/ctap-hid-fido2/Cargo.toml";
/// The longest reply that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// The program, and the key that it is asked about.
pub struct Program {
    pub(super) path: PathBuf,
    pub(super) key: Option<String>,
}

impl Program {
    /// The program: as the environment says, beside this one, or in the search path.
    pub fn find() -> Result<Self, Failure> {
        let named = std::env::var_os(VARIABLE).map(PathBuf::from);
        let beside = || Some(std::env::current_exe().ok()?.with_file_name(NAME));
        let searched = std::env::var_os("PATH").unwrap_or_default();
        let searched = std::env::split_paths(&searched).map(|folder| folder.join(NAME));
        let mut places = named.into_iter().chain(beside()).chain(searched);
        let path = places.find(|path| path.is_file()).ok_or_else(|| Failure {
            message: format!("the program {NAME} is not there"),
            hint: Some(format!(
                "build it with `{BUILD}` (libudev-dev and pkg-config are needed) and put it beside passkey-lab, or \
                 name it in {VARIABLE}"
            )),
            status: MISSING,
        })?;
        Ok(Self { path, key: None })
    }

    /// One request, one reply.
    pub fn run(&self, mut request: Value) -> Result<Value, Denial> {
        if let Some(key) = &self.key {
            request["path"] = key.as_str().into();
        }
        let request = Zeroizing::new(request.to_string());
        let gone = |error: std::io::Error| Denial::Unusable(format!("{}: {error}", self.path.display()));
        let mut child = Command::new(&self.path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(gone)?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(request.as_bytes()) {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(gone(error)),
                _ => {}
            }
        }
        let mut reply = String::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(LONGEST).read_to_string(&mut reply).map_err(gone)?;
        }
        child.wait().map_err(gone)?;
        // The crate may write lines of its own before the reply.
        let line = reply.lines().rev().find(|line| line.starts_with('{')).unwrap_or_default();
        let mut reply: Value = serde_json::from_str(line)
            .map_err(|error| Denial::Unusable(format!("{NAME} did not answer with JSON: {error}")))?;
        match reply.get("error") {
            Some(error) => Err(denial(error)),
            None => Ok(reply["ok"].take()),
        }
    }
}

/// What the program was refused.
fn denial(error: &Value) -> Denial {
    let message = error["message"].as_str().unwrap_or("it does not say why").to_owned();
    match error["status"].as_u64().and_then(|status| u8::try_from(status).ok()) {
        Some(status) => {
            let command = match error["op"].as_str() {
                Some("register") => Ctap::MAKE_CREDENTIAL,
                Some("sign-in") => Ctap::GET_ASSERTION,
                Some("credentials" | "delete") => Ctap::CREDENTIAL_MANAGEMENT,
                Some("set-pin" | "change-pin") => Ctap::CLIENT_PIN,
                _ => Ctap::GET_INFO,
            };
            let resident_key_required = command == Ctap::MAKE_CREDENTIAL;
            ClientError::from(Cause::Refused { command, status: StatusCode(status), resident_key_required }).into()
        }
        None => Denial::Device(DeviceError::Gone(message)),
    }
}
