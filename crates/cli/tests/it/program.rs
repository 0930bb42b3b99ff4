//! Running the program.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The seed and time of every run that is compared.
pub const FIXED: [&str; 4] = ["--seed", "7", "--at", "2026-11-20T12:00:00Z"];

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The program, with nothing of the terminal that the tests run in.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passkey-lab"));
    command.args(arguments).env_remove("COLUMNS").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

pub fn run(arguments: &[&str]) -> Ran {
    finish(&mut command(arguments))
}

pub fn finish(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs with this on standard input.
pub fn run_with(arguments: &[&str], input: &str) -> Ran {
    let mut command = command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A ceremony of `example:TENANT` that can be repeated.
pub fn ceremony(tenant: &str, model: &str, more: &[&str]) -> Ran {
    let tenant = format!("example:{tenant}");
    let arguments = ["ceremony", "--tenant", &tenant, "--model", model].into_iter().chain(FIXED);
    run(&arguments.chain(more.iter().copied()).collect::<Vec<_>>())
}

/// An empty folder of this test's own.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A recorded case of this folder.
pub fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(format!("{name}.json"))
}

impl Ran {
    /// The error that the program said, without its hint; the run has to have refused its input.
    pub fn refusal(&self) -> &str {
        assert_eq!((self.status, self.stdout.as_str()), (2, ""), "{self:?}");
        let first = self.stderr.lines().next().unwrap();
        first.strip_prefix("passkey-lab: error: ").unwrap_or_else(|| panic!("{self:?}"))
    }
}
