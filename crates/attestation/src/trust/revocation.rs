//! Revocation (RFC 5280 §6.3), by the lists that the caller hands in. A certificate about which no list
//! says anything is not known to be good: that is its own answer, and what it is worth is for the caller.

use std::fmt;

use const_oid::ObjectIdentifier;
use jiff::Timestamp;

use super::Anchors;
use crate::signature::{SignatureError, verify_scheme};
use crate::x509::{Certificate, Crl, SignatureAlgorithm};

/// What the lists say about one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// A list of its issuer is in force and does not name it.
    Good,
    /// A list of its issuer names it.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// The name of the reason (RFC 5280 §5.3.1).
        reason: &'static str,
    },
    /// No list can be asked.
    Unknown(Silence),
}

/// Why no list can be asked about a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    /// None was given of this issuer.
    #[error("no CRL of “{issuer}” was given")]
    NoList {
        /// The issuer.
        issuer: String,
    },
    /// The list is of another time.
    #[error("the CRL of “{issuer}” was due for renewal on {next_update}, and it is {now}")]
    Expired {
        /// The issuer.
        issuer: String,
        /// When the next list was due.
        next_update: Timestamp,
        /// The time of the verification.
        now: Timestamp,
    },
    /// The list is from the future.
    #[error("the CRL of “{issuer}” was made on {this_update}, and it is {now}")]
    NotYet {
        /// The issuer.
        issuer: String,
        /// When the list was made.
        this_update: Timestamp,
        /// The time of the verification.
        now: Timestamp,
    },
    /// Somebody else signed it.
    #[error("the CRL of “{issuer}” is not signed by it: {error}")]
    Signature {
        /// The issuer.
        issuer: String,
        /// What is wrong with the signature.
        error: SignatureError,
    },
    /// Its algorithm is broken or not built.
    #[error("the CRL of “{issuer}” is signed with {algorithm}, which is not believed here")]
    Algorithm {
        /// The issuer.
        issuer: String,
        /// The algorithm.
        algorithm: ObjectIdentifier,
    },
    /// Nobody who could have signed it is at hand.
    #[error("the certificate of “{issuer}”, which signed the CRL, is not at hand")]
    NoIssuer {
        /// The issuer.
        issuer: String,
    },
    /// It covers less than all certificates of its issuer.
    #[error("the CRL of “{issuer}” has the critical extension {extension}, which is not understood here")]
    Critical {
        /// The issuer.
        issuer: String,
        /// The extension.
        extension: String,
    },
}

impl Revocation {
    /// The name used in JSON results.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked { .. } => "revoked",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("not revoked"),
            Self::Revoked { at, reason } => write!(f, "revoked since {at} ({reason})"),
            Self::Unknown(silence) => silence.fmt(f),
        }
    }
}

/// What `crls` say about `certificate` at `at`. Its issuer, which also signs the list, is looked for in
/// `chain` (DER) and among the anchors. A revocation counts from the moment that the list names, and one
/// that is read in a list which is due for renewal counts all the same.
#[must_use]
pub fn of(
    certificate: &Certificate<'_>,
    chain: &[Vec<u8>],
    anchors: &Anchors,
    crls: &[Crl<'_>],
    at: Timestamp,
) -> Revocation {
    let issuer = certificate.issuer;
    let mut silence = Silence::NoList { issuer: issuer.to_string() };
    for crl in crls.iter().filter(|crl| crl.issuer.same(&issuer)) {
        match ask(crl, certificate, chain, anchors, at) {
            Revocation::Unknown(why) => silence = why,
            answer => return answer,
        }
    }
    Revocation::Unknown(silence)
}

fn ask(
    crl: &Crl<'_>,
    certificate: &Certificate<'_>,
    chain: &[Vec<u8>],
    anchors: &Anchors,
    now: Timestamp,
) -> Revocation {
    let issuer = || crl.issuer.to_string();
    if let Err(silence) = signed(crl, chain, anchors) {
        return Revocation::Unknown(silence);
    }
    let entry = crl.find(certificate.serial);
    let unread = crl.unknown_critical().map(|extension| extension.oid.to_string());
    let unread = unread.or_else(|| entry.filter(|entry| entry.unknown_critical).map(|_| "of an entry".to_owned()));
    if let Some(extension) = unread {
        return Revocation::Unknown(Silence::Critical { issuer: issuer(), extension });
    }
    if let Some(entry) = entry.filter(|entry| entry.at <= now) {
        return Revocation::Revoked { at: entry.at, reason: reason(entry.reason) };
    }
    match crl.next_update {
        _ if now < crl.this_update => {
            Revocation::Unknown(Silence::NotYet { issuer: issuer(), this_update: crl.this_update, now })
        }
        Some(next_update) if now > next_update => {
            Revocation::Unknown(Silence::Expired { issuer: issuer(), next_update, now })
        }
        _ => Revocation::Good,
    }
}

/// Whether one of the certificates with the list's name signed it: several may share a name.
fn signed(crl: &Crl<'_>, chain: &[Vec<u8>], anchors: &Anchors) -> Result<(), Silence> {
    let issuer = || crl.issuer.to_string();
    let SignatureAlgorithm::Known(scheme) = crl.signature_algorithm.signature() else {
        return Err(Silence::Algorithm { issuer: issuer(), algorithm: crl.signature_algorithm.oid });
    };
    let mut last = Silence::NoIssuer { issuer: issuer() };
    let known = chain.iter().map(Vec::as_slice).chain(anchors.iter().map(super::Anchor::der));
    for signer in known.filter_map(|der| Certificate::parse(der).ok()) {
        if !signer.subject.same(&crl.issuer) {
            continue;
        }
        let result = verify_scheme(scheme, &signer.public_key(), crl.tbs, crl.signature);
        match result.unwrap_or(Err(SignatureError::Mismatch)) {
            Ok(()) => return Ok(()),
            Err(error) => last = Silence::Signature { issuer: issuer(), error },
        }
    }
    Err(last)
}

fn reason(code: Option<u8>) -> &'static str {
    match code {
        None | Some(0) => "unspecified",
        Some(1) => "keyCompromise",
        Some(2) => "cACompromise",
        Some(3) => "affiliationChanged",
        Some(4) => "superseded",
        Some(5) => "cessationOfOperation",
        Some(6) => "certificateHold",
        Some(8) => "removeFromCRL",
        Some(9) => "privilegeWithdrawn",
        Some(10) => "aACompromise",
        Some(_) => "a reason without a name",
    }
}

#[cfg(test)]
mod tests;
