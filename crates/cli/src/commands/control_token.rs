//! The token of a control port: from a file or the environment, never an argument.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// The environment variable with the token.
pub(super) const VARIABLE: &str = "PASSKEY_LAB_CONTROL_TOKEN";
/// The longest token that is read.
const LONGEST: usize = 1024;

/// The token that the user gave, where one was.
pub(super) fn given(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let (text, from) = match (file, std::env::var(VARIABLE)) {
        (Some(file), _) => {
            let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            (text, file.display().to_string())
        }
        (None, Ok(text)) => (text, VARIABLE.to_owned()),
        (None, Err(_)) => return Ok(None),
    };
    let text = text.trim().to_owned();
    if text.is_empty() || text.len() > LONGEST || !text.chars().all(|c| c.is_ascii_graphic()) {
        let message = format!("{from}: expected a token of 1 to {LONGEST} visible ASCII characters");
        return Err(Failure::usage(message, "any random text will do"));
    }
    Ok(Some(text))
}
