//! A root that outlives its run: whoever keeps an authenticator keeps what its attestations end in.

use std::fmt;
use std::sync::Mutex;

use lab_protocol::cose::Algorithm;

use super::authority::Authority;
use super::{STAND_IN, Vendors};
use crate::keys::{KeyError, SigningKey};
use crate::x509::{Certificate, CertificateError};

/// The stand-in root with its private key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptRoot {
    /// Its certificate, as DER.
    pub certificate: Vec<u8>,
    /// The secret of its key, as [`SigningKey::to_secret`] gives it.
    pub secret: Vec<u8>,
}

/// Why bytes are no root that was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeptRootError {
    /// The certificate cannot be read.
    #[error("the root's certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The secret is none.
    #[error("the root's key: {0}")]
    Key(#[from] KeyError),
    /// Certificate and key are of two pairs.
    #[error("the root's key is not the one of its certificate")]
    OtherKey,
}

impl fmt::Debug for KeptRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptRoot").field("certificate", &self.certificate.len()).finish_non_exhaustive()
    }
}

impl Vendors {
    /// The stand-in root, to be kept.
    #[must_use]
    pub fn kept_root(&self) -> KeptRoot {
        KeptRoot { certificate: self.stand_in.certificate().to_vec(), secret: self.stand_in.secret() }
    }

    /// These vendors under a root of an earlier run; what stands below it is made anew.
    ///
    /// # Errors
    /// One variant for each cause.
    pub fn under(&self, root: &KeptRoot) -> Result<Self, KeptRootError> {
        let key = SigningKey::from_secret(Algorithm::ES256, self.options.backend, &root.secret)?;
        let certificate = Certificate::parse(&root.certificate)?;
        if key.public_key().to_spki().as_deref() != Some(certificate.spki) {
            return Err(KeptRootError::OtherKey);
        }
        Ok(Self {
            options: self.options,
            seed: self.seed,
            stand_in: Authority::again(STAND_IN.to_owned(), key, &certificate, Vec::new()),
            foreign: self.foreign.clone(),
            authorities: Mutex::default(),
            attestors: Mutex::default(),
        })
    }
}
