//! Stand-in vendors: for each model a hierarchy shaped as its maker's is, under one root that says that
//! it is a laboratory's.
//!
//! What a hierarchy looks like is its format's matter ([`crate::emit`]); here are the roots, the tools,
//! and the memory of what was made.

pub(crate) mod authority;
pub(crate) mod batch;
mod derived;
pub(crate) mod extensions;
mod kept;
mod metadata;
pub(crate) mod name;
mod own;
mod self_signed;
pub(crate) mod writer;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use lab_protocol::cose::Algorithm;
use lab_protocol::tamper::Root;
use lab_protocol::{Aaguid, Random};

use crate::emit::{self, EmitError};
use crate::keys::{Backend, SigningKey};
use authority::Authority;
use derived::Derived;

pub use kept::{KeptRoot, KeptRootError};
pub use own::{OwnAuthority, OwnAuthorityError};
pub use self_signed::SelfSigned;

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

/// A model, as its certificates know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VendorModel {
    /// The model's AAGUID.
    pub aaguid: Aaguid,
    /// Its name.
    pub name: String,
    /// The name of its maker, or of whoever else certifies it.
    pub vendor: String,
    /// Its maker's country, a code of two letters.
    pub country: String,
    /// Whether its certificates carry the AAGUID (`webauthn-3 §8.2.1`).
    pub aaguid_extension: bool,
    /// The transports that a batch certificate names: `usb`, `nfc`, `ble`.
    pub transports: Vec<String>,
    /// How many CAs stand between the maker's root and a batch certificate.
    pub intermediates: u8,
    /// Where Android keeps its keys.
    pub security_level: SecurityLevel,
    /// The formats of the parts of a compound statement.
    pub parts: Vec<String>,
    /// The user's own CA, under which everything is issued instead of the lab's root.
    pub authority: Option<Arc<OwnAuthority>>,
}

impl VendorModel {
    /// A model that differs from no other in how it is certified: a batch certificate with the AAGUID,
    /// right under the root.
    #[must_use]
    pub fn new(aaguid: Aaguid, name: &str, vendor: &str, country: &str) -> Self {
        Self {
            aaguid,
            name: name.to_owned(),
            vendor: vendor.to_owned(),
            country: country.to_owned(),
            aaguid_extension: true,
            transports: Vec::new(),
            intermediates: 0,
            security_level: SecurityLevel::default(),
            parts: Vec::new(),
            authority: None,
        }
    }
}

impl<'a> Wanted<'a> {
    /// The usual attestation of a model under a root.
    #[must_use]
    pub const fn new(fmt: &'a str, alg: Algorithm, root: Root) -> Self {
        Self { fmt, alg, root, serial: None, device: &[] }
    }
}

/// Where a key of Android lives (Android Open Source Project, `SecurityLevel`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SecurityLevel {
    /// In the keystore's own process.
    Software,
    /// In the trusted execution environment.
    #[default]
    TrustedEnvironment,
    /// In a chip of its own.
    StrongBox,
}

/// What is asked of a vendor.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The format of the statement.
    pub fmt: &'a str,
    /// The algorithm of the attestation key, where the format leaves a choice.
    pub alg: Algorithm,
    /// The root that the chain ends in.
    pub root: Root,
    /// The serial number that an enterprise's certificate names (`webauthn-3 §8.2.2`).
    pub serial: Option<&'a [u8]>,
    /// Which device of its model it is, for formats that certify each device.
    pub device: &'a [u8],
}

/// What attests for a model.
#[derive(Debug, Clone)]
pub enum Attestor {
    /// A key in the authenticator, with a certificate for its batch or its device.
    Certified(Certified),
    /// A CA that certifies each credential anew.
    Certifying(Box<Certifying>),
    /// Those of the parts of a compound statement, with their formats.
    Parts(Vec<(String, Arc<Attestor>)>),
}

/// A key that signs statements, and its chain.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The key.
    pub key: SigningKey,
    /// The certificates as DER, leaf first; the root is left out, as makers do.
    pub chain: Vec<Vec<u8>>,
}

