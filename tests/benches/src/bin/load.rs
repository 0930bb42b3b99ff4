//! Signs in at a server as fast as it goes, or so many times a second, and prints how long that took.
//!
//! ```text
//! load PORT [--users N] [--connections N] [--seconds N | --count N] [--rate N]
//! ```
//!
//! A sign-in is two requests of FIDO's conformance server API: options asked for, a response judged and stored. With
//! `--rate` sign-ins begin at their times whether or not earlier ones have ended, and what one waits for its turn
//! counts. Prints one line of JSON; any refusal ends the run with status 1.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a program for the terminal")]

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lab_benches::load::{Connection, Latency, Origin, Trouble, User};
use serde_json::json;
use tokio::task::JoinSet;

struct Arguments {
    origin: Origin,
    users: usize,
    connections: usize,
    seconds: u64,
    count: u64,
    rate: Option<f64>,
}

fn arguments() -> Option<Arguments> {
    let mut words = std::env::args().skip(1);
    let port = words.next()?.parse().ok()?;
    let mut arguments =
        Arguments { origin: Origin { port }, users: 200, connections: 16, seconds: 10, count: u64::MAX, rate: None };
    while let Some(option) = words.next() {
        let value: u64 = words.next()?.parse().ok()?;
        let number = usize::try_from(value).ok()?.max(1);
        match option.as_str() {
            "--users" => arguments.users = number,
            "--connections" => arguments.connections = number,
            "--seconds" => arguments.seconds = value,
            "--count" => (arguments.count, arguments.seconds) = (value, u64::from(u32::MAX)),
            "--rate" => arguments.rate = Some(f64::from(u32::try_from(value).ok()?)),
            _ => return None,
        }
    }
    Some(arguments)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!("load PORT [--users N] [--connections N] [--seconds N | --count N] [--rate N]");
        return ExitCode::from(2);
    };
    match run(&arguments).await {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("load: {trouble:?}");
            ExitCode::FAILURE
        }
    }
}

/// When sign-ins begin and end.
struct Schedule {
    start: Instant,
    end: Instant,
    count: u64,
    rate: Option<f64>,
    next: AtomicU64,
}

impl Schedule {
    /// Waits until the next sign-in is to begin, and gives that time; `None` when there is none any more.
    async fn turn(&self) -> Option<Instant> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let at = match self.rate {
            Some(rate) => self.start + Duration::from_secs_f64(number as f64 / rate),
            None => Instant::now(),
        };
        if number >= self.count || at >= self.end {
            return None;
        }
        tokio::time::sleep_until(at.into()).await;
        Some(at)
    }
}

async fn run(arguments: &Arguments) -> Result<serde_json::Value, Trouble> {
    let mut groups = registered(arguments).await?;
    let start = Instant::now();
    let schedule = Arc::new(Schedule {
        start,
        end: start + Duration::from_secs(arguments.seconds),
        count: arguments.count,
        rate: arguments.rate,
        next: AtomicU64::new(0),
    });
    let mut tasks = JoinSet::new();
    for (connection, users) in groups.drain(..) {
        tasks.spawn(sign_in(Arc::clone(&schedule), connection, users));
    }
    let mut latency = Latency::default();
    while let Some(ended) = tasks.join_next().await {
        latency.merge(ended.unwrap()?);
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(json!({
        "sign_ins": latency.len(),
        "seconds": (seconds * 1000.0).round() / 1000.0,
        "per_second": (latency.len() as f64 / seconds).round(),
        "p50_ms": latency.per_mille(500),
        "p99_ms": latency.per_mille(990),
        "max_ms": latency.per_mille(1000),
    }))
}

type Group = (Connection, Vec<User>);

/// Every connection with users of its own, so that nobody's counter is in two places at once.
async fn registered(arguments: &Arguments) -> Result<Vec<Group>, Trouble> {
    let run = std::process::id();
    let mut tasks = JoinSet::new();
    for place in 0..arguments.connections {
        let origin = arguments.origin.clone();
        let names = (place..arguments.users.max(arguments.connections)).step_by(arguments.connections);
        let names: Vec<_> = names.map(|number| format!("load-{run}-{number}@lab.example")).collect();
        tasks.spawn(async move {
            let mut connection = Connection::open(&origin).await?;
            let mut users = Vec::new();
            for name in names {
                let mut user = User::new(name);
                user.register(&mut connection).await?;
                users.push(user);
            }
            Ok((connection, users))
        });
    }
    let mut groups = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        groups.push(ended.unwrap()?);
    }
    Ok(groups)
}

async fn sign_in(
    schedule: Arc<Schedule>,
    mut connection: Connection,
    mut users: Vec<User>,
) -> Result<Latency, Trouble> {
    let mut latency = Latency::default();
    loop {
        for user in &mut users {
            let Some(began) = schedule.turn().await else { return Ok(latency) };
            user.sign_in(&mut connection).await?;
            latency.add(began.elapsed());
        }
    }
}
