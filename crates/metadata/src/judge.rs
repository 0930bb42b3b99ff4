//! An attestation held against metadata: is there an entry for the model, do its certificates lead to the
//! roots of the entry, and does the model's status allow it (`fido-mds-3 §3.2`, `webauthn-3 §7.1` step 23).
//!
//! Nothing here fails a ceremony: a statement is valid or not by itself, and what metadata says of the
//! model stands beside it, as [`Judgement::trust`].

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use lab_attestation::trust::{PathReason, Trust as PathTrust, chain};
use lab_attestation::verify::{Attested, Kind};
use lab_attestation::x509::Certificate;
use lab_protocol::Aaguid;
use lab_protocol::cose::Algorithm;
use lab_protocol::trace::{Check, Document, Finding, Reason, Trace};

use crate::entry::Entry;
use crate::open::{Blob, OpenReason, today};
use crate::standing::{InHand, Refusal, Standing, standing};
use crate::vocabulary::{AttestationType, AuthenticationAlgorithm};

const ASIDE: &str = "metadata says whom to trust; whether a statement is valid, the statement says";

static BLOB: Check =
    Check::new("metadata/current", Document::FidoMds3, "3.2", "The BLOB that is asked is not due for renewal.")
        .step(7)
        .hint("Fetch the BLOB again: statuses can have changed since.")
        .cannot_fail(ASIDE);

static ENTRY: Check = Check::new("metadata/entry", Document::FidoMds3, "3.2", "Metadata has an entry for the model.")
    .step(8)
    .hint("A model without an entry is not in FIDO's metadata, or not yet: ask its vendor.")
    .cannot_fail(ASIDE);

static TYPE: Check = Check::new(
    "metadata/attestation-type",
    Document::FidoMds3,
    "3.2",
    "The type of the attestation is one that the model's statement names.",
)
.step(8)
.cannot_fail(ASIDE);

static ROOT: Check = Check::new(
    "metadata/root",
    Document::WebAuthn3,
    "7.1",
    "The attestation certificate chains to a root of the model's own entry.",
)
.step(24)
.hint("A chain that leads elsewhere is another model's, or a forgery.")
.cannot_fail(ASIDE);

static STATUS: Check = Check::new(
    "metadata/status",
    Document::FidoMds3,
    "3.1.4",
    "No status of the model in effect speaks against it.",
)
.policy(
    "Which statuses refuse a registration.",
    "REVOKED, RETIRED, USER_VERIFICATION_BYPASS, both compromises of users' keys unless the firmware in hand has an \
     update that came later, and ATTESTATION_KEY_COMPROMISE of a key in the path or without a certificate. Every \
     report in effect counts, whatever stands before or behind it.",
)
.cannot_fail(ASIDE);

static CERTIFIED: Check = Check::new("metadata/certified", Document::FidoMds3, "3.1.4", "The model is FIDO certified.")
    .hint("Entra demands a certification where attestation is enforced; others need not.")
    .cannot_fail(ASIDE);

static ALGORITHM: Check = Check::new(
    "metadata/algorithm",
    Document::FidoMds3,
    "3.2",
    "The algorithm of the credential is one that the model's statement names.",
)
.step(8)
.hint("Statements lag behind firmware: Windows Hello makes ES256 keys that its statement does not name.")
.cannot_fail(ASIDE);

/// The checks of [`judge`], in their order.
pub static CHECKS: &[&Check] = &[&BLOB, &ENTRY, &TYPE, &ROOT, &STATUS, &CERTIFIED, &ALGORITHM];

/// An attestation that was verified.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'s> {
    /// The model, as the authenticator data say.
    pub aaguid: Aaguid,
    /// What the statement established.
    pub attested: &'s Attested,
    /// The algorithm of the credential.
    pub algorithm: Algorithm,
}

/// What metadata says of an attestation.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The entry of the model.
    pub entry: Option<Arc<Entry>>,
    /// Where the model stands; `None` without an entry.
    pub standing: Option<Standing>,
    /// Whether its certificates lead to a root of the entry, and nothing speaks against the model.
    pub trust: Trust,
    /// Whether its certificates lead to a root of the entry, whatever the model's status; then, whether that
    /// root is a laboratory's.
    pub chained: Option<bool>,
    /// Why it is not trusted, in one sentence.
    pub because: Option<String>,
}

/// Whether metadata vouches for an attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Its certificates lead to a root of its model's entry, and nothing speaks against the model.
    Trusted {
        /// The root.
        anchor: String,
        /// Whether it is a laboratory's.
        stand_in: bool,
    },
    /// Metadata does not vouch for it.
    Untrusted,
    /// There are no certificates: `none` or self attestation.
    NoPath,
}

impl Trust {
    /// The name used in JSON results.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Trusted { .. } => "trusted",
            Self::Untrusted => "untrusted",
            Self::NoPath => "no-path",
        }
    }
}

