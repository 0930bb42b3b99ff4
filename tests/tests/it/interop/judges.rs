//! The judges: other people's verifiers, webauthn-rs-core, and our own relying party.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lab_jobs::input::cases;
use lab_jobs::models::Catalogue;
use lab_jobs::verify::{Options, Outcome};
use serde::Deserialize;

use super::responses::Made;

/// What a judge says of one response.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    pub result: String,
    #[serde(default)]
    pub why: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The command of a judge, or `None` where `scripts/test` has not set it up, which is said.
fn command(judge: &str) -> Option<Command> {
    let (variable, script, arguments): (_, _, &[&str]) = match judge {
        "@simplewebauthn/server" => ("PASSKEY_LAB_ORACLE_NODE", "simplewebauthn.mjs", &[]),
        name => ("PASSKEY_LAB_ORACLE_PYTHON", "python_oracles.py", &["--verifier", name]),
    };
    let Some(program) = std::env::var_os(variable) else {
        eprintln!("SKIPPED: {judge}: {variable} is not set; scripts/test installs the judges and sets it");
        return None;
    };
    let mut command = Command::new(program);
    command.arg(root().join("tests/oracles").join(script)).args(arguments);
    Some(command)
}

/// Asks a judge about every response: one case a line, one verdict a line.
pub fn ask(judge: &str, responses: &[Made]) -> Option<Vec<Verdict>> {
    let mut child = command(judge)?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> = responses.iter().map(|made| made.case.to_string()).collect();
    let writer = std::thread::spawn(move || lines.iter().for_each(|line| writeln!(input, "{line}").unwrap()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{judge}: {}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{judge}: {error}: {line}")))
            .collect(),
    )
}

fn verify(made: &Made, second_opinion: bool) -> Outcome {
    let catalogue = Catalogue::read(None).unwrap();
    let now = super::responses::AT.parse().unwrap();
    let options =
        Options { anchors: None, metadata: None, at: None, now, second_opinion, anatomy: false, catalogue: &catalogue };
    assert!(cases::read("made", &made.case.to_string()).unwrap()[0].is_ok());
    let mut outcome = Outcome::default();
    outcome.judge_file(Path::new("made.json"), &made.case.to_string(), &options);
    outcome
}

/// What webauthn-rs-core says.
pub fn second_opinion(made: &Made) -> Verdict {
    let mut outcome = verify(made, true);
    let opinion = outcome.cases.remove(0).second_opinion.unwrap();
    Verdict { result: opinion.verdict.to_owned(), why: opinion.why }
}

/// What is wrong by our own relying party, if anything is.
pub fn ours(made: &Made) -> Option<String> {
    let outcome = verify(made, false);
    let case = &outcome.cases[0];
    (case.outcome != "valid")
        .then(|| format!("{}: {} by {:?}: {}", made.id, case.outcome, case.decided_by, case.message))
}
