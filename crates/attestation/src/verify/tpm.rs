//! `tpm` (`webauthn-3 §8.3`): a TPM certifies the credential key; its attestation key is certified by a CA
//! that knows the TPM.

mod attest;
mod certificate;
mod key;
mod manufacturer;
mod name;
mod public;
mod statement;
mod structure;

use lab_protocol::trace::{Check, Document, Finding, Known, Reason, Trace};

use super::{Attested, Format, Input, Kind};
use crate::aaguid;
use crate::layout::tpm;
use crate::note::{self, Note};
use crate::record::{self, of, record};
use crate::signature;
use crate::x509::Certificate;
use attest::AttestedInfo;
use public::Object;
use statement::Statement;

pub use certificate::{AikFault, AikFaults};
pub use key::PubAreaKeyError;
pub use name::{NameError, NoHash};
pub use statement::TpmStatementError;
pub use structure::{Structure, StructureError};

/// The format.
pub(super) struct Tpm;

static SYNTAX: Check = Check::new(
    "attestation/tpm-syntax",
    Document::WebAuthn3,
    "8.3",
    "A TPM statement has ver 2.0, alg, sig, and certInfo and pubArea in the form of the TPM specification.",
)
.hint("The platform or something behind it writes the statement wrongly; no setting of the relying party helps.")
.policy(
    "Whether a statement without ver is tolerated, bytes after the TPM structure in certInfo or pubArea, and numbers \
     that its type does not have.",
    "A missing ver is refused, `tpmMissingVersion: note` accepts it. Bytes after the TPM structure are refused, \
     `tpmTrailingBytes: note` accepts them. Any byte is a clockInfo.safe: \
     the specification's own vector has 0x33, and WebAuthn ignores the clock.",
);

static PUB_AREA_KEY: Check = Check::new(
    "attestation/tpm-pubarea-key",
    Document::WebAuthn3,
    "8.3",
    "pubArea describes the credential public key.",
);

static X5C: Check =
    Check::new("attestation/tpm-x5c", Document::WebAuthn3, "8.3", "The statement has x5c, with the AIK certificate.")
        .hint(
            "Without the certificate nobody knows whose TPM it is: let the platform enrol its attestation key first.",
        );

static AIK: Check = Check::new(
    "attestation/tpm-aik",
    Document::WebAuthn3,
    "8.3.1",
    "The AIK certificate meets the requirements of TPM attestation.",
)
.hint("The certificate comes from the platform's maker: report it there.")
.policy(
    "Whether the manufacturer of the TPM has to be a registered one, whether the alternative name has to be critical \
     where the subject is empty (RFC 5280), and whether hardwareModuleName may be there.",
    "Each is accepted and noted. `tpmManufacturer: refuse` refuses unregistered ones, `tpmTestManufacturer: refuse` \
     that of the FIDO conformance tools, `tpmAlternativeName: refuse` a name that is not critical.",
);

static AAGUID: Check = Check::new(
    "attestation/tpm-aaguid",
    Document::WebAuthn3,
    "8.3",
    "The AAGUID in the AIK certificate, if there is one, is that of the authenticator data.",
);

static SIG: Check = Check::new(
    "attestation/tpm-sig",
    Document::WebAuthn3,
    "8.3",
    "The attestation key of x5c signed certInfo with alg.",
)
.hint("certInfo was changed on the way, or another key signed.")
.policy(
    "Whether SHA-1 is good enough: the TPMs of Windows sign with RS1.",
    "It is, in statements, and it is noted; a credential of RS1 is refused.",
);

static MAGIC: Check = Check::new(
    "attestation/tpm-magic",
    Document::WebAuthn3,
    "8.3",
    "certInfo was made by a TPM: its magic is TPM_GENERATED_VALUE.",
)
.hint("An attestation key signs what a TPM did not make only if it is not restricted: do not trust it.");

static TYPE: Check = Check::new(
    "attestation/tpm-type",
    Document::WebAuthn3,
    "8.3",
    "certInfo certifies a key: its type is TPM_ST_ATTEST_CERTIFY.",
);

static EXTRA_DATA: Check = Check::new(
    "attestation/tpm-extra-data",
    Document::WebAuthn3,
    "8.3",
    "extraData is the hash of the authenticator data and the client data hash, by the hash of alg.",
)
.hint("Authenticator data or client data were changed on the way, or the statement is of another ceremony.");

static NAME: Check = Check::new(
    "attestation/tpm-name",
    Document::WebAuthn3,
    "8.3",
    "The name that certInfo attests is that of pubArea.",
);

