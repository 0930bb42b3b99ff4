//! `fido-u2f` (`webauthn-3 §8.6`): a U2F key signs the registration as U2F had it.

use lab_protocol::cose::{Algorithm, CredentialPublicKey, Curve, KeyMaterial};
use lab_protocol::trace::{Check, Document, Finding, Known, Reason, Trace};

use super::{Attested, Format, Input, Kind};
use crate::layout::member;
use crate::note::{self, Note};
use crate::record::{self, of, record};
use crate::signature::{self, PublicKey};
use crate::statement::{Form, Members, StatementError};
use crate::x509::{Certificate, CertificateError};

/// The format.
pub(super) struct FidoU2f;

static SYNTAX: Check =
    Check::new("attestation/u2f-syntax", Document::WebAuthn3, "8.6", "A U2F statement has x5c and sig.");

static ONE_CERT: Check =
    Check::new("attestation/u2f-one-cert", Document::WebAuthn3, "8.6", "x5c has exactly one certificate.")
        .hint("A U2F key sends one certificate; who adds its issuer makes another format of it.");

static P256_CERT: Check = Check::new(
    "attestation/u2f-p256-cert",
    Document::WebAuthn3,
    "8.6",
    "The key of the attestation certificate is one on P-256.",
)
.policy(
    "Whether a certificate is read whose signature claims not to end on a byte, as those of some early \
     keys do.",
    "It is, in this format only, and it is noted.",
);

static KEY_XY: Check = Check::new(
    "attestation/u2f-key-xy",
    Document::WebAuthn3,
    "8.6",
    "The credential public key has an x and a y of 32 bytes: a key on P-256, which U2F always makes.",
);

static SIG: Check = Check::new(
    "attestation/u2f-sig",
    Document::WebAuthn3,
    "8.6",
    "The attestation key signed the registration in the form of U2F.",
)
.hint("The signature covers RP ID hash, client data hash, credential id and key, not the authenticator data.");

static ZERO_AAGUID: Check = Check::new(
    "attestation/u2f-zero-aaguid",
    Document::WebAuthn3,
    "8.6",
    "The AAGUID is zero, as U2F keys have none.",
)
.policy(
    "Whether a U2F statement under an AAGUID is refused: the verification procedure does not say so, and the \
     specification's own vector has one; the FIDO conformance tests demand it.",
    "It is noted: the signature does not cover the AAGUID, so nobody vouches for it; `u2fAaguid: refuse` refuses it.",
);

static CHECKS: &[&Check] = &[&SYNTAX, &ONE_CERT, &P256_CERT, &KEY_XY, &SIG, &ZERO_AAGUID];

/// Why a U2F statement is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum U2fError {
    /// Not one certificate.
    #[error("x5c has {found} certificates, expected one")]
    Certificates {
        /// How many there are.
        found: usize,
    },
    /// The certificate is none.
    #[error("the certificate is unreadable: {0}")]
    Certificate(CertificateError),
    /// The certificate has another key.
    #[error("the certificate carries {found}, expected a P-256 key")]
    CertificateKey {
        /// What kind of key it carries.
        found: &'static str,
    },
    /// The credential has another key.
    #[error("the credential is {found} of {alg}, expected a P-256 key of ES256")]
    CredentialKey {
        /// What kind of key it is.
        found: &'static str,
        /// Its algorithm.
        alg: Algorithm,
    },
    /// A model, where U2F has none.
    #[error("the AAGUID is {found}; U2F keys have none, and no signature covers this one")]
    Aaguid {
        /// The AAGUID found.
        found: lab_protocol::Aaguid,
    },
}

impl Reason for U2fError {}

struct Statement<'a> {
    x5c: Vec<&'a [u8]>,
    sig: &'a [u8],
    notes: Vec<Note>,
}

impl<'a> Statement<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, StatementError> {
        let members = Members::parse(bytes, &[(member::X5C, Form::Chain), (member::SIG, Form::Bytes)])?;
        Ok(Self { x5c: members.elements()?, sig: members.bytes(member::SIG)?, notes: members.notes })
    }
}

