//! What the matrix and the comparison cost: all models by 12 scopes, with 12 users and with 100,000.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot be set up")]

use lab_benches::crowd;
use lab_benches::grid::{Grid, median_ms};
use lab_benches::metadata::peak_mb;

/// The most that all decisions may take, in milliseconds, and how much more 100,000 users may cost than 12.
const GOALS: (f64, f64) = (1500.0, 1.2);

fn main() {
    let tenants = (crowd::tenant(12), crowd::tenant(100_000));
    let (few, many) = (Grid::new(&tenants.0), Grid::new(&tenants.1));
    let (matrix, page) = few.page();
    println!("{matrix} cells; page of {page} bytes");
    let (few_ms, many_ms) = (median_ms(|| few.decide()), median_ms(|| many.decide()));
    println!("matrix, 12 users in 12 scopes        {few_ms:>9.1} ms (goal: {:.0} ms)", GOALS.0);
    println!("matrix, 100,000 users in 12 scopes   {many_ms:>9.1} ms");
    println!("ratio                                {:>9.2}    (goal: {:.2})", many_ms / few_ms, GOALS.1);
    println!("diff, 100,000 users in 12 scopes     {:>9.1} ms (goal: twice the matrix)", median_ms(|| many.compare()));
    println!("most memory at any time              {:>9} MB (goal: 300 MB without the tenant)", peak_mb());
}
