//! The lab server as a process.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::Origin;

/// A running `passkey-lab serve`.
pub struct Lab {
    /// Where its pages are.
    pub origin: Origin,
    process: Child,
}

impl Lab {
    /// Starts it, without waiting until it is ready.
    ///
    /// # Panics
    /// The program cannot be run.
    #[must_use]
    pub fn spawn(program: &Path, data: &Path) -> Child {
        Command::new(program)
            .args(["serve", "--tenant", "example:fresh-default", "--rate-limit", "0"])
            .args(["--listen", ":0", "--management", ":0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Starts it, and waits until it says where it listens.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(program: &Path, data: &Path) -> Self {
        let mut process = Self::spawn(program, data);
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the lab did not start: {line:?}"));
        let pages = said["listening"]["pages"].as_str().unwrap();
        let port = pages.rsplit(':').next().unwrap().parse().unwrap();
        Self { origin: Origin { port }, process }
    }

    /// Ends it with SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
