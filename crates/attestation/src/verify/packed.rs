//! `packed` (`webauthn-3 §8.2`): signed by a certified key, or by the credential itself.

mod certificate;
mod statement;

use lab_protocol::cose::Algorithm;
use lab_protocol::trace::{Check, Document, Finding, Known, Reason, Trace};

use super::{Attested, Format, Input, Kind};
use crate::aaguid;
use crate::note;
use crate::record::{self, not_applicable, of, record};
use crate::signature;
use crate::x509::Certificate;

pub use certificate::{CertificateFault, CertificateFaults};
use statement::Statement;

/// The format.
pub(super) struct Packed;

static SYNTAX: Check = Check::new(
    "attestation/packed-syntax",
    Document::WebAuthn3,
    "8.2",
    "A packed statement has alg, sig and, unless it is a self attestation, a non-empty x5c.",
)
.hint("The authenticator or something behind it writes the statement wrongly; no setting of the relying party helps.");

static X5C_SIG: Check = Check::new(
    "attestation/packed-x5c-sig",
    Document::WebAuthn3,
    "8.2",
    "The attestation key of x5c signed the authenticator data and the client data hash with alg.",
)
.hint("Authenticator data, client data or statement were changed on the way, or another key signed.");

static CERT: Check = Check::new(
    "attestation/packed-cert",
    Document::WebAuthn3,
    "8.2.1",
    "The attestation certificate meets the requirements of packed attestation.",
)
.hint("The certificate comes from the vendor: report it there, or do not enforce attestation for this model.")
.policy(
    "Whether the country has to be an assigned ISO 3166 code, whether an attribute may occur twice, whether a \
     certificate without Basic Constraints is tolerated, and one with bytes behind its end.",
    "Any two letters are a country; a repeated attribute is accepted where one of them is as demanded, and noted. \
     Missing Basic Constraints, which §8.2.1 demands, and bytes behind the certificate are refused.",
);

static AAGUID: Check = Check::new(
    "attestation/packed-aaguid",
    Document::WebAuthn3,
    "8.2",
    "The AAGUID in the attestation certificate is that of the authenticator data.",
)
.hint("The certificate belongs to another model than the one that the authenticator claims to be.");

static SELF_ALG: Check = Check::new(
    "attestation/packed-self-alg",
    Document::WebAuthn3,
    "8.2",
    "The alg of a self attestation is that of the credential key.",
);

static SELF_SIG: Check = Check::new(
    "attestation/packed-self-sig",
    Document::WebAuthn3,
    "8.2",
    "The credential key signed the authenticator data and the client data hash.",
)
.hint("Authenticator data, client data or statement were changed on the way, or x5c was taken out.");

static CHECKS: &[&Check] = &[&SYNTAX, &X5C_SIG, &CERT, &AAGUID, &SELF_ALG, &SELF_SIG];

/// The alg of a self attestation is not that of the credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("alg is {found}, the credential key is one of {expected}")]
pub struct SelfAlgorithmMismatch {
    /// The algorithm of the credential key.
    pub expected: Algorithm,
    /// The algorithm of the statement.
    pub found: Algorithm,
}

impl Reason for SelfAlgorithmMismatch {}

impl Format for Packed {
    fn id(&self) -> &'static str {
        "packed"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let statement = Statement::parse(input.att_stmt);
        let statement = record::syntax(trace, CHECKS, statement, |statement| &statement.notes)?;
        let message = [input.auth_data.bytes, input.client_data_hash].concat();
        match &statement.x5c {
            Some(x5c) => certified(input, &statement, x5c, &message, trace),
            None => by_itself(input, &statement, &message, trace),
        }
    }
}

fn certified<'a>(
    input: &Input<'a>,
    statement: &Statement<'a>,
    x5c: &[&'a [u8]],
    message: &[u8],
    trace: &mut Trace<'a>,
) -> Option<Attested> {
    let leaf = x5c.first().copied().map(Certificate::parse)?;
    let (faults, mut notes) = certificate::judge(&leaf, x5c);
    let leaf = leaf.map_or(Known::Missing(&CERT), Known::Value);
    let signature =
        leaf.as_ref().map(|leaf| signature::verify_with(statement.alg, &leaf.public_key(), message, statement.sig));
    let aaguid = leaf.as_ref().map(|leaf| aaguid::judge(leaf, input.auth_data));
    let holds = [
        record(trace, &X5C_SIG, signature.judge(|result| of(result.clone()))),
        record(trace, &CERT, faults.map_or_else(|| note::pass(&notes), Finding::refuse)),
        record(trace, &AAGUID, aaguid.judge(Clone::clone)),
    ];
    not_applicable(trace, &[&SELF_ALG, &SELF_SIG]);
    notes.splice(..0, statement.notes.iter().cloned());
    let path = x5c.iter().map(|der| der.to_vec()).collect();
    holds.iter().all(|holds| *holds).then(|| Attested::new(Kind::Basic, path, notes))
}

fn by_itself<'a>(
    input: &Input<'a>,
    statement: &Statement<'a>,
    message: &[u8],
    trace: &mut Trace<'a>,
) -> Option<Attested> {
    not_applicable(trace, &[&X5C_SIG, &CERT, &AAGUID]);
    let alg = input.credential_key.judge(|key| match key.alg == statement.alg {
        true => Finding::pass_with(key.alg),
        false => SelfAlgorithmMismatch { expected: key.alg, found: statement.alg }.into(),
    });
    let sig = input.credential_key.judge(|key| of(signature::verify(key, message, statement.sig)));
    let holds = [record(trace, &SELF_ALG, alg), record(trace, &SELF_SIG, sig)];
    let attested = || Attested::new(Kind::SelfAttestation, Vec::new(), statement.notes.clone());
    holds.iter().all(|holds| *holds).then(attested)
}

#[cfg(test)]
mod tests;
