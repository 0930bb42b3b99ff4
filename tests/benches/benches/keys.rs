//! What a thousand keys in one process weigh: the goal is less than 100 MB.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use lab_benches::keys::{resident_kilobytes, set_up};

/// How many keys.
const KEYS: u32 = 1000;
/// How many discoverable credentials each has.
const CREDENTIALS: [u8; 3] = [0, 1, 10];

fn main() {
    println!("{:<20} {:>12} {:>9}", "credentials each", "MB together", "kB each");
    for credentials in CREDENTIALS {
        let before = resident_kilobytes();
        let keys: Vec<_> = (0..KEYS).map(|nth| set_up(nth, credentials)).collect();
        let grown = resident_kilobytes().saturating_sub(before);
        println!("{credentials:<20} {:>12} {:>9}", grown / 1000, grown / u64::from(KEYS));
        drop(keys);
    }
}
