//! The two things that only the program takes from the system: the time, and random bytes.

use jiff::Timestamp;
use lab_jobs::world::World;

use crate::arguments::Global;

/// The world of this run: as `--seed` and `--at` say, else the system's; `clock` is the time that the
/// tenant's `lab.json` gives.
///
/// # Errors
/// The system gives no random bytes.
pub fn world(global: &Global, clock: Option<Timestamp>) -> Result<World, String> {
    let at = global.at.or(clock).unwrap_or_else(Timestamp::now);
    match global.seed {
        Some(seed) => Ok(World::seeded(seed, at)),
        None => {
            let mut entropy = [0; 32];
            getrandom::fill(&mut entropy).map_err(|error| format!("the system gives no random bytes: {error}"))?;
            Ok(World::unseeded(entropy, at))
        }
    }
}
