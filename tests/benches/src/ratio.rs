//! Ratios to the floor: both sides in turn, batch by batch, and the median of the quotients.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use crate::{Ceremony, Floor, Policy, Recorded, SignIn};

/// Batches of each side, after one that is thrown away.
const BATCHES: usize = 41;
/// Runs in a batch.
const RUNS: u32 = 50;

/// One line of the table.
pub struct Row {
    job: &'static str,
    micros: f64,
    floor: f64,
    ratio: f64,
    goal: &'static str,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { job, micros, floor, ratio, goal } = self;
        write!(f, "{job:<44} {micros:>9.2} {floor:>9.2} {ratio:>7.2} {goal:>7}")
    }
}

/// Measures every job.
#[must_use]
pub fn rows() -> Vec<Row> {
    let (floor, sign_in, policy) = (Floor::new(), SignIn::new(), Policy::new());
    let verify = |times: u32| (0..times).for_each(|_| floor.verify());
    let sign = |times: u32| (0..times).for_each(|_| _ = black_box(floor.sign()));
    let whole = || {
        // Registration: key generation, attestation signature, its verification and that of the chain.
        // Sign-in: signature and verification.
        _ = black_box(Floor::generate());
        sign(2);
        verify(3);
    };
    let (mut unseeded, mut seeded) = (Ceremony::unseeded(), Ceremony::seeded());
    let recorded = Recorded::all();
    let formats = recorded.iter().map(|one| row(one.job, "+30 µs", || one.verify(), || verify(one.signatures)));
    let mut rows: Vec<_> = formats.collect();
    rows.extend([
        row("sign-in, JSON to verdict with full trace", "1.30", || sign_in.verify(), || verify(1)),
        row("registration, packed, one-certificate chain", "1.35", || sign_in.verify_registration(), || verify(2)),
        row("registration + sign-in + policy, unseeded", "1.60", || unseeded.play(), whole),
        row("registration + sign-in + policy, seeded", "-", || seeded.play(), whole),
        row("one policy evaluation (goal: 5 µs)", "-", || policy.evaluate(), || verify(1)),
    ]);
    rows
}

fn row(job: &'static str, goal: &'static str, mut work: impl FnMut(), mut floor: impl FnMut()) -> Row {
    let mut pairs: Vec<(f64, f64)> = (0..=BATCHES).map(|_| (time(&mut work), time(&mut floor))).skip(1).collect();
    let micros = median(pairs.iter().map(|(work, _)| *work));
    let bottom = median(pairs.iter().map(|(_, floor)| *floor));
    let ratio = median(pairs.drain(..).map(|(work, floor)| work / floor));
    Row { job, micros, floor: bottom, ratio, goal }
}

/// Microseconds a run.
fn time(work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..RUNS).for_each(|_| work());
    start.elapsed().as_secs_f64() * 1e6 / f64::from(RUNS)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