/// A CA that certifies credentials, and what its certificates say.
#[derive(Debug, Clone)]
pub struct Certifying {
    pub(crate) authority: Authority,
    /// What is sent behind each credential's certificate.
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) model: VendorModel,
    pub(crate) options: VendorsOptions,
}

/// The vendors of one run: two roots, and what was made when it was first asked for. In which order that
/// is does not change a byte where the backend is deterministic.
pub struct Vendors {
    options: VendorsOptions,
    seed: [u8; 32],
    stand_in: Authority,
    foreign: Authority,
    authorities: Mutex<HashMap<(String, String), Authority>>,
    attestors: Mutex<HashMap<Place, Arc<Attestor>>>,
}

/// What tells attestors apart.
#[derive(PartialEq, Eq, Hash)]
struct Place {
    model: VendorModel,
    fmt: String,
    alg: Algorithm,
    root: Root,
    serial: Option<Vec<u8>>,
    device: Vec<u8>,
}

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
        Self {
            stand_in: root(STAND_IN),
            foreign: root(FOREIGN),
            options,
            seed,
            authorities: Mutex::default(),
            attestors: Mutex::default(),
        }
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

    /// What attests for a model, made once for each batch, each device or each serial number.
    ///
    /// # Errors
    /// A format without certificates, an algorithm without keys, or a country that no certificate can
    /// name.
    pub fn attestor(&self, model: &VendorModel, wanted: &Wanted<'_>) -> Result<Arc<Attestor>, EmitError> {
        let format = emit::known(wanted.fmt)?;
        let place = Place {
            model: model.clone(),
            fmt: wanted.fmt.to_owned(),
            alg: wanted.alg,
            root: wanted.root,
            serial: wanted.serial.map(<[u8]>::to_vec),
            device: if format.per_device() { wanted.device.to_vec() } else { Vec::new() },
        };
        if let Some(attestor) = locked(&self.attestors).get(&place) {
            return Ok(Arc::clone(attestor));
        }
        let made = Arc::new(format.attestor(&Maker { vendors: self, model, wanted })?);
        Ok(Arc::clone(locked(&self.attestors).entry(place).or_insert(made)))
    }
}

/// What a format makes a hierarchy with.
pub(crate) struct Maker<'a> {
    vendors: &'a Vendors,
    pub(crate) model: &'a VendorModel,
    pub(crate) wanted: &'a Wanted<'a>,
}

impl<'a> Maker<'a> {
    /// The same for a model that differs.
    pub(crate) const fn with<'m>(&self, model: &'m VendorModel) -> Maker<'m>
    where
        'a: 'm,
    {
        Maker { vendors: self.vendors, model, wanted: self.wanted }
    }

    pub(crate) const fn options(&self) -> VendorsOptions {
        self.vendors.options
    }

    /// The root, or the user's own CA in its place.
    pub(crate) fn root(&self) -> &Authority {
        match (self.wanted.root, &self.model.authority) {
            (Root::Foreign, _) => &self.vendors.foreign,
            (Root::StandIn, Some(own)) => own.authority(),
            (Root::StandIn, None) => &self.vendors.stand_in,
        }
    }

    /// Randomness for what is made once under this root by this label.
    pub(crate) fn rng(&self, label: &str) -> Derived {
        Derived::new(&self.vendors.seed, &format!("{}/{label}", self.root().name()))
    }

    /// A CA that several attestors share, made when it is first asked for.
    pub(crate) fn authority(
        &self,
        label: &str,
        make: impl FnOnce(&Authority) -> Result<Authority, EmitError>,
    ) -> Result<Authority, EmitError> {
        let root = self.root();
        let issuer = root.key_id().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let place = (issuer, label.to_owned());
        if let Some(known) = locked(&self.vendors.authorities).get(&place) {
            return Ok(known.clone());
        }
        let made = make(root)?;
        Ok(locked(&self.vendors.authorities).entry(place).or_insert(made).clone())
    }

    /// What attests in another format, for a part of a compound statement.
    pub(crate) fn part(&self, fmt: &str) -> Result<Arc<Attestor>, EmitError> {
        self.vendors.attestor(self.model, &Wanted { fmt, ..*self.wanted })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
