//! Opening a BLOB (`fido-mds-3 §3.1.7`, §3.2): a compact JWS whose signer has to lead to a trusted root.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use lab_attestation::jws::{Jws, JwsSignatureError};
use lab_attestation::signature::PublicKey;
use lab_attestation::trust::revocation::{self, Revocation};
use lab_attestation::trust::{Anchor, Anchors, Trust, chain};
use lab_attestation::x509::{Certificate, Crl};
use lab_protocol::trace::{Check, Document, Finding, Known, Reason, Trace};

use crate::MAX_BLOB;
use crate::payload::Payload;

/// Where the FIDO Alliance publishes its BLOB.
pub const FIDO_SOURCE: &str = "https://mds3.fidoalliance.org/";

static SYNTAX: Check = Check::new(
    "metadata/jws-syntax",
    Document::FidoMds3,
    "3.1.7",
    "The BLOB is a compact JWS: header, payload and signature in base64url.",
)
.hint("Fetch the BLOB again, as it is: an editor or a download page has changed it.");

static X5U: Check = Check::new(
    "metadata/x5u",
    Document::FidoMds3,
    "3.2",
    "A header that says where the certificates are names the BLOB's own origin.",
)
.step(3)
.policy(
    "Whether the certificates of x5u are fetched, which go before those of x5c.",
    "The lab fetches nothing: x5c is used, and a BLOB without it is not judged.",
);

static CHAIN: Check = Check::new(
    "metadata/chain",
    Document::FidoMds3,
    "3.2",
    "The certificates of the signer are valid and lead to a trusted root.",
)
.step(4)
.hint("Fetch a newer BLOB; if FIDO has changed its root, name the new one with --anchors.");

static REVOCATION: Check =
    Check::new("metadata/revocation", Document::FidoMds3, "3.2", "No certificate of the signer's chain is revoked.")
        .step(4)
        .hint("Nobody should believe this BLOB: fetch a newer one.")
        .policy(
            "What a certificate is worth about which no list in force says anything.",
            "It is taken, and the check says that nobody knows; lists are read from --anchors (*.crl).",
        );

static SIGNATURE: Check =
    Check::new("metadata/signature", Document::FidoMds3, "3.2", "The signer's key made the signature of the BLOB.")
        .step(5)
        .hint("The BLOB was changed after it was signed: keep the one that you have.");

static PAYLOAD: Check = Check::new(
    "metadata/payload",
    Document::FidoMds3,
    "3.1.6",
    "The payload is a JSON object with no, nextUpdate and entries.",
);

static NEXT_UPDATE: Check =
    Check::new("metadata/next-update", Document::FidoMds3, "3.1.6", "The next BLOB is not due yet.")
        .hint("Fetch the BLOB again: statuses can have changed since.")
        .cannot_fail("an old BLOB is still a BLOB; whoever uses it is told")
        .policy("What a BLOB is worth whose nextUpdate has passed.", "It is used, and everybody who asks is told so.");

/// The checks of [`open`], in their order.
pub static CHECKS: &[&Check] = &[&SYNTAX, &X5U, &CHAIN, &REVOCATION, &SIGNATURE, &PAYLOAD, &NEXT_UPDATE];

/// What a BLOB is opened with.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'o> {
    /// The roots that are trusted to sign one.
    pub anchors: &'o Anchors,
    /// Revocation lists.
    pub crls: &'o [Crl<'o>],
    /// The time.
    pub at: Timestamp,
    /// Where it comes from: its origin is the only one that may be named as the place of certificates.
    pub source: &'o str,
}

/// What was found.
#[derive(Debug)]
pub struct Opened {
    /// Every check.
    pub trace: Trace<'static>,
    /// What it says, whether or not anybody vouches for it.
    pub payload: Option<Payload>,
    /// Who signed it: leaf first.
    pub signers: Vec<Signer>,
    /// The root that the signer leads to, where one is trusted.
    pub root: Option<Root>,
}

/// A certificate of the signer's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Whose it is.
    pub subject: String,
    /// The last moment of its validity.
    pub not_after: Timestamp,
    /// What revocation lists say.
    pub revocation: Revocation,
}

/// A trusted root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its subject.
    pub subject: String,
    /// Whether it is a laboratory's.
    pub stand_in: bool,
}

/// A BLOB that verified. Only opening makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Blob {
    /// What it says.
    pub payload: Payload,
    /// The root that vouches for it.
    pub root: Root,
}

