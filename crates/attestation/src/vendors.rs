//! Stand-in vendors: for each model an attestation key and a batch certificate, shaped as its maker's
//! are, under a root that says that it is a laboratory's.

mod authority;
mod derived;
pub(crate) mod writer;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use lab_protocol::cose::Algorithm;
use lab_protocol::tamper::Root;
use lab_protocol::{Aaguid, Random};

use crate::emit::EmitError;
use crate::keys::{Backend, SigningKey};
use authority::{Authority, Profile};
use derived::Derived;

/// How the certificates of a run are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorsOptions {
    /// Who signs.
    pub backend: Backend,
    /// Whether the keys can be made again from a seed; every certificate then says so.
    pub seeded: bool,
    /// The first moment of the certificates' validity, to the second.
    pub not_before: Timestamp,
    /// The last moment of their validity, to the second.
    pub not_after: Timestamp,
}

/// A model, as its certificate names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VendorModel {
    /// The model's AAGUID.
    pub aaguid: Aaguid,
    /// Its name.
    pub name: String,
    /// Its maker's name.
    pub vendor: String,
    /// Its maker's country, a code of two letters.
    pub country: String,
    /// Whether its certificates carry the AAGUID (`webauthn-3 §8.2.1`).
    pub aaguid_extension: bool,
}

/// An attestation key and its chain.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The key that signs statements.
    pub key: SigningKey,
    /// The certificates as DER, leaf first; the root is left out, as makers do.
    pub chain: Vec<Vec<u8>>,
}

/// The vendors of one run: two roots, and certificates made when they are first asked for. In which
/// order that is does not change a byte.
pub struct Vendors {
    options: VendorsOptions,
    seed: [u8; 32],
    stand_in: Authority,
    foreign: Authority,
    cache: Mutex<HashMap<(Aaguid, Algorithm, Root), Made>>,
}

/// What was made under one key of the cache: models may share an AAGUID and differ otherwise.
type Made = Vec<(VendorModel, Arc<Batch>)>;

impl Vendors {
    /// Takes 32 bytes from `rng`, from which everything follows where the backend is deterministic.
    ///
    /// # Panics
    /// Never for a root of ES256, which both backends can make from any seed.
    #[must_use]
    pub fn new(options: VendorsOptions, rng: &mut dyn Random) -> Self {
        let mut seed = [0; 32];
        rng.fill(&mut seed);
        let root = |name| Authority::root(name, options, &mut Derived::new(&seed, name));
        Self { stand_in: root(STAND_IN), foreign: root(FOREIGN), options, seed, cache: Mutex::default() }
    }

    /// The root of every stand-in vendor, as DER.
    #[must_use]
    pub fn stand_in_root(&self) -> &[u8] {
        self.stand_in.certificate()
    }

    /// A root that nobody is told to trust, as DER.
    #[must_use]
    pub fn foreign_root(&self) -> &[u8] {
        self.foreign.certificate()
    }

    /// The attestation key and chain of a model, made once.
    ///
    /// # Errors
    /// An algorithm without keys, or a country that no certificate can name.
    pub fn certificate(&self, model: &VendorModel, alg: Algorithm, root: Root) -> Result<Arc<Batch>, EmitError> {
        let place = (model.aaguid, alg, root);
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let batches = cache.entry(place).or_default();
        if let Some((_, batch)) = batches.iter().find(|(known, _)| known == model) {
            return Ok(Arc::clone(batch));
        }
        let batch = Arc::new(self.make(model, alg, root)?);
        batches.push((model.clone(), Arc::clone(&batch)));
        Ok(batch)
    }

    fn make(&self, model: &VendorModel, alg: Algorithm, root: Root) -> Result<Batch, EmitError> {
        let authority = match root {
            Root::StandIn => &self.stand_in,
            Root::Foreign => &self.foreign,
        };
        let label = format!("{}/{}/{}/{}", authority.name(), model.aaguid, alg.0, model.aaguid_extension);
        let mut rng = Derived::new(&self.seed, &label);
        let key = SigningKey::generate(alg, self.options.backend, &mut rng)?;
        let profile = Profile { model, key: key.public_key(), options: self.options };
        let leaf = authority.issue(&profile, &mut rng)?;
        Ok(Batch { key, chain: vec![leaf] })
    }
}

/// The names of the two roots, in their subjects and in the derivation of their keys.
const STAND_IN: &str = "stand-in root";
const FOREIGN: &str = "foreign root";

impl fmt::Debug for Vendors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendors").field("options", &self.options).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
