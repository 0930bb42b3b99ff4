//! Killed at any moment, the store has everything that it said it had.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use lab_directory::Retention;

use super::*;

/// Names the folder in which [`child`] writes, and the first number of its credentials.
const FOLDER: &str = "PASSKEY_LAB_TEST_STORE";
const FIRST: &str = "PASSKEY_LAB_TEST_FIRST";
const ROUNDS: u64 = 200;
/// A file is used for so many rounds: reading it again takes longer each time.
const ROUNDS_PER_FILE: u64 = 20;
/// The most registrations of one round.
const BURST: u64 = 60;

#[test]
fn nothing_acknowledged_is_lost_when_the_process_dies() {
    let mut folder = Folder::new("store-kill");
    let mut acknowledged: Vec<u64> = Vec::new();
    let mut killed_at_work = 0;
    for round in 0..ROUNDS {
        if round % ROUNDS_PER_FILE == 0 {
            folder = Folder::new(&format!("store-kill-{round}"));
            acknowledged.clear();
        }
        let before = acknowledged.len();
        acknowledged.extend(round_of(&folder, round));
        killed_at_work += u64::from(acknowledged.len() - before < BURST as usize);
        let store = open(&folder, 10).unwrap();
        let lost: Vec<_> = acknowledged.iter().filter(|id| sign_count(&store, **id).is_none()).collect();
        assert!(lost.is_empty(), "round {round}: lost {lost:?} of {}", acknowledged.len());
    }
    assert!(killed_at_work > ROUNDS / 4, "only {killed_at_work} rounds were killed in the middle of writing");
}

/// Lets a process write, kills it, and gives the numbers that it had said were safe.
fn round_of(folder: &Folder, round: u64) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::kill::child", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .env(FIRST, (round * 1000).to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut numbers = Vec::new();
    // From the first acknowledgement on, a few more milliseconds each round.
    let first: Option<u64> =
        lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("safe ")?.parse().ok());
    numbers.extend(first);
    std::thread::sleep(Duration::from_micros(round % 40 * 250));
    child.kill().unwrap();
    numbers.extend(lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("safe ")?.parse::<u64>().ok()));
    child.wait().unwrap();
    numbers
}

/// What the process does that is killed: registrations and sign-ins, as fast as they are acknowledged.
#[test]
#[ignore = "a process that `nothing_acknowledged_is_lost_when_the_process_dies` starts and kills"]
fn child() {
    let (Some(folder), Ok(first)) = (std::env::var_os(FOLDER), std::env::var(FIRST)) else { return };
    let path = PathBuf::from(folder).join("lab.sqlite");
    let store = Arc::new(SqliteStore::open(&path, &tenant(), time(), Retention { newest: 10 }).unwrap());
    let first: u64 = first.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let register = |number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store.append(batch(registered(number)).with_input(vec![0; 3000])).await.unwrap();
                writeln!(std::io::stdout(), "safe {number}").unwrap();
                store.append(batch(signed_in(number, 1))).await.unwrap();
            })
        };
        for chunk in (first..first + BURST).collect::<Vec<_>>().chunks(4) {
            for task in chunk.iter().copied().map(register).collect::<Vec<_>>() {
                task.await.unwrap();
            }
        }
    });
    std::thread::sleep(Duration::from_secs(60));
}