/// Why a check of a BLOB fails, or what it tells.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenReason {
    /// x5u on another origin.
    #[error("x5u is “{found}”, which is not on the BLOB's own origin, that of “{source_url}”")]
    X5uOrigin {
        /// The place named.
        found: String,
        /// Where the BLOB comes from.
        source_url: String,
    },
    /// Certificates that would have to be fetched.
    #[error("the certificates are said to be at “{found}”, and nothing is fetched here")]
    X5uOnly {
        /// The place named.
        found: String,
    },
    /// x5u beside x5c.
    #[error("x5u names “{found}”; the certificates of x5c are used, nothing is fetched here")]
    X5uPassedOver {
        /// The place named.
        found: String,
    },
    /// A revoked certificate.
    #[error("“{subject}” is {revocation}")]
    Revoked {
        /// The certificate.
        subject: String,
        /// Since when, and why.
        revocation: Revocation,
    },
    /// Nobody knows whether it is revoked.
    #[error("whether the certificates are revoked is not known: {0}")]
    RevocationUnknown(String),
    /// Every certificate was asked about.
    #[error("no certificate of the chain is revoked, by lists that are in force")]
    NotRevoked,
    /// No anchor's key made the signature of a BLOB without certificates.
    #[error("the BLOB names no certificates, and none of the {anchors} trust anchors signed it")]
    NoSigner {
        /// How many anchors there are.
        anchors: usize,
    },
    /// nextUpdate has passed.
    #[error("The next BLOB was due on {next_update}, and it is {today}")]
    Due {
        /// When it was due.
        next_update: Date,
        /// The day of the verification.
        today: Date,
    },
}

impl Reason for OpenReason {
    fn is_unsupported(&self) -> bool {
        matches!(self, Self::X5uOnly { .. })
    }
}

/// Opens a BLOB: checks everything, and reads its outline even where a check fails.
#[must_use]
pub fn open(bytes: &[u8], opening: &Opening<'_>) -> Opened {
    let mut trace = Trace::new();
    let jws = trace.need(&SYNTAX, Jws::parse(bytes, MAX_BLOB));
    trace.check(&X5U, jws.judge(|jws| x5u(jws, opening.source)));
    let path = jws.as_ref().map(|jws| jws.header.x5c.clone().unwrap_or_default());
    let (finding, root) = vouched(&path, opening);
    trace.check(&CHAIN, finding);
    let signers = signers(&path, opening);
    trace.check(&REVOCATION, path.judge(|_| revoked(&signers)));
    let (signature, signed_by) = signature(&jws, opening);
    trace.check(&SIGNATURE, signature);
    let payload = trace.need_known(&PAYLOAD, jws.map(|jws| Payload::parse(jws.payload)));
    trace.check(&NEXT_UPDATE, payload.judge(|payload| due(payload.next_update, opening.at)));
    Opened { trace: trace.into_owned(), payload: payload.value(), signers, root: root.or(signed_by) }
}

impl Opened {
    /// Whether every check holds.
    #[must_use]
    pub fn verified(&self) -> bool {
        self.trace.decided_by().is_none() && self.trace.unsupported().is_none() && self.payload.is_some()
    }

    /// The BLOB, where it verified; else what was found.
    ///
    /// # Errors
    /// A BLOB that does not verify, as it was opened.
    pub fn into_blob(self) -> Result<Blob, Box<Self>> {
        match self {
            Self { payload: Some(payload), root: Some(root), trace, signers } => {
                let opened = Self { payload: None, root: None, trace, signers };
                match opened.trace.decided_by().or_else(|| opened.trace.unsupported()) {
                    None => Ok(Blob { payload, root }),
                    Some(_) => Err(Box::new(Self { payload: Some(payload), root: Some(root), ..opened })),
                }
            }
            opened => Err(Box::new(opened)),
        }
    }
}

impl Blob {
    /// Whether the next BLOB is due.
    #[must_use]
    pub fn is_due(&self, at: Timestamp) -> bool {
        self.payload.next_update < today(at)
    }
}

