//! A model: what is known of one make of authenticator, each fact with its source and how sure it is.
//!
//! A model is a TOML file. Every fact stands on one line:
//!
//! ```toml
//! [sources]
//! mds = "FIDO MDS BLOB no. 122, entry a25342c0-3cdc-4414-8e46-f4807fca511c"
//!
//! [identity]
//! transports = { value = ["nfc", "usb"], source = "mds", confidence = "high" }
//! ```
//!
//! `source` is a key of `[sources]`, `confidence` is `high`, `medium`, `low` or `unverified`, and
//! `note` may say more. Keys that no model has are refused. The facts describe the *real* model; what
//! this version of the engine makes of them is [`Model::as_built`], and each difference is a [`Gap`].
//!
//! A file that is like another model's says so with `inherits`, and has only what is different: see
//! [`Inherits`].

mod as_built;
mod check;
mod error;
mod inherit;
mod load;
mod read;
mod sections;
mod sourced;
mod vocabulary;

use std::collections::BTreeMap;
use std::sync::Arc;

use lab_attestation::emit::OwnAuthority;
use lab_protocol::Aaguid;
use serde::Serialize;

pub use as_built::{AsBuilt, Gap};
pub(crate) use check::GENERIC_ID;
pub use check::Violation;
pub use error::{ModelError, ModelErrorKind, Place};
pub use inherit::{Inherits, ParentError};
pub use read::Pairs;
pub use sections::{Attestation, Fingerprints, GetInfo, Identity, Metadata, Passkeys, Usb, UserVerification};
pub use sourced::{Field, Sourced};
pub use vocabulary::{
    Attachment, BackupState, Chain, Confidence, CounterBehaviour, Flow, IdScheme, Kind, ListedType, Named, PasskeyType,
    Platform, Quirk, SecurityLevel, Transport, UvMethod, UvOption, UvPolicy, WhenNone,
};

/// A model of authenticator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Model {
    /// Its name on the command line: lower-case letters, digits, dots and hyphens.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Who makes it.
    pub vendor: Vendor,
    /// What is worth knowing beyond the facts.
    pub notes: Vec<String>,
    /// Where the facts come from that its own file does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inherits: Option<Inherits>,
    /// Made from a row of a list of AAGUIDs, not from a file of its own.
    pub generic: bool,
    /// The documents that the facts cite, by key.
    pub sources: BTreeMap<String, String>,
    /// What it is, and where it lives.
    pub identity: Identity,
    /// What its credentials are like.
    pub passkeys: Passkeys,
    /// How it verifies its user.
    pub user_verification: UserVerification,
    /// Its fingerprint sensor; `None` where it has none that is managed over CTAP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<Fingerprints>,
    /// How it shows itself on USB; `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usb: Option<Usb>,
    /// What it says of itself; `None` for what no client speaks CTAP2 with.
    pub get_info: Option<GetInfo>,
    /// What it attests.
    pub attestation: Attestation,
    /// What FIDO metadata says of it; `None` where it has no entry.
    pub metadata: Option<Metadata>,
    /// Known misbehaviours.
    pub quirks: Vec<Sourced<Quirk>>,
    /// The files of the user's own CA, under which its certificates are issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_ca: Option<OwnCa>,
    /// The CA itself, once somebody has read the files.
    #[serde(skip)]
    pub own_authority: Option<Arc<OwnAuthority>>,
}

/// A CA of the user's own, as a model file names it: `own-ca = { certificate = "ca.pem", key = "ca.key" }`.
///
/// Relative names start at the folder of the model file. The certificate is that of the CA, followed by
/// those above it, in PEM; the key is its private key in PKCS #8 or SEC 1, unencrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OwnCa {
    /// The file of the certificates.
    pub certificate: String,
    /// The file of the private key.
    pub key: String,
}

/// The maker of a model, as its certificates name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vendor {
    /// The organisation.
    pub name: String,
    /// Two letters, ISO 3166.
    pub country: String,
}

impl Model {
    /// The AAGUID that it reports.
    #[must_use]
    pub fn aaguid(&self) -> Aaguid {
        self.identity.aaguid.value
    }

    /// Whether its passkeys are copied to other devices.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.passkeys.passkey_type.value == PasskeyType::Synced
    }

    /// Its transports, as WebAuthn names them.
    pub fn transports(&self) -> impl Iterator<Item = &'static str> {
        self.identity.transports.iter().map(|transport| transport.name())
    }

    /// Whether a passkey can be registered in it this way.
    #[must_use]
    pub fn has_flow(&self, flow: Flow) -> bool {
        self.identity.flows.contains(&flow)
    }

    /// Whether it misbehaves this way.
    #[must_use]
    pub fn has_quirk(&self, quirk: Quirk) -> bool {
        self.quirks.iter().any(|known| known.value == quirk)
    }

    /// The same model with one more misbehaviour, which `source` explains.
    #[must_use]
    pub fn with_quirk(mut self, quirk: Quirk, source: &str) -> Self {
        let source_key = "added-quirk".to_owned();
        self.sources.insert(source_key.clone(), source.to_owned());
        self.quirks.push(Sourced { value: quirk, source: source_key, confidence: Confidence::Unverified, note: None });
        self
    }

    /// Every fact as a row: key, value, source, confidence, note.
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'_>> {
        let mut fields = Vec::with_capacity(48);
        self.identity.fields(&mut fields);
        self.passkeys.fields(&mut fields);
        self.user_verification.fields(&mut fields);
        self.fingerprints.iter().for_each(|section| section.fields(&mut fields));
        self.usb.iter().for_each(|section| section.fields(&mut fields));
        self.get_info.iter().for_each(|section| section.fields(&mut fields));
        self.attestation.fields(&mut fields);
        self.metadata.iter().for_each(|section| section.fields(&mut fields));
        fields.extend(self.quirks.iter().map(|quirk| sourced::field(quirk, "quirks", quirk.value.name())));
        fields
    }

    /// The document that a fact cites.
    #[must_use]
    pub fn source(&self, key: &str) -> Option<&str> {
        self.sources.get(key).map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
