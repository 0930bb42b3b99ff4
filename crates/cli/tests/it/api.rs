//! The examples of the lab server's API, run as README shows them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::program::command;

/// A running lab; it ends with the test.
struct Lab {
    process: Child,
    origin: String,
}

impl Lab {
    fn start() -> Self {
        let arguments = ["serve", "--tenant", "example:fresh-default", "--listen", ":0", "--management", ":0"];
        let mut process = command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap();
        Self { process, origin: announced["listening"]["pages"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lab-server/examples")
}

#[test]
fn each_example_registers_and_signs_in() {
    let lab = Lab::start();
    for (interpreter, example) in [("python3", "register.py"), ("node", "register.mjs")] {
        let run = Command::new(interpreter)
            .arg(folder().join(example))
            .args([&lab.origin, "anna.seidel@lindenhof.example"])
            .output();
        let Ok(ran) = run else {
            println!("SKIPPED: {interpreter} is not installed");
            continue;
        };
        let said = String::from_utf8(ran.stdout).unwrap();
        assert_eq!(said, "register allowed\nsign-in allowed\n", "{example}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn the_readme_shows_an_example_as_it_is() {
    let readme = fs::read_to_string(folder().join("../../README.md")).unwrap();
    for (language, example) in [("python", "register.py"), ("js", "register.mjs")] {
        let example = fs::read_to_string(folder().join(example)).unwrap();
        assert!(readme.contains(&format!("```{language}\n{example}```")), "{language}");
    }
}
