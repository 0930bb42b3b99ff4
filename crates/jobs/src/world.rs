//! Time and randomness of one run, handed in by the program.

use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use lab_attestation::emit::{Vendors, VendorsOptions};
use lab_attestation::keys::Backend;
use lab_protocol::{Base64Url, Random};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// How long before and after the run its certificates are valid: 10 and 30 years.
const CERTIFICATE_DAYS: (i64, i64) = (3652, 10957);

/// Everything that a run takes from outside itself.
#[derive(Debug, Clone)]
pub struct World {
    /// The seed of the user, if there is one: its keys are public.
    pub seed: Option<u64>,
    /// The time of the run.
    pub at: Timestamp,
    root: [u8; 32],
    /// Parts of an earlier run that are to be as they were.
    given: Option<Drawn>,
    vendors: OnceLock<Arc<Vendors>>,
}

/// What an unseeded run drew for those parts that ask the questions: enough to ask them again, and nothing
/// of authenticator or client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Where the ids of made-up personas come from.
    pub persona: Base64Url,
    /// Where challenges come from.
    pub relying_party: Base64Url,
}

/// Random bytes of one part of a run; each part has a stream of its own, so that a change in one part
/// does not change the bytes of another.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha20Rng);

/// The parts of a run that draw random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The stand-in vendors: roots, attestation keys, serial numbers.
    Vendors,
    /// The authenticator that registers.
    Authenticator,
    /// A second device of the same account.
    SecondDevice,
    /// The client.
    Client,
    /// Ids of personas that the tenant does not name.
    Persona,
    /// The relying party: challenges and their key.
    RelyingParty,
    /// The signature of the lab's own metadata.
    Metadata,
}

impl World {
    /// A run that can be repeated byte for byte.
    #[must_use]
    pub fn seeded(seed: u64, at: Timestamp) -> Self {
        let mut root = [0; 32];
        root[..8].copy_from_slice(&seed.to_le_bytes());
        Self { seed: Some(seed), at, root, given: None, vendors: OnceLock::new() }
    }

    /// A run with the system's random bytes.
    #[must_use]
    pub const fn unseeded(entropy: [u8; 32], at: Timestamp) -> Self {
        Self { seed: None, at, root: entropy, given: None, vendors: OnceLock::new() }
    }

    /// A run that asks the questions of an earlier one, and draws everything else anew.
    #[must_use]
    pub fn asking_again(drawn: Drawn, entropy: [u8; 32], at: Timestamp) -> Self {
        Self { given: Some(drawn), ..Self::unseeded(entropy, at) }
    }

    /// What it drew for its questions; `None` where a seed says everything.
    #[must_use]
    pub fn drawn(&self) -> Option<Drawn> {
        let of = |part| Base64Url(self.part(part).to_vec());
        self.seed.is_none().then(|| Drawn { persona: of(Part::Persona), relying_party: of(Part::RelyingParty) })
    }

    /// The seed of one part of an unseeded run: from one nobody learns another.
    fn part(&self, part: Part) -> [u8; 32] {
        let given = self.given.as_ref().and_then(|drawn| match part {
            Part::Persona => Some(&drawn.persona),
            Part::RelyingParty => Some(&drawn.relying_party),
            _ => None,
        });
        given.and_then(|seed| seed.0.as_slice().try_into().ok()).unwrap_or_else(|| {
            let mut seed = [0; 32];
            self.of_root(part).fill(&mut seed);
            seed
        })
    }

    fn of_root(&self, part: Part) -> Stream {
        let mut rng = ChaCha20Rng::from_seed(self.root);
        rng.set_stream(part as u64);
        Stream(rng)
    }

    /// The same world at another time: its vendors are the same.
    #[must_use]
    pub fn at_time(&self, at: Timestamp) -> Self {
        Self { at, ..self.clone() }
    }

    /// The same world for one more of its parts: vendors, time and arithmetic are the same, all random bytes
    /// are drawn from elsewhere.
    #[must_use]
    pub fn apart(&self, root: [u8; 32]) -> Self {
        let _ = self.vendors();
        Self { root, given: None, ..self.clone() }
    }

    /// The stream of one part.
    #[must_use]
    pub fn stream(&self, part: Part) -> Stream {
        match self.seed {
            Some(_) => self.of_root(part),
            None => Stream(ChaCha20Rng::from_seed(self.part(part))),
        }
    }

    /// Who signs: the deterministic arithmetic where the run is seeded, else the fast one.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        if self.seed.is_some() { Backend::Deterministic } else { Backend::Fast }
    }

    /// The stand-in vendors of this run: the same ones whoever asks, for without a seed their keys
    /// cannot be made again.
    #[must_use]
    pub fn vendors(&self) -> Arc<Vendors> {
        Arc::clone(self.vendors.get_or_init(|| Arc::new(self.make_vendors())))
    }

    fn make_vendors(&self) -> Vendors {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let options = VendorsOptions {
            backend: self.backend(),
            seeded: self.seed.is_some(),
            not_before: self.at.saturating_sub(days(CERTIFICATE_DAYS.0)).unwrap_or(Timestamp::MIN),
            not_after: self.at.saturating_add(days(CERTIFICATE_DAYS.1)).unwrap_or(Timestamp::MAX),
        };
        Vendors::new(options, &mut self.stream(Part::Vendors))
    }
}

impl Random for Stream {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_its_own_bytes_and_the_same_seed_gives_them_again() {
        let bytes = |seed, part| {
            let mut bytes = [0; 16];
            World::seeded(seed, Timestamp::UNIX_EPOCH).stream(part).fill(&mut bytes);
            bytes
        };
        assert_eq!(bytes(7, Part::Client), bytes(7, Part::Client));
        assert_ne!(bytes(7, Part::Client), bytes(7, Part::Authenticator));
        assert_ne!(bytes(7, Part::Client), bytes(8, Part::Client));
    }

    #[test]
    fn what_stands_apart_has_the_same_vendors_and_other_bytes() {
        for world in [World::seeded(7, Timestamp::UNIX_EPOCH), World::unseeded([1; 32], Timestamp::UNIX_EPOCH)] {
            let apart = world.apart([9; 32]);
            let bytes = |world: &World| {
                let mut bytes = [0; 16];
                world.stream(Part::Authenticator).fill(&mut bytes);
                bytes
            };
            assert_eq!(apart.vendors().stand_in_root(), world.vendors().stand_in_root());
            assert_eq!(apart.seed, world.seed);
            assert_ne!(bytes(&apart), bytes(&world));
        }
    }

    #[test]
    fn a_run_that_asks_again_has_the_same_questions_and_another_client() {
        let bytes = |world: &World, part| {
            let mut bytes = [0; 16];
            world.stream(part).fill(&mut bytes);
            bytes
        };
        let first = World::unseeded([1; 32], Timestamp::UNIX_EPOCH);
        let again = World::asking_again(first.drawn().unwrap(), [2; 32], Timestamp::UNIX_EPOCH);
        for part in [Part::Persona, Part::RelyingParty] {
            assert_eq!(bytes(&first, part), bytes(&again, part));
        }
        for part in [Part::Client, Part::Authenticator, Part::Vendors] {
            assert_ne!(bytes(&first, part), bytes(&again, part));
        }
        assert_eq!(again.drawn(), first.drawn());
        assert_eq!(World::seeded(7, Timestamp::UNIX_EPOCH).drawn(), None);
    }
}
