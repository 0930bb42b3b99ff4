//! Writes a tenant of many users: `generate-tenant --users 100000 --seed 7 DIR`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs, io};

use lab_tests::crowd;

/// The most users that the lab reads of a tenant.
const MAX_USERS: usize = 1_000_000;

fn main() -> ExitCode {
    let Some((users, seed, folder)) = arguments() else {
        say("usage: generate-tenant [--users N] [--seed N] DIR (a folder that does not exist)");
        return ExitCode::from(2);
    };
    match write(users, seed, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{}: {error}", folder.display()));
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Option<(usize, u64, PathBuf)> {
    let (mut users, mut seed, mut folder) = (100_000, 7, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--users" => users = arguments.next()?.parse().ok().filter(|users| *users <= MAX_USERS)?,
            "--seed" => seed = arguments.next()?.parse().ok()?,
            _ if argument.starts_with('-') || folder.is_some() => return None,
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    Some((users, seed, folder?))
}

fn write(users: usize, seed: u64, folder: &PathBuf) -> io::Result<()> {
    fs::create_dir(folder)?;
    crowd::files(users, seed).iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

/// A tool for developers: it may print.
#[expect(clippy::print_stderr, reason = "this program talks to whoever runs it")]
fn say(line: &str) {
    eprintln!("{line}");
}
