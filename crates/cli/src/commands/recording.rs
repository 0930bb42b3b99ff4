//! `--record FILE`: the tape of a run, and where it goes.

use std::path::Path;

use lab_client::transcript::{Clock, Own, Tape};

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;

/// Options that say where the result goes and how it looks: they are no part of what was done. Those without a value
/// come second.
const ASIDE: (&[&str], &[&str]) =
    (&["--record", "--output", "--format", "--color"], &["-v", "--verbose", "-q", "--quiet"]);

/// An empty tape of this program's.
pub(super) fn tape(clock: Clock) -> Tape {
    Tape::new(("passkey-lab", env!("CARGO_PKG_VERSION")), Own::default(), clock)
}

/// The arguments of this run, as far as they say what is done.
pub(super) fn arguments() -> Vec<String> {
    without_aside(std::env::args().skip(1))
}

fn without_aside(mut arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        let name = argument.split('=').next().unwrap_or_default();
        if ASIDE.0.contains(&name) {
            if name == argument {
                arguments.next();
            }
        } else if !(ASIDE.1.contains(&name) || argument.starts_with("-v") && argument[1..].chars().all(|c| c == 'v')) {
            kept.push(argument);
        }
    }
    kept
}

/// Writes what was recorded, whatever came of the run.
///
/// # Errors
/// The file cannot be written.
pub(super) fn keep(tape: &Tape, file: &Path, global: &Global) -> Result<(), Failure> {
    let transcript = tape.transcript();
    output::write(file, &transcript.to_lines())?;
    if !global.quiet {
        let exchanges = transcript.exchanges.len();
        output::say("note", &format!("{exchanges} exchanges are recorded in {}; no PIN is in it", file.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_says_how_a_result_looks_is_left_out() {
        let all = [
            "ceremony",
            "--record",
            "a",
            "--tenant",
            "t",
            "-vv",
            "--format=json",
            "-q",
            "--seed",
            "7",
            "--color",
            "never",
        ];
        let kept = without_aside(all.into_iter().map(str::to_owned));
        assert_eq!(kept, ["ceremony", "--tenant", "t", "--seed", "7"]);
    }
}
