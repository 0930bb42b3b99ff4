//! `authenticator run` as its clients meet it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lab_hid::{Channel, ErrorCode, Frame, HidDevice, HidError, Link as _, Packet, split};
use lab_links::Wire;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{self, Descriptor, RpEntity, StatusCode, UserEntity, get_assertion, make_credential};
use lab_protocol::webauthn::AuthenticatorData;
use lab_protocol::{Device as _, Message, Status};
use serde_json::Value;

use crate::program::{command, run};

/// A folder whose name is short enough for a socket in it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("lab-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running key.
pub(crate) struct Key {
    process: Child,
    /// What it says of itself.
    pub(crate) line: Value,
}

impl Key {
    fn start(arguments: &[&str]) -> Self {
        let mut process = spawn(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let line = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut said = String::new();
            process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("{said}")
        });
        Self { process, line }
    }

    pub(crate) fn at(path: &Path, more: &[&str]) -> Self {
        let listen = format!("unix:{}", path.display());
        Self::start(&[&["--model", "yubikey-5-nfc", "--listen", &listen][..], more].concat())
    }

    fn device(&self) -> HidDevice<Wire> {
        let address = self.line["listening"].as_str().unwrap().parse().unwrap();
        HidDevice::open(Wire::connect(&address).unwrap(), [7; 8]).unwrap()
    }

    fn order(&self, method: &str, path: &str, headers: &[&str]) -> (u16, String) {
        let address = self.line["control"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        write!(stream, "{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer[9..12].parse().unwrap(), answer)
    }

    fn obeys(&self, path: &str) -> String {
        let address = self.line["control"].as_str().unwrap().strip_prefix("http://").unwrap();
        let token = format!("Authorization: Bearer {}", self.line["token"].as_str().unwrap());
        let (status, answer) = self.order("POST", path, &[&format!("Host: {address}"), &token, "X-Passkey-Lab: 1"]);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    fn end(mut self, signal: &str) -> i32 {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        self.process.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(arguments: &[&str]) -> Command {
    command(&[&["authenticator", "run"], arguments].concat())
}

fn patient(_: Status) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn call(device: &mut HidDevice<Wire>, command: ctap2::Command, parameters: &[u8]) -> (StatusCode, Vec<u8>) {
    let message = [&[command.0], parameters].concat();
    let reply = device.call(Message::Cbor(&message), &mut patient).unwrap();
    (StatusCode(reply[0]), reply[1..].to_vec())
}

fn creation(rp_id: &str, user: u32) -> Vec<u8> {
    let user = UserEntity { id: user.to_be_bytes().to_vec(), name: Some("ada".into()), display_name: None };
    let request = make_credential::Request {
        rp: RpEntity { id: rp_id.into(), name: None },
        user,
        pub_key_cred_params: vec![("public-key".into(), Algorithm::ES256)],
        ..Default::default()
    };
    request.encode()
}

/// Makes a credential and gives its id.
fn make(device: &mut HidDevice<Wire>, user: u32) -> Vec<u8> {
    let (status, body) = call(device, ctap2::Command::MAKE_CREDENTIAL, &creation("lab.test", user));
    assert_eq!(status, StatusCode::OK);
    let response = make_credential::Response::parse(&body).unwrap();
    AuthenticatorData::parse(&response.auth_data).unwrap().attested.unwrap().credential_id.to_vec()
}

fn knows(device: &mut HidDevice<Wire>, id: &[u8]) -> bool {
    let request = get_assertion::Request {
        rp_id: "lab.test".into(),
        allow_list: Some(vec![Descriptor::new(id)]),
        options: vec![("up".into(), false)],
        ..Default::default()
    };
    call(device, ctap2::Command::GET_ASSERTION, &request.encode()).0 == StatusCode::OK
}

fn socket(scratch: &Scratch) -> PathBuf {
    scratch.path("key.sock")
}

#[test]
fn each_door_serves_the_same_key() {
    let scratch = Scratch::new("doors");
    let unix = format!("unix:{}", socket(&scratch).display());
    for listen in [&unix, "tcp:127.0.0.1:0", "tcp:[::1]:0", "pty"] {
        let key = Key::start(&["--model", "yubikey-5-nfc", "--listen", listen]);
        let mut device = key.device();
        assert_eq!(device.opened().facts.version, [5, 7, 1], "{listen}");
        let id = make(&mut device, 1);
        assert_eq!(device.ping(&[5; 7609]).unwrap(), [5; 7609]);
        drop(device);
        assert!(knows(&mut key.device(), &id), "{listen}");
        let status = key.end(if listen == "pty" { "-TERM" } else { "-INT" });
        assert_eq!(status, if listen == "pty" { 0 } else { 130 });
    }
    assert!(!socket(&scratch).exists(), "the socket goes with the key");
}

#[test]
fn reports_may_come_with_their_id() {
    let scratch = Scratch::new("report-id");
    let _key = Key::at(&socket(&scratch), &[]);
    let mut stream = UnixStream::connect(socket(&scratch)).unwrap();
    let mut say = |packets: Vec<Packet>| -> Packet {
        packets.iter().for_each(|packet| stream.write_all(&[&[0], &packet[..]].concat()).unwrap());
        let mut reply = [0; 64];
        stream.read_exact(&mut reply).unwrap();
        reply
    };
    let opened = say(split(Channel::BROADCAST, lab_hid::Command::INIT, &[3; 8]).unwrap().collect());
    let channel = Channel(u32::from_be_bytes(opened[15..19].try_into().unwrap()));
    let pong = say(split(channel, lab_hid::Command::PING, &[9; 50]).unwrap().collect());
    let Frame::Initialization { data, .. } = Frame::read(&pong) else { panic!("{pong:?}") };
    assert_eq!(data[..50], [9; 50]);
}

#[test]
fn a_client_that_vanishes_leaves_the_key_to_others() {
    let scratch = Scratch::new("vanish");
    let key = Key::at(&socket(&scratch), &["--touch", "ask", "--control", "127.0.0.1:0"]);
    let mut stays = key.device();
    // In the middle of a report, of a message, and of a wait.
    UnixStream::connect(socket(&scratch)).unwrap().write_all(&[0xff; 30]).unwrap();
    let mut gone = key.device();
    let channel = gone.opened().channel;
    let first = split(channel, lab_hid::Command::PING, &[1; 500]).unwrap().next().unwrap();
    gone.link_mut().send(&first).unwrap();
    drop(gone);
    assert_eq!(stays.ping(&[1; 100]).unwrap(), [1; 100]);
    let mut gone = key.device();
    let channel = gone.opened().channel;
    let message = [&[ctap2::Command::MAKE_CREDENTIAL.0][..], &creation("lab.test", 1)].concat();
    gone.send(channel, lab_hid::Command::CBOR, &message).unwrap();
    let soon = gone.link_mut().now() + Duration::from_secs(5);
    assert_eq!(gone.receive(channel, soon).unwrap(), Some((lab_hid::Command::KEEPALIVE, vec![2])));
    assert_eq!(stays.ping(&[1]), Err(HidError::Error(ErrorCode::CHANNEL_BUSY)));
    drop(gone);
    let until = Instant::now() + Duration::from_secs(5);
    while stays.ping(&[1]).is_err() {
        assert!(Instant::now() < until, "the key is still busy with a client that is gone");
    }
    assert!(key.obeys("/touch/on").contains("\"waiting\":null"));
    make(&mut stays, 1);
}

#[test]
fn whatever_is_written_to_it_the_next_client_is_served() {
    let scratch = Scratch::new("noise");
    let key = Key::at(&socket(&scratch), &[]);
    let mut byte = 1_u32;
    for _ in 0..20 {
        let noise: Vec<u8> = (0..64 * 200)
            .map(|_| {
                byte = byte.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                byte.to_be_bytes()[0]
            })
            .collect();
        // The key may hang up on it.
        let _ = UnixStream::connect(socket(&scratch)).unwrap().write_all(&noise);
        assert_eq!(key.device().ping(&[1; 60]).unwrap(), [1; 60]);
    }
}

#[test]
fn the_person_is_played_over_http() {
    let scratch = Scratch::new("control");
    let key = Key::at(&socket(&scratch), &["--touch", "deny", "--control", "127.0.0.1:0"]);
    let mut device = key.device();
    let refused = call(&mut device, ctap2::Command::SELECTION, &[]).0;
    assert_eq!(refused, StatusCode::OPERATION_DENIED);
    assert!(key.obeys("/touch/on").contains("\"touch\":\"on\""));
    assert_eq!(call(&mut device, ctap2::Command::SELECTION, &[]).0, StatusCode::OK);
    assert!(key.obeys("/verify/fail").contains("\"verify\":\"fail\""));
    key.obeys("/verify/ok");
    key.obeys("/power/off");
    assert!(device.ping(&[1]).is_err(), "its connection is gone");
    assert!(!socket(&scratch).exists());
    key.obeys("/power/on");
    assert_eq!(key.device().ping(&[1]).unwrap(), [1]);
}

#[test]
fn orders_need_the_token_the_header_and_the_right_host() {
    let scratch = Scratch::new("admission");
    let key = Key::at(&socket(&scratch), &["--control", "127.0.0.1:0"]);
    let host = format!("Host: {}", key.line["control"].as_str().unwrap().strip_prefix("http://").unwrap());
    let token = format!("Authorization: Bearer {}", key.line["token"].as_str().unwrap());
    let lab = "X-Passkey-Lab: 1";
    for (status, headers) in [
        (200, vec![&host[..], &token, lab]),
        (401, vec![&host, lab]),
        (401, vec![&host, "Authorization: Bearer 00", lab]),
        (403, vec![&host, &token]),
        (403, vec!["Host: rebound.example:80", &token, lab]),
        (403, vec!["Host: 127.0.0.1", &token, lab]),
    ] {
        assert_eq!(key.order("POST", "/touch/off", &headers).0, status, "{headers:?}");
    }
    assert_eq!(key.order("GET", "/touch/off", &[&host, &token, lab]).0, 405);
    assert_eq!(key.order("POST", "/reboot", &[&host, &token, lab]).0, 404);
}

#[test]
fn it_answers_laboratories_and_whom_it_was_told() {
    let scratch = Scratch::new("guardrail");
    let key = Key::at(&socket(&scratch), &["--allow-rp-id", "ssh:"]);
    let mut device = key.device();
    for (rp_id, status) in [
        ("login.microsoft.com", StatusCode::OPERATION_DENIED),
        ("ssh", StatusCode::OPERATION_DENIED),
        ("ssh:", StatusCode::OK),
        ("localhost", StatusCode::OK),
    ] {
        assert_eq!(call(&mut device, ctap2::Command::MAKE_CREDENTIAL, &creation(rp_id, 1)).0, status, "{rp_id}");
    }
    drop(key);
    let seeded = Key::at(&socket(&scratch), &["--allow-rp-id", "ssh:", "--seed", "7"]);
    let reply = call(&mut seeded.device(), ctap2::Command::MAKE_CREDENTIAL, &creation("ssh:", 1));
    assert_eq!(reply.0, StatusCode::OPERATION_DENIED, "anybody has the keys of a seed");
}

#[test]
fn what_cannot_be_opened_says_why() {
    let scratch = Scratch::new("statuses");
    let model = ["authenticator", "run", "--model", "yubikey-5-nfc"];
    let with = |more: &[&str]| run(&[&model[..], more].concat());
    for (status, more, said) in [
        (2, vec!["--listen", "tcp:0.0.0.0:1"], "expected an address of loopback"),
        (2, vec!["--listen", "pty:/dev/pts/1"], "expected pty, unix:PATH"),
        (2, vec!["--listen", "pty", "--control", "192.0.2.1:1"], "expected an address of loopback"),
        (2, vec!["--listen", "pty", "--state", "x", "--seed", "1"], "do not go together"),
        (3, vec!["--listen", "unix:/nowhere/key"], "unix:/nowhere/key: "),
        (2, vec!["--listen", "pty", "--control-token-file", "x"], "--control"),
    ] {
        let ran = with(&more);
        assert_eq!((ran.status, ran.stderr.contains(said)), (status, true), "{more:?}: {}", ran.stderr);
    }
    if fs::File::options().read(true).write(true).open("/dev/uhid").is_err() {
        let ran = with(&["--listen", "uhid"]);
        assert_eq!((ran.status, ran.stderr.contains("error: uhid: ")), (3, true), "{}", ran.stderr);
        assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
    }
    let taken = format!("unix:{}", socket(&scratch).display());
    let state = scratch.path("key.state");
    let state = state.to_str().unwrap();
    let _key = Key::at(&socket(&scratch), &["--state", state]);
    assert_eq!(with(&["--listen", &taken]).status, 3);
    let ran = with(&["--listen", "pty", "--state", state]);
    assert_eq!((ran.status, ran.stderr.contains("another process")), (3, true), "{}", ran.stderr);
    let garbled = scratch.path("garbled.state");
    fs::write(&garbled, b"nonsense").unwrap();
    let ran = with(&["--listen", "pty", "--state", garbled.to_str().unwrap()]);
    assert_eq!((ran.status, ran.stderr.contains("garbled.state")), (2, true), "{}", ran.stderr);
}

/// Killed at any moment, 200 times: whatever was acknowledged is there afterwards.
#[test]
fn nothing_acknowledged_is_lost() {
    let scratch = Scratch::new("killed");
    let state = scratch.path("key.state");
    let (mut made, mut user) = (Vec::<Vec<u8>>::new(), 0);
    for round in 0..200_u64 {
        let key = Key::at(&socket(&scratch), &["--state", state.to_str().unwrap()]);
        let mut device = key.device();
        let last = made.len().saturating_sub(3);
        for id in &made[last..] {
            assert!(knows(&mut device, id), "round {round}: a credential is gone");
        }
        let pid = key.process.id().to_string();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(round * 7919 % 60_000));
            Command::new("kill").args(["-KILL", &pid]).status().unwrap();
        });
        loop {
            user += 1;
            let message = [&[ctap2::Command::MAKE_CREDENTIAL.0][..], &creation("lab.test", user)].concat();
            let Ok(reply) = device.call(Message::Cbor(&message), &mut patient) else { break };
            let response = make_credential::Response::parse(&reply[1..]).unwrap();
            let data = AuthenticatorData::parse(&response.auth_data).unwrap();
            made.push(data.attested.unwrap().credential_id.to_vec());
        }
        killer.join().unwrap();
    }
    assert!(made.len() > 100, "only {} were made", made.len());
    let key = Key::at(&socket(&scratch), &["--state", state.to_str().unwrap()]);
    let mut device = key.device();
    assert!(made.iter().all(|id| knows(&mut device, id)));
}

#[test]
fn the_root_of_its_attestations_is_written_and_stays_with_the_state() {
    let scratch = Scratch::new("roots");
    let root = |state: &str, file: &str| {
        let (state, file) = (scratch.path(state), scratch.path(file));
        let more = ["--state", state.to_str().unwrap(), "--root", file.to_str().unwrap()];
        Key::at(&socket(&scratch), &more).end("-TERM");
        fs::read_to_string(file).unwrap()
    };
    let first = root("key.state", "first.pem");
    assert!(first.starts_with("-----BEGIN CERTIFICATE-----\n"), "{first}");
    assert_eq!(root("key.state", "again.pem"), first);
    assert_ne!(root("other.state", "other.pem"), first, "another key has another maker");
}
