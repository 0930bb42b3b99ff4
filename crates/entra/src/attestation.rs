//! Is it attested? The two routes that Entra has, and why neither may lead there.

use std::borrow::Cow;
use std::fmt;

use crate::aaguids;
use crate::candidate::{
    AdverseStatus, AttestationKind, Candidate, InAppAttestation, MetadataEntry, MetadataFacts, Trust,
};
use crate::circumstances::RegistrationPath;
use crate::switches::{self, Switches};

/// What the statement of a registration amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Level {
    /// Attested by way of certificates and metadata.
    Metadata {
        /// Whether the root is one of the lab's stand-ins.
        stand_in: bool,
        /// Whether metadata was consulted.
        consulted: bool,
    },
    /// Attested by Microsoft's services, inside the Authenticator app.
    InApp,
    /// Not attested.
    Not(NotAttested),
    /// The lab cannot tell.
    Undecided(Undecided),
}

/// Why a registration counts as not attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotAttested {
    /// Another format than `packed`.
    Format(Cow<'static, str>),
    /// `packed` without certificates.
    SelfAttested,
    /// Windows Hello, which Entra takes only where attestation is not enforced.
    WindowsHello,
    /// The chain ends in a root that is not trusted.
    Untrusted,
    /// There is no chain to a root.
    NoPath,
    /// Metadata has no entry for the model.
    NoEntry,
    /// Metadata has had an entry for less than four weeks.
    NotIngested,
    /// A status of the model speaks against it.
    Adverse(AdverseStatus),
    /// The model is not certified.
    NotCertified,
    /// The model is older than FIDO 2.0.
    NotFido2,
    /// The model lacks something.
    Lacks(&'static str),
    /// Microsoft Authenticator, registered outside its app.
    OutsideApp,
    /// Microsoft Authenticator, and its service refused.
    InAppFailed,
    /// Microsoft Authenticator, and its service did not answer.
    InAppUnavailable,
}

/// Why the lab cannot tell whether a registration is attested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// Nobody checked the chain.
    NotChecked,
    /// Nobody looked whether the model is certified, and `lab.json` wants that known.
    NotConsulted,
    /// Inside the app, and nobody said what its service found.
    InAppUnknown,
}

/// Concludes from the facts of a registration.
pub(crate) fn conclude(candidate: &Candidate<'_>, path: RegistrationPath, switches: Switches) -> Level {
    if aaguids::is_authenticator(candidate.passkey.aaguid) {
        return in_app(candidate.attestation.in_app, path);
    }
    let facts = &candidate.attestation;
    match (facts.format, facts.kind) {
        ("packed", AttestationKind::SelfAttested) => Level::Not(NotAttested::SelfAttested),
        ("packed", _) if aaguids::is_windows_hello(candidate.passkey.aaguid) => Level::Not(NotAttested::WindowsHello),
        ("packed", _) => by_certificates(facts.trust, facts.metadata, switches),
        (format, _) => Level::Not(NotAttested::Format(known_format(format))),
    }
}

fn in_app(verdict: Option<InAppAttestation>, path: RegistrationPath) -> Level {
    match (path, verdict) {
        (RegistrationPath::InApp, Some(InAppAttestation::Passed)) => Level::InApp,
        (RegistrationPath::InApp, Some(InAppAttestation::Failed)) => Level::Not(NotAttested::InAppFailed),
        (RegistrationPath::InApp, Some(InAppAttestation::Unavailable)) => Level::Not(NotAttested::InAppUnavailable),
        (RegistrationPath::InApp, None) => Level::Undecided(Undecided::InAppUnknown),
        _ => Level::Not(NotAttested::OutsideApp),
    }
}

fn by_certificates(trust: Trust, metadata: Option<MetadataFacts>, switches: Switches) -> Level {
    match trust {
        _ if metadata.is_some_and(|facts| facts.entry == MetadataEntry::Missing) => Level::Not(NotAttested::NoEntry),
        Trust::Untrusted => Level::Not(NotAttested::Untrusted),
        Trust::NoPath => Level::Not(NotAttested::NoPath),
        Trust::NotChecked => Level::Undecided(Undecided::NotChecked),
        Trust::Trusted | Trust::TrustedStandIn => by_metadata(trust == Trust::TrustedStandIn, metadata, switches),
    }
}

