//! Writes `fixtures/cases`, or says in what the folder differs: see `scripts/fixtures`.

use std::path::Path;
use std::process::ExitCode;

use lab_tests::fixtures;
use lab_tests::folder::Folder;

fn main() -> ExitCode {
    let folder = Folder::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/cases"));
    let check = std::env::args().nth(1).as_deref() == Some("--check");
    let files = fixtures::files();
    let done = if check { folder.differences(&files) } else { folder.write(&files).map(|()| Vec::new()) };
    match done {
        Ok(differences) => report(&differences),
        Err(error) => {
            say(&format!("fixtures/cases: {error}"));
            ExitCode::from(2)
        }
    }
}

fn report(differences: &[String]) -> ExitCode {
    differences.iter().for_each(|difference| say(difference));
    if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A tool for developers: it may print.
#[expect(clippy::print_stderr, reason = "this program talks to whoever runs it")]
fn say(line: &str) {
    eprintln!("{line}");
}