impl Format for FidoU2f {
    fn id(&self) -> &'static str {
        "fido-u2f"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let statement = Statement::parse(input.att_stmt);
        let statement = record::syntax(trace, CHECKS, statement, |statement| &statement.notes)?;
        let one = match statement.x5c[..] {
            [one] => Ok(one),
            _ => Err(U2fError::Certificates { found: statement.x5c.len() }),
        };
        let one = trace.need(&ONE_CERT, one);
        let certificate = one.map(|der| Certificate::parse_odd(der).map_err(U2fError::Certificate));
        let certificate = certificate_of_p256(certificate, trace);
        let mut notes = statement.notes;
        notes.extend(certificate.as_ref().value().and_then(unused_bits));
        let point = trace.need_known(&KEY_XY, input.credential_key.map(point));
        let signed = certificate.as_ref().and(point);
        let sig = signed.judge(|(certificate, point)| of(signature(certificate, point, input, statement.sig)));
        let holds = [record(trace, &SIG, sig), record(trace, &ZERO_AAGUID, zero_aaguid(input))];
        let path = || one.value().map(|der| vec![der.to_vec()]).unwrap_or_default();
        holds.iter().all(|holds| *holds).then(|| Attested::new(Kind::Basic, path(), notes))
    }
}

/// Records whether the certificate's key is one on P-256, and what is odd about it.
fn certificate_of_p256<'a>(
    certificate: Known<Result<Certificate<'a>, U2fError>>,
    trace: &mut Trace<'a>,
) -> Known<Certificate<'a>> {
    let (finding, certificate) = match certificate.map(|parsed| parsed.and_then(on_p256)) {
        Known::Missing(blocker) => (Finding::not_judged(blocker), Known::Missing(blocker)),
        Known::Value(Err(error)) => (Finding::refuse(error), Known::Missing(&P256_CERT)),
        Known::Value(Ok(certificate)) => {
            let notes: Vec<_> = unused_bits(&certificate).into_iter().collect();
            (note::pass(&notes), Known::Value(certificate))
        }
    };
    trace.check(&P256_CERT, finding);
    certificate
}

fn unused_bits(certificate: &Certificate<'_>) -> Option<Note> {
    (certificate.unused_bits > 0).then_some(Note::UnusedBits(certificate.unused_bits))
}

fn on_p256(certificate: Certificate<'_>) -> Result<Certificate<'_>, U2fError> {
    match certificate.public_key() {
        PublicKey::Ec2 { curve: Curve::P256, .. } => Ok(certificate),
        other => Err(U2fError::CertificateKey { found: other.kind() }),
    }
}

/// The credential's point in the form of U2F (SEC 1 §2.3.3, uncompressed).
fn point(key: &CredentialPublicKey) -> Result<Vec<u8>, U2fError> {
    match &key.material {
        KeyMaterial::Ec2 { curve: Curve::P256, x, y } => Ok([&[4][..], x, y].concat()),
        _ => Err(U2fError::CredentialKey { found: PublicKey::from(key).kind(), alg: key.alg }),
    }
}

/// The signature over what U2F signs (FIDO U2F Raw Message Formats §4.3).
fn signature(
    certificate: &Certificate<'_>,
    point: &[u8],
    input: &Input<'_>,
    sig: &[u8],
) -> Result<(), signature::SignatureError> {
    let credential_id = input.auth_data.attested.map(|attested| attested.credential_id).unwrap_or_default();
    let parts: [&[u8]; 5] = [&[0], input.auth_data.rp_id_hash, input.client_data_hash, credential_id, point];
    signature::verify_with(Algorithm::ES256, &certificate.public_key(), &parts.concat(), sig)
}

fn zero_aaguid<'a>(input: &Input<'_>) -> Finding<'a> {
    match input.auth_data.attested {
        Some(attested) if attested.aaguid.is_zero() => Finding::pass(),
        Some(attested) => input.policy.u2f_aaguid.finding(U2fError::Aaguid { found: attested.aaguid }),
        None => Finding::not_applicable(),
    }
}

#[cfg(test)]
mod tests;
