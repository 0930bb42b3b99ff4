//! Why there is no statement, or no certificate for it.

use lab_protocol::cose::Algorithm;

use crate::keys::KeyError;

/// Why there is no statement, or no certificate for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    /// No such format is built.
    #[error("statements of format “{fmt}” cannot be made; these can: {}", built())]
    Format {
        /// The format asked for.
        fmt: String,
    },
    /// There is no key of that algorithm.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The country of a model cannot stand in a certificate.
    #[error("the country “{found}” is no code of two letters, so no attestation certificate can name it")]
    Country {
        /// The country found.
        found: String,
    },
    /// The algorithm has no form in a certificate.
    #[error("a key of {alg} cannot be certified")]
    NoCertificate {
        /// The algorithm.
        alg: Algorithm,
    },
    /// The format wants somebody to attest who was not given, or has no certificates at all.
    #[error("a statement of format {fmt} has no attestor, or one of another format")]
    Attestor {
        /// The format.
        fmt: &'static str,
    },
    /// The format cannot describe the credential's key.
    #[error("a statement of format {fmt} cannot be about a key of {alg}: {able} can be")]
    Credential {
        /// The format.
        fmt: &'static str,
        /// The algorithm of the credential.
        alg: Algorithm,
        /// What it can describe.
        able: &'static str,
    },
    /// The format signs parts of authenticator data that cannot be read.
    #[error("a statement of format {fmt} signs the credential id, and there is none to be read: {reason}")]
    AuthData {
        /// The format.
        fmt: &'static str,
        /// What is wrong with the authenticator data.
        reason: String,
    },
    /// A compound statement has too few parts, or one that is compound itself.
    #[error("a compound statement has at least two parts, none of them compound: found {found:?}")]
    Parts {
        /// The formats of the parts.
        found: Vec<String>,
    },
}

fn built() -> String {
    super::formats().collect::<Vec<_>>().join(", ")
}
