//! Verifying attestation statements (`webauthn-3 §8`): one file for each format.
//!
//! A format answers what a statement says and which certificates it offers for it. Whether anybody
//! trusts them is for [`crate::trust`].

mod android_key;
mod android_safetynet;
mod apple;
mod apple_appattest;
mod compound;
mod fido_u2f;
mod none;
mod packed;
mod tpm;

use jiff::Timestamp;
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::trace::{Check, Known, Trace};
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;

pub use crate::aaguid::AaguidError;
pub use crate::apple_nonce::AppleNonceError;
pub use crate::note::{Note, Notes};
pub use crate::policy::{Authorizations, Policy};
pub use crate::statement::StatementError;
pub use crate::x5c::OtherKey;
pub use android_key::{AuthorizationError, AuthorizationNote, KeyChallengeError};
pub use android_safetynet::{
    EmptyVersion, HostError, JwsChainError, NonceError, PayloadError, ProfileError, ResponseSignatureError,
    SafetyNetSyntaxError, TimeError,
};
pub use apple_appattest::{AppAaguidError, CounterError, KeyIdError};
pub use compound::{CompoundError, TooFew};
pub use fido_u2f::U2fError;
pub use none::NoneError;
pub use packed::{CertificateFault, CertificateFaults, SelfAlgorithmMismatch};
pub use tpm::{
    AikFault, AikFaults, CertInfoError, NameError, NoHash, NoX5c, PubAreaKeyError, Structure, StructureError,
    TpmStatementError,
};

/// What a format verifies.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The authenticator data.
    pub auth_data: &'a AuthenticatorData<'a>,
    /// The credential public key in it, or the check that could not read it.
    pub credential_key: Known<&'a CredentialPublicKey>,
    /// The encoded statement.
    pub att_stmt: &'a [u8],
    /// SHA-256 of the client data.
    pub client_data_hash: &'a [u8; 32],
    /// What the specification leaves open.
    pub policy: &'a Policy,
    /// When the statement is judged: some formats say when they were made.
    pub at: Timestamp,
}

/// An attestation statement format.
pub trait Format: Sync {
    /// The identifier in `fmt`.
    fn id(&self) -> &'static str;

    /// Its checks, in the order of the specification. Each run records all of them.
    fn checks(&self) -> &'static [&'static Check];

    /// Verifies a statement; `None` where a check failed or could not be judged.
    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested>;
}

/// The formats that are built, in the order of the specification.
pub static FORMATS: &[&dyn Format] = &[
    &packed::Packed,
    &tpm::Tpm,
    &android_key::AndroidKey,
    &android_safetynet::AndroidSafetyNet,
    &fido_u2f::FidoU2f,
    &none::NoAttestation,
    &apple::Apple,
    &compound::Compound,
    &apple_appattest::AppleAppAttest,
];

/// The format with this identifier, matched case-sensitively (`webauthn-3 §8.1`).
#[must_use]
pub fn format(fmt: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == fmt)
}

/// What a statement says, and the path that it offers. Only verifying makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attested {
    /// The attestation type.
    pub kind: Kind,
    /// The certificates, leaf first; empty for `none` and self attestation.
    pub trust_path: Vec<Vec<u8>>,
    /// What is worth knowing and decides nothing.
    pub notes: Vec<Note>,
    /// The statements of a compound one that hold; its kind and path are those of the best of them.
    pub parts: Vec<Part>,
}

/// One statement of a compound one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The identifier of its format.
    pub format: &'static str,
    /// What it says.
    pub attested: Attested,
}

impl Attested {
    const fn new(kind: Kind, trust_path: Vec<Vec<u8>>, notes: Vec<Note>) -> Self {
        Self { kind, trust_path, notes, parts: Vec::new() }
    }

    /// What several statements come to: the first with a path counts, else the first that is signed.
    fn of_parts(parts: Vec<Part>) -> Self {
        let with_path = parts.iter().find(|part| !part.attested.trust_path.is_empty());
        let signed = || parts.iter().find(|part| part.attested.kind != Kind::None);
        let best = with_path.or_else(signed).map(|part| &part.attested);
        let (kind, trust_path) = best.map_or((Kind::None, Vec::new()), |best| (best.kind, best.trust_path.clone()));
        let notes = parts.iter().flat_map(|part| part.attested.notes.iter().cloned()).collect();
        Self { kind, trust_path, notes, parts }
    }

    /// The paths that it offers: one, or those of the parts.
    pub(crate) fn trust_paths(&self) -> Vec<&[Vec<u8>]> {
        let own = [&self.trust_path[..]];
        let parts = self.parts.iter().map(|part| &part.attested.trust_path[..]);
        let mut paths: Vec<_> = own.into_iter().chain(parts).filter(|path| !path.is_empty()).collect();
        paths.dedup();
        paths
    }
}

/// An attestation type (`webauthn-3 §6.5.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No attestation.
    None,
    /// Signed by the credential itself.
    SelfAttestation,
    /// Signed by a key of the model or batch. AttCA and AnonCA look the same where the format does
    /// not tell, and are reported as this.
    Basic,
    /// Certified by a CA that knows the authenticator.
    AttCa,
    /// Certified anew for each credential.
    AnonCa,
}

impl Kind {
    /// The name used in JSON results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SelfAttestation => "self",
            Self::Basic => "basic",
            Self::AttCa => "attca",
            Self::AnonCa => "anonca",
        }
    }
}
