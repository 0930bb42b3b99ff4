//! Why a path is not believed: one variant for each cause.

use std::fmt;

use const_oid::ObjectIdentifier;
use jiff::Timestamp;
use lab_protocol::trace::Reason;

use super::{MAX_CANDIDATES, MAX_PATH, MAX_SIGNATURES};
use crate::signature::SignatureError;
use crate::x509::CertificateError;

/// Why no path is believed. Certificates are named by their subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathReason {
    /// Nobody who issued the last certificate is among the anchors.
    #[error("“{subject}” was issued by “{issuer}”, which is none of the {anchors} trust anchors")]
    NoAnchor {
        /// The last certificate.
        subject: String,
        /// Who issued it.
        issuer: String,
        /// How many anchors there are.
        anchors: usize,
    },
    /// The path ends in a root that the statement brought along and nobody trusts.
    #[error(
        "the path ends in “{subject}”, a root that the statement brought along and that is none of the {anchors} trust anchors"
    )]
    UntrustedRoot {
        /// The root.
        subject: String,
        /// How many anchors there are.
        anchors: usize,
    },
    /// x5c is not in the order in which certificates are issued.
    #[error("certificate {position} of x5c is “{found}”, expected the issuer of the one before it, “{expected}”")]
    Order {
        /// Its place in x5c, counted from 1.
        position: usize,
        /// The issuer of the certificate before it.
        expected: String,
        /// Its own subject.
        found: String,
    },
    /// A certificate that cannot be read.
    #[error("certificate {position} of x5c is unreadable: {error}")]
    Unreadable {
        /// Its place in x5c, counted from 1.
        position: usize,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// More certificates than a path may have.
    #[error("the path has more than {MAX_PATH} certificates")]
    TooLong,
    /// More paths than are tried.
    #[error("more than {MAX_CANDIDATES} paths fit by name; none of those that were tried holds")]
    TooManyPaths,
    /// The time is before the validity.
    #[error("“{subject}” is not valid before {not_before}, and it is {now}")]
    NotYetValid {
        /// The certificate.
        subject: String,
        /// The first moment of its validity.
        not_before: Timestamp,
        /// The time of the verification.
        now: Timestamp,
    },
    /// The time is after the validity.
    #[error("“{subject}” expired on {not_after}, and it is {now}")]
    Expired {
        /// The certificate.
        subject: String,
        /// The last moment of its validity.
        not_after: Timestamp,
        /// The time of the verification.
        now: Timestamp,
    },
    /// An issuer that is no CA.
    #[error("“{subject}” issued a certificate, but its basic constraints do not say that it is a CA")]
    NotACa {
        /// The issuer.
        subject: String,
    },
    /// More intermediates than an issuer allows.
    #[error("“{subject}” allows {allowed} intermediates below it, the path has {found}")]
    PathLength {
        /// The issuer.
        subject: String,
        /// How many it allows.
        allowed: u32,
        /// How many there are.
        found: u32,
    },
    /// An issuer whose key usage does not include signing certificates.
    #[error("“{subject}” issued a certificate, but its key usage lacks keyCertSign")]
    KeyUsage {
        /// The issuer.
        subject: String,
    },
    /// An extension that decides who may sign and cannot be read.
    #[error("the {extension} of “{subject}” cannot be read: {error}")]
    Extension {
        /// The certificate.
        subject: String,
        /// The extension.
        extension: &'static str,
        /// What is wrong with it.
        error: der::Error,
    },
    /// A critical extension that nobody here understands.
    #[error("“{subject}” has the critical extension {extension}, which is not understood here")]
    UnknownCriticalExtension {
        /// The certificate.
        subject: String,
        /// The extension.
        extension: ObjectIdentifier,
    },
    /// A certificate that its issuer did not sign.
    #[error("“{subject}” is not signed by “{issuer}”: {error}")]
    BadSignature {
        /// The certificate.
        subject: String,
        /// The one that should have signed it.
        issuer: String,
        /// What is wrong with the signature.
        error: SignatureError,
    },
    /// An anchor has the right name and another key.
    #[error(
        "“{subject}” names the trust anchor “{issuer}” as its issuer, but that anchor's key did not sign it: {error}"
    )]
    AnchorMismatch {
        /// The certificate.
        subject: String,
        /// The anchor.
        issuer: String,
        /// What is wrong with the signature.
        error: SignatureError,
    },
    /// A signature with a hash that can be forged.
    #[error("“{subject}” is signed with {algorithm}, whose hash can be forged")]
    WeakAlgorithm {
        /// The certificate.
        subject: String,
        /// The algorithm.
        algorithm: &'static str,
    },
    /// A signature whose algorithm is not built.
    #[error("“{subject}” is signed with algorithm {algorithm}, which is not supported here")]
    UnsupportedAlgorithm {
        /// The certificate.
        subject: String,
        /// The algorithm.
        algorithm: ObjectIdentifier,
    },
    /// More signatures than are verified for one statement.
    #[error("more than {MAX_SIGNATURES} signatures would have to be verified to find a path")]
    TooManySignatures,
}

impl PathReason {
    /// Whether the path is one, and only its end is nobody's who is trusted.
    pub(super) const fn ends_in_no_anchor(&self) -> bool {
        matches!(self, Self::NoAnchor { .. } | Self::UntrustedRoot { .. })
    }
}

impl Reason for PathReason {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::NoAnchor { .. } => "Add the vendor's root to the anchors, or the intermediates that lead to it.",
            Self::UntrustedRoot { .. } => {
                "A root proves nothing by coming along: compare it with the vendor's, then add it to the anchors."
            }
            Self::Order { .. } => {
                "x5c starts with the attestation certificate, each next one is the issuer of the one before."
            }
            Self::NotYetValid { .. } => "Compare the time of the verification with the certificate's.",
            Self::Expired { .. } => "The vendor has to issue new certificates; existing keys keep theirs.",
            Self::AnchorMismatch { .. } => {
                "A root of this name exists with another key: a forgery, another edition, or another run of the lab."
            }
            Self::WeakAlgorithm { .. } => {
                "The vendor has to issue certificates that are signed with SHA-256 or better."
            }
            _ => return None,
        })
    }

    fn is_unsupported(&self) -> bool {
        match self {
            Self::UnsupportedAlgorithm { .. } => true,
            Self::BadSignature { error, .. } | Self::AnchorMismatch { error, .. } => error.is_unsupported(),
            _ => false,
        }
    }
}

/// The umbrella's reason: no path to any anchor holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no path to any of the {anchors} trust anchors holds: {cause}")]
pub(super) struct NoTrust {
    pub(super) anchors: usize,
    pub(super) cause: PathReason,
}

impl Reason for NoTrust {
    fn hint(&self) -> Option<&str> {
        self.cause.hint()
    }

    fn is_unsupported(&self) -> bool {
        self.cause.is_unsupported()
    }
}

/// Something about a path that is worth knowing and decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathNote {
    /// x5c includes the anchor, which it may leave out.
    #[error("x5c includes the trust anchor")]
    AnchorIncluded,
    /// The attestation certificate is itself an anchor.
    #[error("the attestation certificate is itself a trust anchor")]
    LeafIsAnchor,
    /// Two names are equal only with string types, case and spaces set aside.
    #[error("“{0}” spells the name of its issuer in other bytes than the issuer does")]
    NameEncoding(String),
}

/// Several notes in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathNotes(pub Vec<PathNote>);

impl fmt::Display for PathNotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, note)| {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{note}")
        })
    }
}

impl Reason for PathNotes {}
