//! Kills the lab server under load, again and again, and looks whether it still has what it acknowledged.
//!
//! ```text
//! kills PROGRAM [ROUNDS]
//! ```
//!
//! Each round registers passkeys and signs in with them through FIDO's conformance API by several connections, kills the
//! process (SIGKILL) at a random moment, some also while they start, starts the lab again over the same file, and looks:
//!
//! * every passkey whose registration was acknowledged signs in, and the counter that the lab had is not below the last
//!   acknowledged one and not above the last one sent;
//! * a registration that was not acknowledged is there whole or not at all;
//! * every acknowledged ceremony can be looked at under its number;
//! * SQLite finds its file sound, and the log has no gap.
//!
//! The death of the process is covered; the loss of power is not.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a program for the terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lab_benches::load::{Connection, Lab, Origin, Trouble, User};
use rusqlite::{Connection as File, OpenFlags};
use serde_json::Value;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 4;
/// A file is used for so many rounds: what it holds is looked at as a whole when it is given up.
const ROUNDS_PER_FILE: usize = 20;
/// The longest time under load, in milliseconds.
const LONGEST: u64 = 100;

/// A passkey, and what the lab has said of it.
struct Known {
    user: User,
    /// Whether its registration was acknowledged.
    registered: bool,
    /// The last counter that was acknowledged.
    acknowledged: u32,
    /// Acknowledged ceremonies that have not been looked at since.
    ceremonies: Vec<u64>,
    /// Whether something was asked for since it was looked at, and whether it has been looked at.
    touched: bool,
    looked_at: bool,
}

#[derive(Default)]
struct Tally {
    passkeys: usize,
    ceremonies: usize,
    unanswered: usize,
    unanswered_found: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let rounds = |text: std::ffi::OsString| text.to_str()?.parse().ok();
    let (Some(program), Some(rounds)) = (words.next(), words.next().map_or(Some(200), rounds)) else {
        eprintln!("kills PROGRAM [ROUNDS]");
        return ExitCode::from(2);
    };
    let started = Instant::now();
    match run(Path::new(&program), rounds).await {
        Ok(tally) => {
            println!(
                "{rounds} times killed in {} s: {} passkeys and {} ceremonies were acknowledged, all are there; of {} that were \
                 not answered {} are there, whole",
                started.elapsed().as_secs(),
                tally.passkeys,
                tally.ceremonies,
                tally.unanswered,
                tally.unanswered_found
            );
            ExitCode::SUCCESS
        }
        Err(lost) => {
            println!("{lost}");
            ExitCode::FAILURE
        }
    }
}

async fn run(program: &Path, rounds: usize) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for first in (0..rounds).step_by(ROUNDS_PER_FILE) {
        let folder = Folder::new(first);
        let mut groups: Vec<Vec<Known>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
        let mut lab = Lab::start(program, &folder.0);
        for round in first..rounds.min(first + ROUNDS_PER_FILE) {
            groups = under_load(&mut lab, groups, round).await.map_err(|lost| format!("round {round}: {lost}"))?;
            if round % 5 == 4 {
                die_at_start(program, &folder.0);
            }
            lab = Lab::start(program, &folder.0);
            let looked = look(&lab.origin, &mut groups, &mut tally).await;
            looked.and_then(|()| sound(&folder.0)).map_err(|lost| format!("round {round}: {lost}"))?;
        }
        groups.iter_mut().flatten().for_each(|known| known.touched = true);
        look(&lab.origin, &mut groups, &mut tally).await.map_err(|lost| format!("after round {first}..: {lost}"))?;
    }
    if rounds >= ROUNDS_PER_FILE && (tally.unanswered == 0 || tally.passkeys < rounds) {
        return Err(format!("this showed nothing: {} acknowledged, {} not answered", tally.passkeys, tally.unanswered));
    }
    Ok(tally)
}

/// Lets every connection work until the lab dies of a kill.
async fn under_load(lab: &mut Lab, groups: Vec<Vec<Known>>, round: usize) -> Result<Vec<Vec<Known>>, String> {
    let mut tasks = JoinSet::new();
    for (place, group) in groups.into_iter().enumerate() {
        let origin = lab.origin.clone();
        tasks.spawn(async move { work(&origin, group, &format!("{round}-{place}")).await });
    }
    tokio::time::sleep(Duration::from_micros(random(LONGEST * 1000))).await;
    lab.kill();
    let mut groups = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        groups.push(ended.unwrap()?);
    }
    Ok(groups)
}

/// Registers and signs in until the lab is gone.
async fn work(origin: &Origin, mut group: Vec<Known>, name: &str) -> Result<Vec<Known>, String> {
    let Ok(mut connection) = Connection::open(origin).await else { return Ok(group) };
    for number in 0.. {
        let place = usize::try_from(random(1 << 20)).unwrap() % (group.len() + 1);
        let registering = number % 3 == 0 || !group.get(place).is_some_and(|known| known.registered);
        let outcome = if registering {
            group.push(Known::new(User::new(format!("kill-{name}-{number}@lab.example"))));
            let known = group.last_mut().unwrap();
            known.user.register(&mut connection).await.map(|ceremony| {
                known.registered = true;
                known.ceremonies.push(ceremony);
            })
        } else {
            group[place].sign_in(&mut connection).await
        };
        match outcome {
            Ok(()) => {}
            Err(Trouble::Gone(_)) => break,
            Err(Trouble::Refused(why)) => return Err(why),
        }
    }
    Ok(group)
}

