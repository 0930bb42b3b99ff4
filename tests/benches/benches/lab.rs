//! What the lab costs. First each job's ratio to its own cryptography in the same run, then divan's table.
//!
//! The floor of a job is the aws-lc-rs operations that it cannot do without, on keys of its own.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use lab_benches::{Ceremony, Floor, Policy, SignIn, ratio};

fn main() {
    println!("{:<44} {:>9} {:>9} {:>7} {:>7}", "job", "µs", "floor µs", "ratio", "goal");
    for row in ratio::rows() {
        println!("{row}");
    }
    println!();
    divan::main();
}

#[divan::bench]
fn sign_in_from_json(bencher: divan::Bencher<'_, '_>) {
    let sign_in = SignIn::new();
    bencher.bench_local(|| sign_in.verify());
}

#[divan::bench]
fn packed_with_chain(bencher: divan::Bencher<'_, '_>) {
    let registration = SignIn::new();
    bencher.bench_local(|| registration.verify_registration());
}

#[divan::bench]
fn whole_ceremony_unseeded(bencher: divan::Bencher<'_, '_>) {
    let mut ceremony = Ceremony::unseeded();
    bencher.bench_local(|| ceremony.play());
}

#[divan::bench]
fn whole_ceremony_seeded(bencher: divan::Bencher<'_, '_>) {
    let mut ceremony = Ceremony::seeded();
    bencher.bench_local(|| ceremony.play());
}

#[divan::bench]
fn policy_evaluation(bencher: divan::Bencher<'_, '_>) {
    let policy = Policy::new();
    bencher.bench_local(|| policy.evaluate());
}

#[divan::bench]
fn floor_es256_verify(bencher: divan::Bencher<'_, '_>) {
    let floor = Floor::new();
    bencher.bench_local(|| floor.verify());
}

#[divan::bench]
fn floor_es256_sign(bencher: divan::Bencher<'_, '_>) {
    let floor = Floor::new();
    bencher.bench_local(|| floor.sign());
}

#[divan::bench]
fn floor_es256_generate(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(Floor::generate);
}