/// The day of a moment, in UTC.
pub(crate) fn today(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

fn x5u(jws: &Jws<'_>, source: &str) -> Finding<'static> {
    let Some(found) = jws.header.x5u.clone() else { return Finding::not_applicable() };
    let found = found.chars().take(200).collect::<String>();
    if origin(&found).is_none() || origin(&found) != origin(source) {
        return OpenReason::X5uOrigin { found, source_url: source.to_owned() }.into();
    }
    match jws.header.x5c {
        Some(_) => Finding::note(OpenReason::X5uPassedOver { found }),
        None => OpenReason::X5uOnly { found }.into(),
    }
}

/// Scheme, host and port of an https URL, in lower case.
fn origin(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty() && !host.contains('@'))?;
    Some(host.trim_end_matches(":443").to_ascii_lowercase())
}

/// Whether the chain leads to an anchor. Without a chain an anchor itself has to be the signer.
fn vouched(path: &Known<Vec<Vec<u8>>>, opening: &Opening<'_>) -> (Finding<'static>, Option<Root>) {
    let mut parts = Trace::new();
    let path = match path {
        Known::Value(path) if path.is_empty() => return (Finding::not_applicable(), None),
        Known::Value(path) => path,
        Known::Missing(blocker) => return (Finding::not_judged(blocker), None),
    };
    match chain(path, opening.anchors, &[], opening.at, &mut parts) {
        Trust::Trusted { anchor, stand_in } => {
            (Finding::pass_with(anchor.clone()), Some(Root { subject: anchor, stand_in }))
        }
        Trust::Untrusted { reason } => (reason.into(), None),
        Trust::NoPath | Trust::NotChecked => (Finding::not_applicable(), None),
    }
}

fn signers(path: &Known<Vec<Vec<u8>>>, opening: &Opening<'_>) -> Vec<Signer> {
    let Known::Value(path) = path else { return Vec::new() };
    let read = path.iter().filter_map(|der| Certificate::parse(der).ok());
    let signers = read.map(|certificate| Signer {
        subject: certificate.subject.to_string(),
        not_after: certificate.not_after,
        revocation: revocation::of(&certificate, path, opening.anchors, opening.crls, opening.at),
    });
    signers.collect()
}

fn revoked(signers: &[Signer]) -> Finding<'static> {
    if signers.is_empty() {
        return Finding::not_applicable();
    }
    let revoked = signers.iter().find(|signer| matches!(signer.revocation, Revocation::Revoked { .. }));
    if let Some(Signer { subject, revocation, .. }) = revoked {
        return OpenReason::Revoked { subject: subject.clone(), revocation: revocation.clone() }.into();
    }
    let unknown = signers.iter().filter(|signer| matches!(signer.revocation, Revocation::Unknown(_)));
    let unknown: Vec<String> = unknown.map(|signer| signer.revocation.to_string()).collect();
    match unknown.is_empty() {
        true => Finding::pass().because(OpenReason::NotRevoked),
        false => Finding::note(OpenReason::RevocationUnknown(unknown.join("; "))),
    }
}

/// The signature under the key of the first certificate, else under that of any anchor.
fn signature(jws: &Known<Jws<'_>>, opening: &Opening<'_>) -> (Finding<'static>, Option<Root>) {
    let jws = match jws {
        Known::Value(jws) => jws,
        Known::Missing(blocker) => return (Finding::not_judged(blocker), None),
    };
    let leaf = jws.header.x5c.as_ref().and_then(|x5c| x5c.first());
    if let Some(leaf) = leaf {
        return match Certificate::parse(leaf) {
            Ok(leaf) => (of(jws.verify(&leaf.public_key())), None),
            Err(_) => (Finding::not_judged(&CHAIN), None),
        };
    }
    if let Err(error @ (JwsSignatureError::Unsigned | JwsSignatureError::Symmetric { .. })) =
        jws.verify(&PublicKey::Unknown)
    {
        return (error.into(), None);
    }
    let signed = |anchor: &&Anchor| {
        Certificate::parse(anchor.der()).is_ok_and(|anchor| jws.verify(&anchor.public_key()).is_ok())
    };
    match opening.anchors.iter().find(signed) {
        Some(anchor) => {
            let root = Root { subject: anchor.label().to_owned(), stand_in: anchor.is_stand_in() };
            (Finding::pass_with(root.subject.clone()), Some(root))
        }
        None => (OpenReason::NoSigner { anchors: opening.anchors.len() }.into(), None),
    }
}

fn of(result: Result<(), JwsSignatureError>) -> Finding<'static> {
    result.map_or_else(Finding::refuse, |()| Finding::pass())
}

/// The day of nextUpdate is the last one on which nobody has to look again.
fn due(next_update: Date, at: Timestamp) -> Finding<'static> {
    let today = today(at);
    match next_update < today {
        true => Finding::note(OpenReason::Due { next_update, today }),
        false => Finding::pass(),
    }
}