/// Kills a lab while it starts.
fn die_at_start(program: &Path, data: &Path) {
    let mut process = Lab::spawn(program, data);
    std::thread::sleep(Duration::from_micros(random(60_000)));
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Looks whether everything that was acknowledged is there.
async fn look(origin: &Origin, groups: &mut [Vec<Known>], tally: &mut Tally) -> Result<(), String> {
    let mut connection = Connection::open(origin).await.map_err(|trouble| format!("{trouble:?}"))?;
    for group in groups {
        for known in group.iter_mut().filter(|known| known.touched) {
            known.look(&mut connection, tally).await?;
        }
        group.retain(|known| known.registered);
    }
    Ok(())
}

impl Known {
    fn new(user: User) -> Self {
        Self { user, registered: false, acknowledged: 0, ceremonies: Vec::new(), touched: true, looked_at: false }
    }

    async fn sign_in(&mut self, connection: &mut Connection) -> Result<(), Trouble> {
        self.touched = true;
        let ceremony = self.user.sign_in(connection).await?;
        self.acknowledged = self.user.passkey.counter;
        self.ceremonies.push(ceremony);
        Ok(())
    }

    async fn look(&mut self, connection: &mut Connection, tally: &mut Tally) -> Result<(), String> {
        let (acknowledged, sent) = (self.acknowledged, self.user.passkey.counter);
        let said: Vec<_> = std::mem::take(&mut self.ceremonies);
        tally.passkeys += usize::from(self.registered && !self.looked_at);
        tally.unanswered += usize::from(!self.registered) + usize::from(sent > acknowledged);
        let name = &self.user.name.clone();
        match self.sign_in(connection).await {
            Ok(()) => {}
            Err(Trouble::Refused(why)) if !self.registered && why.starts_with("404") => return Ok(()),
            Err(trouble) => return Err(format!("{name}, registered: {}: {trouble:?}", self.registered)),
        }
        tally.unanswered_found += usize::from(!self.registered);
        self.registered = true;
        let looked_at = self.ceremonies.pop().unwrap();
        let before = case(connection, looked_at).await?["stored"]["sign_count"].as_u64();
        if !before.is_some_and(|before| (u64::from(acknowledged)..=u64::from(sent)).contains(&before)) {
            return Err(format!("{name}: the counter is {before:?}, acknowledged {acknowledged}, sent {sent}"));
        }
        tally.unanswered_found += usize::from(before > Some(acknowledged.into()));
        for ceremony in said {
            let response = &case(connection, ceremony).await?["response"]["id"];
            if *response != self.user.passkey.id() {
                return Err(format!("{name}: ceremony {ceremony} is of {response}"));
            }
            tally.ceremonies += 1;
        }
        (self.touched, self.looked_at) = (false, true);
        Ok(())
    }
}

async fn case(connection: &mut Connection, ceremony: u64) -> Result<Value, String> {
    let body = connection.get(&format!("/ceremonies/{ceremony}/case.json")).await;
    let body = body.map_err(|trouble| format!("the ceremony {ceremony}: {trouble:?}"))?;
    serde_json::from_slice(&body).map_err(|error| format!("the ceremony {ceremony}: {error}"))
}

/// What SQLite says of the file, and whether the log is whole.
fn sound(folder: &Path) -> Result<(), String> {
    let file = File::open_with_flags(folder.join("lab.sqlite"), OpenFlags::SQLITE_OPEN_READ_ONLY);
    let ask = |sql: &str| {
        file.as_ref()
            .map_err(ToString::to_string)?
            .query_row(sql, [], |row| row.get(0))
            .map_err(|error| error.to_string())
    };
    let numbers = "SELECT count(*) || ' of ' || max(seq) FROM events";
    for (sql, sound) in [
        ("PRAGMA integrity_check", None),
        ("SELECT CASE WHEN count(*) = max(seq) AND min(seq) = 1 THEN 'ok' END FROM events", Some(numbers)),
        ("SELECT CASE count(*) WHEN 0 THEN 'ok' END FROM inputs WHERE seq NOT IN (SELECT seq FROM events)", None),
    ] {
        let found: Option<String> = ask(sql)?;
        if found.as_deref() != Some("ok") {
            let more: Option<String> = sound.map(ask).transpose()?.flatten();
            return Err(format!("{sql}: {found:?} {more:?}"));
        }
    }
    Ok(())
}

/// A number below `most`.
fn random(most: u64) -> u64 {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % most
}

/// A folder that goes with its rounds.
struct Folder(PathBuf);

impl Folder {
    fn new(number: usize) -> Self {
        let path = std::env::temp_dir().join(format!("passkey-lab-kills-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
