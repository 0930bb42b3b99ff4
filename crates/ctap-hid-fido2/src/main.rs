//! `passkey-lab-ctap-hid-fido2`: one request as JSON on standard input, one reply as JSON on standard output.
//!
//! ```text
//! {"op": "info", "path": "/dev/hidraw3"}                 ->  {"ok": {...}}
//! {"op": "credentials", "path": "...", "pin": "..."}     ->  {"error": {"op": "...", "status": 49, "message": "..."}}
//! ```
//!
//! Operations: `list`, `info`, `register`, `sign-in`, `credentials`, `delete`, `set-pin`, `change-pin`. Bytes are
//! base64url. Nothing of the lab is in here: what the crate reads from a key, it hands on.

mod operations;
mod request;

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use request::Request;
use serde_json::{Value, json};

/// The longest request that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// An operation that failed.
pub struct Failed {
    /// The key's status, where the crate names one.
    pub status: Option<u8>,
    /// What the crate says.
    message: String,
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        let message = format!("{error:#}");
        Self { status: status(&message), message }
    }
}

impl From<String> for Failed {
    fn from(message: String) -> Self {
        Self { status: None, message }
    }
}

/// The crate's errors are texts: a status of a key stands in them as `0x31 CTAP2_ERR_PIN_INVALID`.
fn status(message: &str) -> Option<u8> {
    let (before, _) = message.split_once(" CTAP")?;
    let (_, hex) = before.rsplit_once("0x")?;
    u8::from_str_radix(hex.trim(), 16).ok()
}

fn main() -> ExitCode {
    let (op, result) = answer();
    let reply = match result {
        Ok(value) => json!({ "ok": value }),
        Err(Failed { status, message }) => json!({ "error": { "op": op, "status": status, "message": message } }),
    };
    match writeln!(io::stdout().lock(), "{reply}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer() -> (String, Result<Value, Failed>) {
    let mut text = String::new();
    if let Err(error) = io::stdin().lock().take(LONGEST).read_to_string(&mut text) {
        return (String::new(), Err(format!("standard input: {error}").into()));
    }
    match serde_json::from_str::<Request>(&text) {
        Ok(request) => (request.op.clone(), operations::run(&request)),
        Err(error) => (String::new(), Err(format!("the request cannot be read: {error}").into())),
    }
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn a_status_is_read_from_the_crates_text() {
        assert_eq!(status("response_status err = 0x31 CTAP2_ERR_PIN_INVALID PIN Invalid."), Some(0x31));
        assert_eq!(status("FIDO device not found."), None);
    }
}
