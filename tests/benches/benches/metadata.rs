//! What FIDO metadata costs: a BLOB of 4 MB verified and indexed, every entry read, a model looked up.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot be set up")]

use std::hint::black_box;
use std::time::Instant;

use lab_benches::grid::median_ms;
use lab_benches::metadata::{Metadata, peak_mb};

/// The most that verifying and indexing may take, in milliseconds, and the memory, in MB.
const GOALS: (f64, u64) = (150.0, 60);
/// Look-ups in one measurement.
const LOOK_UPS: u32 = 100_000;

fn main() {
    let metadata = Metadata::new();
    let before = peak_mb();
    println!("{}: {:.1} MB, {} entries", metadata.what, metadata.len() as f64 / 1e6, metadata.open().len());
    println!("memory: {before} MB at the start, {} MB when it is indexed (goal: {} MB)", peak_mb(), GOALS.1);
    println!("verified and indexed   {:>9.1} ms (goal: {:.0} ms)", median_ms(|| _ = metadata.open()), GOALS.0);
    println!("and every entry read   {:>9.1} ms", median_ms(|| _ = metadata.open().entries().count()));
    let payload = metadata.open();
    let aaguid = "a25342c0-3cdc-4414-8e46-f4807fca511c".parse().unwrap();
    let start = Instant::now();
    for _ in 0..LOOK_UPS {
        black_box(payload.by_aaguid(black_box(aaguid)));
    }
    let nanoseconds = start.elapsed().as_secs_f64() * 1e9 / f64::from(LOOK_UPS);
    println!("one look-up            {nanoseconds:>9.0} ns");
    println!("most memory at any time {:>8} MB", peak_mb());
}
