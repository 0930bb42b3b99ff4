//! `serve`: what it refuses before it starts, and what it says when it has started.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use super::program::{command, run, scratch};

const FREE: [&str; 5] = ["serve", "--listen", ":0", "--management", ":0"];

fn refused(more: &[&str]) -> String {
    run(&FREE.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()).refusal().to_owned()
}

/// A running lab, and the line that it said.
struct Serving {
    child: Child,
    said: Value,
}

impl Serving {
    fn start(more: &[&str]) -> Self {
        let arguments: Vec<_> = FREE.into_iter().chain(more.iter().copied()).collect();
        let mut child = command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, said }
    }

    fn ask(&self, url: &str, request: &str) -> String {
        let address = url.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).unwrap();
        let head = format!("{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
        let token = self.said["token"].as_str().unwrap();
        write!(socket, "{head}authorization: Bearer {token}\r\nx-passkey-lab: tests\r\n\r\n").unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Stops it by its management port, and gives its status and what it said to people.
    fn stop(mut self) -> (i32, String) {
        let answer = self.ask(self.said["listening"]["management"].as_str().unwrap(), "POST /stop");
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code().unwrap(), said)
    }
}

#[test]
fn options_that_say_two_things_are_refused() {
    let host = "https://lab.corp.example";
    for (more, says) in [
        (&["--cert", "c.pem", "--key", "k.pem"][..], "--cert needs to know for which origin"),
        (
            &["--origin", "http://lab.corp.example", "--cert", "c.pem", "--key", "k.pem"],
            "--cert is for an origin of https",
        ),
        (&["--origin", "https://login.microsoft.com"], "expected a host of your own"),
        (
            &["--origin", "https://login.microsoftonline.com", "--cert", "c", "--key", "k"],
            "expected a host of your own",
        ),
    ] {
        let error = refused(more);
        assert!(error.contains(says), "{more:?}: {error}");
    }
    let everywhere = ["serve", "--listen", "0.0.0.0:0", "--management", ":0", "--entra-host"];
    let mut entra = command(&everywhere);
    let ran = super::program::finish(entra.env("PASSKEY_LAB_TOKEN", "0123456789abcdef"));
    assert!(ran.refusal().contains("--entra-host is for this machine alone"), "{ran:?}");
    for more in
        [&["--origin", host, "--entra-host"][..], &["--origin", host, "--tls"], &["--tls=0.0.0.0:1"], &["--cert", "c"]]
    {
        let ran = run(&FREE.into_iter().chain(more.iter().copied()).collect::<Vec<_>>());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{ran:?}");
    }
}

#[test]
fn a_certificate_that_does_not_fit_is_refused_with_its_file_and_without_its_key() {
    let folder = scratch("serve-certificate");
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let own_ca = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jobs/src/models/tests");
    let (ca, ca_key) = (own_ca.join("own-ca.pem"), own_ca.join("own-ca.key"));
    let (ca, ca_key) = (ca.to_str().unwrap(), ca_key.to_str().unwrap());
    fs::write(at("empty.pem"), "").unwrap();
    let secret = fs::read_to_string(ca_key).unwrap();
    let secret = secret.lines().nth(1).unwrap();
    for (certificate, key, says) in [
        (at("none.pem"), ca_key.to_owned(), "none.pem: No such file"),
        (at("empty.pem"), ca_key.to_owned(), "empty.pem: the certificate file has no"),
        (ca.to_owned(), at("empty.pem"), "empty.pem: the key file has no private key"),
        (ca.to_owned(), ca_key.to_owned(), "own-ca.pem: the "),
    ] {
        let more = ["--origin", "https://lab.corp.example", "--cert", &certificate, "--key", &key];
        let ran = run(&FREE.into_iter().chain(more).collect::<Vec<_>>());
        assert!(ran.refusal().contains(says), "{ran:?}");
        assert!(ran.stderr.contains("hint: ") || says.contains("No such"), "{ran:?}");
        assert!(!ran.stderr.contains(secret));
    }
}

#[test]
fn entras_host_is_announced_with_a_browser_whose_profile_goes_with_the_lab() {
    let lab = Serving::start(&["--entra-host", "--tls=:0"]);
    let listening = &lab.said["listening"];
    assert_eq!(listening["entra"], "https://login.microsoft.com");
    assert!(listening["secure"].as_str().unwrap().starts_with("https://localhost:"));
    let words: Vec<_> =
        lab.said["browser"]["command"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let profile = words.iter().find_map(|word| word.strip_prefix("--user-data-dir=")).unwrap().to_owned();
    assert!(Path::new(&profile).is_dir());
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&profile).unwrap().permissions()) & 0o777, 0o700);
    let pin = lab.said["browser"]["spkiSha256"].as_str().unwrap();
    assert!(words.contains(&format!("--ignore-certificate-errors-spki-list={pin}").as_str()));
    let nonce = lab.ask(listening["pages"].as_str().unwrap(), "GET /.well-known/passkey-lab");
    assert!(nonce.contains(lab.said["nonce"].as_str().unwrap()), "{nonce}");
    let (status, said) = lab.stop();
    assert_eq!(status, 0);
    assert!(
        said.contains("no CA is trusted: chromium '--") || said.contains("no CA is trusted: chromium --"),
        "{said}"
    );
    assert!(!Path::new(&profile).exists(), "it is thrown away");
}

#[test]
fn a_port_that_is_taken_is_missing_and_its_option_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let tls = format!("--tls=:{}", taken.local_addr().unwrap().port());
    let ran = run(&FREE.into_iter().chain([tls.as_str()]).collect::<Vec<_>>());
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{ran:?}");
    assert!(ran.stderr.contains("--tls and --management name other ports"), "{ran:?}");
}

#[test]
fn a_seed_does_not_make_the_key_of_tls() {
    let pin = || {
        let lab = Serving::start(&["--tls=:0", "--seed", "7", "--at", "2026-11-28T12:00:00Z"]);
        let pin = lab.said["browser"]["spkiSha256"].as_str().unwrap().to_owned();
        (lab.stop().0, pin)
    };
    let (first, second) = (pin(), pin());
    assert_eq!((first.0, second.0), (0, 0));
    assert_ne!(first.1, second.1);
}

#[test]
fn anchors_are_certificates_of_a_file_or_a_folder() {
    let folder = scratch("serve-anchors");
    let empty = folder.to_str().unwrap();
    assert!(refused(&["--anchors", empty]).contains("the folder has no .pem, .crt, .cer or .der file"));
    let odd = folder.join("odd.pem");
    fs::write(&odd, "nothing").unwrap();
    assert!(refused(&["--anchors", odd.to_str().unwrap()]).contains("odd.pem: expected a certificate"));
    let root = folder.join("root.pem");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../jobs/src/models/tests/own-ca.pem"), &root).unwrap();
    assert_eq!(Serving::start(&["--anchors", root.to_str().unwrap()]).stop().0, 0);
}