fn by_metadata(stand_in: bool, metadata: Option<MetadataFacts>, switches: Switches) -> Level {
    let Some(facts) = metadata else {
        let undecided = switches.other(&switches::CERTIFICATION_UNCHECKED);
        let taken = Level::Metadata { stand_in, consulted: false };
        return if undecided { Level::Undecided(Undecided::NotConsulted) } else { taken };
    };
    let ingested = facts.entry == MetadataEntry::Listed || switches.other(&switches::NEW_IN_METADATA);
    let adverse = facts.adverse.filter(|_| !switches.other(&switches::ADVERSE_STATUS));
    if let Some(status) = adverse.filter(|_| ingested) {
        return Level::Not(NotAttested::Adverse(status));
    }
    let demands = [
        (ingested, NotAttested::NotIngested),
        (facts.certified, NotAttested::NotCertified),
        (facts.fido2, NotAttested::NotFido2),
        (facts.has_uv, NotAttested::Lacks("user verification or a client PIN")),
        (facts.has_rk, NotAttested::Lacks("resident keys")),
        (facts.has_hmac_secret, NotAttested::Lacks("hmac-secret or PRF")),
    ];
    let missing = demands.into_iter().find(|(holds, _)| !holds);
    missing.map_or(Level::Metadata { stand_in, consulted: true }, |(_, cause)| Level::Not(cause))
}

/// The registered formats are borrowed: the common case allocates nothing.
fn known_format(format: &str) -> Cow<'static, str> {
    const KNOWN: [&str; 8] =
        ["none", "packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound"];
    let known = KNOWN.into_iter().find(|known| *known == format);
    known.map_or_else(|| Cow::Owned(format.chars().take(64).collect()), Cow::Borrowed)
}

impl Level {
    /// Whether it counts as attested; `None` where the lab cannot tell.
    pub(crate) const fn attested(&self) -> Option<bool> {
        match self {
            Self::Metadata { .. } | Self::InApp => Some(true),
            Self::Not(_) => Some(false),
            Self::Undecided(_) => None,
        }
    }

    /// A few words for the trace.
    pub(crate) const fn name(&self) -> &'static str {
        match self.attested() {
            Some(true) => "attested",
            Some(false) => "notAttested",
            None => "not known",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InApp => f.write_str("Microsoft's services attested it inside the Authenticator app"),
            Self::Metadata { stand_in, consulted } => {
                f.write_str(match stand_in {
                    true => {
                        "its certificates chain to a root of the lab that stands in for the vendor's (against the \
                         vendors' real roots the same bytes are untrusted)"
                    }
                    false => "its certificates chain to a trusted root",
                })?;
                f.write_str(if *consulted {
                    ", and its model is certified"
                } else {
                    "; certification was not looked up"
                })
            }
            Self::Not(cause) => cause.fmt(f),
            Self::Undecided(cause) => cause.fmt(f),
        }
    }
}

impl fmt::Display for NotAttested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(format) if format == "none" => f.write_str("it brings no attestation (format “none”)"),
            Self::Format(format) => write!(f, "its attestation has the format “{}”, and only “packed” counts", format.escape_debug()),
            Self::SelfAttested => f.write_str("it attests itself (“packed” without certificates), which says nothing of the model"),
            Self::WindowsHello => f.write_str("Windows Hello is never attested to Entra"),
            Self::Untrusted => f.write_str("its certificates end in a root that is not trusted"),
            Self::NoPath => f.write_str("its certificates lead to no trusted root"),
            Self::NoEntry => f.write_str("FIDO's metadata has no entry for its model"),
            Self::NotIngested => f.write_str("its model came into FIDO's metadata less than four weeks ago, and Microsoft reads that about once a month"),
            Self::Adverse(status) => write!(f, "FIDO's metadata says of its model {status}"),
            Self::NotCertified => f.write_str("its model is not FIDO certified"),
            Self::NotFido2 => f.write_str("its model is older than FIDO 2.0"),
            Self::Lacks(what) => write!(f, "its model lacks {what}"),
            Self::OutsideApp => f.write_str("Microsoft Authenticator is attested only when the passkey is made inside the app, and this one was not"),
            Self::InAppFailed => f.write_str("Apple's or Google's service did not vouch for this Authenticator app"),
            Self::InAppUnavailable => f.write_str("Apple's or Google's attestation service did not answer"),
        }
    }
}

impl fmt::Display for AdverseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Revoked => "REVOKED: it must not be trusted",
            Self::Retired => "RETIRED: its vendor has replaced it",
            Self::UserVerificationBypass => "USER_VERIFICATION_BYPASS: malware can get round its user verification",
            Self::AttestationKeyCompromise => {
                "ATTESTATION_KEY_COMPROMISE: what claims to be this model need not be one"
            }
            Self::UserKeyRemoteCompromise => "USER_KEY_REMOTE_COMPROMISE: its keys can be taken out from afar",
            Self::UserKeyPhysicalCompromise => {
                "USER_KEY_PHYSICAL_COMPROMISE: its keys can be taken out by whoever holds it"
            }
            Self::Unreadable => "nothing that can be read: a revocation could be among its statuses",
        })
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotChecked => "nobody checked whether its certificates lead to a trusted root",
            Self::NotConsulted => "no FIDO metadata was at hand to see whether its model is certified",
            Self::InAppUnknown => "nobody said what Apple's or Google's service found",
        })
    }
}
