//! The two things that only the program takes from the system: the time, and random bytes.

use jiff::Timestamp;
use lab_jobs::world::{Part, World};
use lab_protocol::Env;

use crate::arguments::Global;

/// The world of this run: as `--seed` and `--at` say, else the system's; `clock` is the time that the
/// tenant's `lab.json` gives.
///
/// # Errors
/// The system gives no random bytes.
pub fn world(global: &Global, clock: Option<Timestamp>) -> Result<World, String> {
    if let Some(playing) = &global.playing {
        return playing.world(global.seed);
    }
    let at = global.at.or(clock).unwrap_or_else(Timestamp::now);
    match global.seed {
        Some(seed) => Ok(World::seeded(seed, at)),
        None => Ok(World::unseeded(entropy()?, at)),
    }
}

/// The world of a client at a real key: random bytes of the system, no lies.
///
/// # Errors
/// The system gives no random bytes.
pub fn env() -> Result<Env, String> {
    Ok(Env::honest(World::unseeded(random()?, Timestamp::UNIX_EPOCH).stream(Part::Client)))
}

/// The nonce of CTAPHID_INIT on a wire that others use too.
///
/// # Errors
/// The system gives no random bytes.
pub fn nonce() -> Result<[u8; 8], String> {
    random()
}

fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random bytes: {error}"))?;
    Ok(bytes)
}

/// Random bytes of the system.
///
/// # Errors
/// It gives none.
pub fn entropy() -> Result<[u8; 32], String> {
    random()
}