/// Why metadata does not vouch for an attestation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Doubt {
    #[error("Metadata has no entry for {0}")]
    NoEntry(Sought),
    #[error("The attestation is of type {found}, and the statement of “{model}” names {named}")]
    Type { found: &'static str, named: String, model: String },
    #[error("The entry of “{model}” does not know this chain: {cause}")]
    Chain { model: String, cause: PathReason },
    #[error("The entry of “{model}” names no roots")]
    NoRoots { model: String },
    #[error("“{model}” must not be registered: {}", .refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Status { model: String, refusals: Vec<Refusal> },
    #[error("{0}")]
    Remarks(String),
    #[error("The credential's algorithm is {found}, and the statement names {named}")]
    Algorithm { found: Algorithm, named: String },
}

impl Reason for Doubt {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Status { refusals, .. } => refusals.first().and_then(Reason::hint),
            Self::Chain { cause, .. } => cause.hint(),
            _ => None,
        }
    }
}

/// By what the entry was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sought {
    aaguid: Aaguid,
    identifiers: usize,
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.aaguid.is_zero(), self.identifiers) {
            (false, _) => write!(f, "the AAGUID {}", self.aaguid),
            (true, 0) => f.write_str("a passkey that names no model and brings no certificate"),
            (true, found) => write!(f, "the keys of its {found} certificates"),
        }
    }
}

/// The entry of a model: by its AAGUID, else by the keys of its certificates, as U2F has them
/// (`fido-metadata-statement-3`, attestationCertificateKeyIdentifiers). Old U2F certificates are taken with the
/// unused bits that they have.
#[must_use]
pub fn find<'b>(blob: &'b Blob, aaguid: Aaguid, path: &[Vec<u8>]) -> Option<&'b Arc<Entry>> {
    if !aaguid.is_zero() {
        return blob.payload.by_aaguid(aaguid);
    }
    let certificates = path.iter().filter_map(|der| Certificate::parse_odd(der).ok());
    let mut identifiers = certificates.filter_map(|certificate| certificate.key_identifier());
    identifiers.find_map(|identifier| blob.payload.by_key_identifier(&identifier))
}

/// Holds an attestation against the BLOB and records every check.
pub fn judge(subject: &Subject<'_>, blob: &Blob, at: Timestamp, trace: &mut Trace<'_>) -> Judgement {
    let (next_update, today) = (blob.payload.next_update, today(at));
    trace.check(
        &BLOB,
        match blob.is_due(at) {
            true => Finding::note(OpenReason::Due { next_update, today }),
            false => Finding::pass_with(next_update.to_string()),
        },
    );
    let path = &subject.attested.trust_path;
    let Some(entry) = find(blob, subject.aaguid, path) else { return unlisted(subject, trace) };
    let model = entry.description().to_owned();
    trace.check(&ENTRY, Finding::pass_with(model.clone()));
    let typed = attestation_type(subject.attested.kind, entry, &model);
    trace.check(&TYPE, told(typed.as_ref().err().cloned()));
    let (trust, chained) = anchored(path, entry, &model, at);
    trace.check(
        &ROOT,
        match (&trust, &chained) {
            (_, Some(doubt)) => Finding::note(doubt.clone()),
            (Trust::Trusted { anchor, .. }, None) => Finding::pass_with(anchor.clone()),
            _ => Finding::not_applicable(),
        },
    );
    let standing = standing(entry, InHand { path: &with_anchor(path, entry, &trust), firmware: firmware(path) }, at);
    let refused = status(&standing, &model);
    trace.check(&STATUS, told(refused.clone().or_else(|| remarks(&standing))));
    trace.check(
        &CERTIFIED,
        match &standing.certification {
            Some(level) => Finding::pass_with(level.to_string()),
            None => Finding::note(Doubt::Remarks("The model is not FIDO certified".to_owned())),
        },
    );
    trace.check(&ALGORITHM, told(algorithm(subject.algorithm, entry)));
    let doubt = refused.or(chained).or(typed.err());
    let because = doubt.as_ref().map(ToString::to_string);
    let leads = match &trust {
        Trust::Trusted { stand_in, .. } => Some(*stand_in),
        _ => None,
    };
    let trust = if doubt.is_some() && trust != Trust::NoPath { Trust::Untrusted } else { trust };
    Judgement { entry: Some(Arc::clone(entry)), standing: Some(standing), trust, chained: leads, because }
}

fn told(doubt: Option<Doubt>) -> Finding<'static> {
    doubt.map_or_else(Finding::pass, Finding::note)
}

fn unlisted(subject: &Subject<'_>, trace: &mut Trace<'_>) -> Judgement {
    let path = &subject.attested.trust_path;
    let doubt = Doubt::NoEntry(Sought { aaguid: subject.aaguid, identifiers: path.len() });
    let because = Some(doubt.to_string());
    trace.check(&ENTRY, Finding::note(doubt));
    CHECKS.iter().skip(2).for_each(|check| trace.check(check, Finding::not_judged(&ENTRY)));
    let trust = if path.is_empty() { Trust::NoPath } else { Trust::Untrusted };
    Judgement { entry: None, standing: None, trust, chained: None, because }
}

