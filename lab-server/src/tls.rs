//! What a server shows and signs with when a client comes by TLS.
//!
//! A team brings its certificate ([`Identity::from_pem`]); everything that a browser would object to later is said
//! before the server starts. On loopback the lab makes one for itself ([`Identity::of_this_run`]): no CA, known to
//! nobody, pinned by the hash of its key in the command that opens a browser. Errors never carry what stands in a
//! key file.

mod error;

use std::fmt;
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use lab_attestation::emit::SelfSigned;
use lab_attestation::x509::{Certificate, GeneralName};
use lab_protocol::Random;
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivateSec1KeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, ServerConfig};
use sha2::{Digest as _, Sha256};

pub use error::TlsError;

/// The most certificates of a file: the server's own, then those above it.
const MAX_CERTIFICATES: usize = 10;
/// How long a certificate that the lab makes for itself is valid: before its run, for clocks that differ, and after.
const VALID: (SignedDuration, SignedDuration) = (SignedDuration::from_hours(1), SignedDuration::from_hours(7 * 24));
/// The one protocol: the bounds on heads and bodies are HTTP/1.1's.
const PROTOCOL: &[u8] = b"http/1.1";

/// A certificate with its key, ready to be shown.
#[derive(Clone)]
pub struct Identity {
    config: RustlsConfig,
    pin: String,
}

impl Identity {
    /// A certificate of the team's own, in PEM, its own first; and its unencrypted key, in PEM.
    ///
    /// # Errors
    /// One variant for each cause.
    pub fn from_pem(certificates: &[u8], key: &[u8], host: &str, now: Timestamp) -> Result<Self, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates)
            .take(MAX_CERTIFICATES + 1)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError::Pem)?;
        let own = chain.first().ok_or(TlsError::NoCertificate)?;
        if chain.len() > MAX_CERTIFICATES {
            return Err(TlsError::TooMany { most: MAX_CERTIFICATES });
        }
        let certificate = Certificate::parse(own).map_err(|error| TlsError::Certificate { error })?;
        let spki = certificate.spki.to_vec();
        let certified = certified(chain.clone(), private_key(key)?)?;
        is_valid(&certificate, now)?;
        covers(own, &certificate, host)?;
        Ok(Self::of(certified, &spki))
    }

    /// One that the lab makes for itself, for these hosts and this run.
    ///
    /// # Errors
    /// The library gives no key.
    pub fn of_this_run(hosts: &[&str], now: Timestamp, random: &mut dyn Random) -> Result<Self, TlsError> {
        let validity = (
            now.saturating_sub(VALID.0).unwrap_or(Timestamp::MIN),
            now.saturating_add(VALID.1).unwrap_or(Timestamp::MAX),
        );
        let made = SelfSigned::new(hosts, validity, random).map_err(|error| TlsError::Made(error.to_string()))?;
        let key = PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(made.key));
        let certified = certified(vec![CertificateDer::from(made.certificate)], key)?;
        Ok(Self::of(certified, &made.spki))
    }

    fn of(certified: CertifiedKey, spki: &[u8]) -> Self {
        let resolver = Arc::new(SingleCertAndKey::from(certified));
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]);
        let mut config = builder
            .expect("the provider has what TLS 1.3 needs: it is compiled in")
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Self { config: RustlsConfig::from_config(Arc::new(config)), pin: STANDARD.encode(Sha256::digest(spki)) }
    }

    /// SHA-256 of its SubjectPublicKeyInfo in base64, as Chromium and curl pin it.
    #[must_use]
    pub fn pin(&self) -> &str {
        &self.pin
    }

    /// For the server.
    pub(crate) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("pin", &self.pin).finish_non_exhaustive()
    }
}

/// The first private key of a file. What is wrong with it is never quoted.
fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    let encrypted = ["ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"];
    if encrypted.iter().any(|mark| pem.windows(mark.len()).any(|part| part == mark.as_bytes())) {
        return Err(TlsError::Encrypted);
    }
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| TlsError::NoKey)
}

fn certified(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<CertifiedKey, TlsError> {
    let key = aws_lc_rs::sign::any_supported_type(&key).map_err(|_| TlsError::KeyKind)?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) => Ok(certified),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(TlsError::OtherKey),
        Err(_) => Err(TlsError::KeyKind),
    }
}

fn is_valid(certificate: &Certificate<'_>, now: Timestamp) -> Result<(), TlsError> {
    let (not_before, not_after) = (certificate.not_before, certificate.not_after);
    if now < not_before {
        return Err(TlsError::NotYetValid { not_before, now });
    }
    if now > not_after { Err(TlsError::Expired { not_after, now }) } else { Ok(()) }
}

/// Whether a browser would take the certificate for this host.
fn covers(der: &CertificateDer<'_>, certificate: &Certificate<'_>, host: &str) -> Result<(), TlsError> {
    let name = ServerName::try_from(host.trim_matches(['[', ']'])).map_err(|_| TlsError::Host(host.to_owned()))?;
    let parsed = ParsedCertificate::try_from(der).map_err(|_| TlsError::Unfit)?;
    verify_server_name(&parsed, &name).map_err(|_| {
        let names = certificate.alternative_names().ok().flatten().map(|(names, _)| names).unwrap_or_default();
        let found = names.into_iter().filter_map(|name| match name {
            GeneralName::Dns(name) => Some(name),
            _ => None,
        });
        TlsError::Name { host: host.to_owned(), found: found.collect() }
    })
}

#[cfg(test)]
mod tests;