static CHECKS: &[&Check] = &[&SYNTAX, &PUB_AREA_KEY, &X5C, &AIK, &AAGUID, &SIG, &MAGIC, &TYPE, &EXTRA_DATA, &NAME];

/// certInfo carries another number than it has to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertInfoError {
    /// Not made by a TPM.
    #[error("the magic of certInfo is {found:#010x}, expected {:#010x}", tpm::GENERATED)]
    Magic {
        /// The magic found.
        found: u32,
    },
    /// Not about a key.
    #[error("the type of certInfo is {found:#06x}, expected {:#06x} (TPM_ST_ATTEST_CERTIFY)", tpm::ST_ATTEST_CERTIFY)]
    Type {
        /// The type found.
        found: u16,
    },
}

impl Reason for CertInfoError {}

/// x5c is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the statement has no x5c")]
pub struct NoX5c;

impl Reason for NoX5c {}

impl Format for Tpm {
    fn id(&self) -> &'static str {
        "tpm"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let statement = Statement::parse(input.att_stmt, input.policy);
        let statement = record::syntax(trace, CHECKS, statement, |statement| &statement.notes)?;
        let key = input.credential_key.judge(|credential| key::judge(&statement.public, credential));
        let described = record(trace, &PUB_AREA_KEY, key);
        let certified = by_certificate(input, &statement, trace);
        let attested = certified_key(input, &statement, trace);
        let (path, mut notes) = certified?;
        notes.splice(..0, statement.notes);
        (described && attested).then(|| Attested::new(Kind::AttCa, path, notes))
    }
}

/// The checks of the AIK certificate and of what its key signed: the path and what was noted.
fn by_certificate<'a>(
    input: &Input<'a>,
    statement: &Statement<'a>,
    trace: &mut Trace<'a>,
) -> Option<(Vec<Vec<u8>>, Vec<Note>)> {
    let Some(x5c) = &statement.x5c else {
        trace.check(&X5C, NoX5c);
        [&AIK, &AAGUID, &SIG].iter().for_each(|check| trace.check(check, Finding::not_judged(&X5C)));
        return None;
    };
    trace.check(&X5C, Finding::pass_with(x5c.len()));
    let leaf = x5c.first().copied().map(Certificate::parse)?;
    let (faults, mut notes) = certificate::judge(&leaf, x5c, input.policy);
    let leaf = leaf.map_or(Known::Missing(&AIK), Known::Value);
    let aaguid = leaf.judge(|leaf| aaguid::judge(leaf, input.auth_data));
    let sha1 = signature::is_for_attestation_only(statement.alg);
    let weak = sha1.then_some(Note::Sha1Statement).into_iter().collect::<Vec<_>>();
    let signature = leaf.judge(|leaf| {
        let key = leaf.public_key();
        let verified = signature::verify_with(statement.alg, &key, statement.cert_info, statement.sig);
        verified.map_or_else(Finding::refuse, |()| note::pass(&weak))
    });
    let holds = [
        record(trace, &AIK, faults.map_or_else(|| note::pass(&notes), Finding::refuse)),
        record(trace, &AAGUID, aaguid),
        record(trace, &SIG, signature),
    ];
    notes.extend(weak);
    let path = || x5c.iter().map(|der| der.to_vec()).collect();
    holds.iter().all(|holds| *holds).then(|| (path(), notes))
}

/// The checks of certInfo: that a TPM made it, about this key, for this ceremony.
fn certified_key<'a>(input: &Input<'a>, statement: &Statement<'a>, trace: &mut Trace<'a>) -> bool {
    let attest = &statement.attest;
    let magic = match attest.magic {
        tpm::GENERATED => Ok(()),
        found => Err(CertInfoError::Magic { found }),
    };
    let (ty, name) = match attest.attested {
        AttestedInfo::Certify { .. } if matches!(statement.public.object, Object::Unknown { .. }) => {
            (Ok(()), Finding::not_judged(&PUB_AREA_KEY))
        }
        AttestedInfo::Certify { name, .. } => (Ok(()), of(name::name(name, &statement.public))),
        AttestedInfo::Other(_) => {
            (Err(CertInfoError::Type { found: attest.structure_tag }), Finding::not_judged(&TYPE))
        }
    };
    let holds = [
        record(trace, &MAGIC, of(magic)),
        record(trace, &TYPE, of(ty)),
        record(trace, &EXTRA_DATA, name::extra_data(attest.extra_data, statement.alg, input)),
        record(trace, &NAME, name),
    ];
    holds.iter().all(|holds| *holds)
}

#[cfg(test)]
mod tests;