/// A full attestation of a model that only attests itself is as suspicious as the other way round.
fn attestation_type(kind: Kind, entry: &Entry, model: &str) -> Result<(), Doubt> {
    use AttestationType as Type;
    let named = entry.statement().and_then(|statement| statement.attestation_types.as_deref()).unwrap_or_default();
    let fits = |named: &Type| match kind {
        Kind::None => true,
        Kind::SelfAttestation => matches!(named, Type::BasicSurrogate | Type::Unknown(_)),
        // A format does not tell a batch certificate from one of an attestation CA.
        Kind::Basic => matches!(named, Type::BasicFull | Type::AttCa | Type::AnonCa | Type::Unknown(_)),
        Kind::AttCa => matches!(named, Type::AttCa | Type::BasicFull | Type::Unknown(_)),
        Kind::AnonCa => matches!(named, Type::AnonCa | Type::Unknown(_)),
    };
    if kind == Kind::None || named.iter().any(fits) {
        return Ok(());
    }
    let list = named.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let named = if list.is_empty() { "none".to_owned() } else { list };
    Err(Doubt::Type { found: kind.name(), named, model: model.to_owned() })
}

fn anchored(path: &[Vec<u8>], entry: &Entry, model: &str, at: Timestamp) -> (Trust, Option<Doubt>) {
    if path.is_empty() {
        return (Trust::NoPath, None);
    }
    if entry.roots().is_empty() {
        return (Trust::Untrusted, Some(Doubt::NoRoots { model: model.to_owned() }));
    }
    match chain(path, entry.roots(), &[], at, &mut Trace::new()) {
        PathTrust::Trusted { anchor, stand_in } => (Trust::Trusted { anchor, stand_in }, None),
        PathTrust::Untrusted { reason: cause } => {
            (Trust::Untrusted, Some(Doubt::Chain { model: model.to_owned(), cause }))
        }
        PathTrust::NoPath | PathTrust::NotChecked => (Trust::NoPath, None),
    }
}

/// The path and the anchor that it leads to: a compromised key can be the anchor's.
fn with_anchor(path: &[Vec<u8>], entry: &Entry, trust: &Trust) -> Vec<Vec<u8>> {
    let label = match trust {
        Trust::Trusted { anchor, .. } => Some(anchor.as_str()),
        _ => None,
    };
    let anchors = entry.roots().iter().filter(|anchor| Some(anchor.label()) == label);
    path.iter().cloned().chain(anchors.map(|anchor| anchor.der().to_vec())).collect()
}

/// `id-fido-gen-ce-fw-version`, an INTEGER (`webauthn-3 §8.2.1`).
fn firmware(path: &[Vec<u8>]) -> Option<u64> {
    Certificate::parse_odd(path.first()?).ok()?.firmware_version()
}

fn status(standing: &Standing, model: &str) -> Option<Doubt> {
    let refusals = standing.refusals.clone();
    (!standing.acceptable()).then(|| Doubt::Status { model: model.to_owned(), refusals })
}

fn remarks(standing: &Standing) -> Option<Doubt> {
    let remarks: Vec<String> = standing.remarks.iter().map(ToString::to_string).collect();
    let mut letters = remarks.join("; ");
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    (!remarks.is_empty()).then_some(Doubt::Remarks(letters))
}

fn algorithm(found: Algorithm, entry: &Entry) -> Option<Doubt> {
    let named = entry.statement()?.authentication_algorithms.as_deref()?;
    if named.is_empty() || named.iter().any(|named| is(found, named)) {
        return None;
    }
    let named = named.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Some(Doubt::Algorithm { found, named })
}

/// Whether a COSE algorithm is what metadata calls it; a name that the lab does not know can be any.
fn is(alg: Algorithm, named: &AuthenticationAlgorithm) -> bool {
    use AuthenticationAlgorithm as Named;
    match named {
        Named::Secp256r1EcdsaSha256Raw | Named::Secp256r1EcdsaSha256Der => matches!(alg.0, -7 | -9),
        Named::Secp256k1EcdsaSha256Raw | Named::Secp256k1EcdsaSha256Der => alg.0 == -47,
        Named::Secp384r1EcdsaSha384Raw => matches!(alg.0, -35 | -51),
        Named::Secp521r1EcdsaSha512Raw => matches!(alg.0, -36 | -52),
        Named::Ed25519EddsaSha512Raw => matches!(alg.0, -8 | -19),
        Named::Ed448EddsaSha512Raw => alg.0 == -53,
        Named::RsassaPkcs15Sha256Raw | Named::RsaEmsaPkcs1Sha256Raw | Named::RsaEmsaPkcs1Sha256Der => alg.0 == -257,
        Named::RsassaPkcs15Sha384Raw => alg.0 == -258,
        Named::RsassaPkcs15Sha512Raw => alg.0 == -259,
        Named::RsassaPkcs15Sha1Raw => alg.0 == -65535,
        Named::RsassaPssSha256Raw | Named::RsassaPssSha256Der => alg.0 == -37,
        Named::RsassaPssSha384Raw => alg.0 == -38,
        Named::RsassaPssSha512Raw => alg.0 == -39,
        Named::Sm2Sm3Raw => false,
        Named::Unknown(_) => true,
    }
}
