//! Why files make no identity of a server.

use jiff::Timestamp;
use lab_attestation::x509::CertificateError;

/// What is wrong with a certificate or its key. Nothing of a key is ever quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file without a certificate.
    #[error("the certificate file has no “-----BEGIN CERTIFICATE-----”")]
    NoCertificate,
    /// PEM that is none.
    #[error("the certificate file is no PEM")]
    Pem,
    /// More certificates than any chain has.
    #[error("the certificate file has more than {most} certificates")]
    TooMany {
        /// How many are read.
        most: usize,
    },
    /// The first certificate cannot be read.
    #[error("the first certificate of the file: {error}")]
    Certificate {
        /// Where it is none.
        error: CertificateError,
    },
    /// A certificate that no client of TLS takes.
    #[error("the first certificate of the file is no server's: clients of TLS want version 3 with alternative names")]
    Unfit,
    /// A file without a key.
    #[error("the key file has no private key in PEM")]
    NoKey,
    /// A key behind a passphrase.
    #[error("the private key is encrypted")]
    Encrypted,
    /// A kind of key that nothing here signs with.
    #[error("the private key is of a kind that cannot be used: expected ECDSA, Ed25519, or RSA of at least 2048 bits")]
    KeyKind,
    /// Key and certificate are of two pairs.
    #[error("the private key is not the one of the first certificate")]
    OtherKey,
    /// A certificate of the future.
    #[error("the certificate is not valid before {not_before}, and now it is {now}")]
    NotYetValid {
        /// The first moment of its validity.
        not_before: Timestamp,
        /// Now.
        now: Timestamp,
    },
    /// A certificate of the past.
    #[error("the certificate expired at {not_after}, and now it is {now}")]
    Expired {
        /// The last moment of its validity.
        not_after: Timestamp,
        /// Now.
        now: Timestamp,
    },
    /// A certificate of other hosts.
    #[error("the certificate is not for {host}: it names {}", names(.found))]
    Name {
        /// The host of the lab's origin.
        host: String,
        /// The host names of the certificate.
        found: Vec<String>,
    },
    /// A host that no certificate can name.
    #[error("no certificate can be for the host {0}")]
    Host(String),
    /// The lab could not make one for itself.
    #[error("a certificate for this run could not be made: {0}")]
    Made(String),
}

impl TlsError {
    /// Whether it is the key file that is wrong.
    #[must_use]
    pub const fn is_of_key(&self) -> bool {
        matches!(self, Self::NoKey | Self::Encrypted | Self::KeyKind | Self::OtherKey)
    }

    /// What to do.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoCertificate | Self::Pem | Self::Certificate { .. } | Self::TooMany { .. } => {
                "--cert takes PEM: the server's certificate first, then those above it; \
                 `openssl x509 -inform der -in FILE` makes PEM of DER"
            }
            Self::NoKey | Self::KeyKind => "--key takes PEM: PKCS #8, SEC 1 or PKCS #1",
            Self::Encrypted => {
                "`openssl pkey -in FILE -out KEY` takes the passphrase off; keep KEY where only you read it"
            }
            Self::OtherKey => {
                "`openssl x509 -noout -pubkey -in CERT` and `openssl pkey -pubout -in KEY` have to print the same; \
                 the server's certificate comes first in --cert"
            }
            Self::NotYetValid { .. } | Self::Expired { .. } => {
                "renew the certificate, or set this machine's clock right"
            }
            Self::Name { .. } | Self::Unfit | Self::Host(_) => {
                "browsers go by subjectAltName alone: have a certificate issued for the host of --origin"
            }
            Self::Made(_) => return None,
        })
    }
}

fn names(found: &[String]) -> String {
    if found.is_empty() { "no host".to_owned() } else { found.join(", ") }
}
