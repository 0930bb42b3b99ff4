//! An entry of a BLOB (`fido-mds-3 §3.1.1`): one model, its statement and what became of it.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::civil::Date;
use lab_attestation::trust::{Anchor, AnchorError, Anchors, Origin};
use lab_attestation::x509::CertificateError;
use lab_protocol::Aaguid;
use serde_json::Value;

use crate::MAX_ENTRY;
use crate::member::{Findings, Member as _, Place};
use crate::statement::MetadataStatement;
use crate::vocabulary::AuthenticatorStatus;

/// What every element of `attestationRootCertificates` is.
const CERTIFICATE: &str = "one certificate in Base64";

/// Base64 as vendors write it: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

object! {
    /// `MetadataBLOBPayloadEntry`, as it is written.
    PayloadEntry {
        /// UAF's identifier.
        aaid: String = "aaid";
        /// FIDO2's identifier.
        aaguid: String = "aaguid";
        /// U2F's identifiers: SHA-1 of the public keys of attestation certificates.
        attestation_certificate_key_identifiers: Vec<String> = "attestationCertificateKeyIdentifiers";
        /// What the model is.
        metadata_statement: MetadataStatement = "metadataStatement";
        /// What became of the certification of its biometrics.
        biometric_status_reports: Vec<BiometricStatusReport> = "biometricStatusReports";
        /// What became of it.
        status_reports: Vec<StatusReport> = "statusReports";
        /// When that changed last.
        time_of_last_status_change: Date = "timeOfLastStatusChange";
        /// Where a list of individual devices is that must not be trusted.
        rogue_list_url: String = "rogueListURL";
        /// Its hash.
        rogue_list_hash: String = "rogueListHash";
    }
}

object! {
    /// A status, and since when it holds (`fido-mds-3 §3.1.3`).
    StatusReport {
        /// The status.
        status: AuthenticatorStatus = "status";
        /// Since when; without a date, for as long as the report is there.
        effective_date: Date = "effectiveDate";
        /// The firmware that it is about, and later ones.
        authenticator_version: u64 = "authenticatorVersion";
        /// The attestation or root certificate that it is about, in Base64.
        certificate: String = "certificate";
        /// The batch certificate that it is about, in Base64.
        batch_certificate: String = "batchCertificate";
        /// Where more is said.
        url: String = "url";
        /// What was certified.
        certification_descriptor: String = "certificationDescriptor";
        /// The number of the certificate.
        certificate_number: String = "certificateNumber";
        /// The edition of the certification's policy.
        certification_policy_version: String = "certificationPolicyVersion";
        /// The profiles of the certification.
        certification_profiles: Vec<String> = "certificationProfiles";
        /// The edition of its requirements.
        certification_requirements_version: String = "certificationRequirementsVersion";
        /// When the certification ends.
        sunset_date: Date = "sunsetDate";
        /// The revision of FIPS 140.
        fips_revision: u64 = "fipsRevision";
        /// Its level of physical security.
        fips_physical_security_level: u64 = "fipsPhysicalSecurityLevel";
    }
}

object! {
    /// What became of the certification of a biometric (`fido-mds-3 §3.1.2`).
    BiometricStatusReport {
        /// The level.
        cert_level: u64 = "certLevel";
        /// The biometric.
        modality: Value = "modality";
        /// Since when.
        effective_date: Date = "effectiveDate";
        /// What was certified.
        certification_descriptor: String = "certificationDescriptor";
        /// The number of the certificate.
        certificate_number: String = "certificateNumber";
        /// The edition of the certification's policy.
        certification_policy_version: String = "certificationPolicyVersion";
        /// The edition of its requirements.
        certification_requirements_version: String = "certificationRequirementsVersion";
    }
}

/// By what a model is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModelKey {
    /// FIDO2.
    Aaguid(Aaguid),
    /// UAF: `VVVV#PPPP`.
    Aaid(String),
    /// U2F: the first of its key identifiers, in lower-case hexadecimal.
    KeyIdentifier(String),
}

impl fmt::Display for ModelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aaguid(aaguid) => aaguid.fmt(f),
            Self::Aaid(text) | Self::KeyIdentifier(text) => f.write_str(text),
        }
    }
}

/// An entry that was read: everything in it that could be, and what could not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its members.
    pub members: PayloadEntry,
    /// What is wrong with it or not known.
    pub findings: Findings,
    roots: Anchors,
    key: Option<ModelKey>,
}

impl Entry {
    /// Reads the JSON of an entry. Nothing stops the reader: see [`Entry::findings`].
    #[must_use]
    pub fn read(json: &str) -> Self {
        let mut findings = Findings::default();
        if json.len() > MAX_ENTRY {
            findings.problem(&Place::Root, "at most 2 MiB", format!("{} bytes", json.len()));
            return Self { findings, ..Self::default() };
        }
        let value = serde_json::from_str::<Value>(json).unwrap_or_else(|error| {
            findings.problem(&Place::Root, "JSON", error.to_string());
            Value::Null
        });
        let members = PayloadEntry::read(value, &Place::Root, &mut findings).unwrap_or_default();
        let key = key(&members, &mut findings);
        demand(&members, &mut findings);
        let roots = roots(&members, &mut findings);
        Self { members, findings, roots, key }
    }

    /// By what it is found; `None` where it has no identifier that can be read.
    #[must_use]
    pub const fn key(&self) -> Option<&ModelKey> {
        self.key.as_ref()
    }

    /// The statement.
    #[must_use]
    pub const fn statement(&self) -> Option<&MetadataStatement> {
        self.members.metadata_statement.as_ref()
    }

    /// The model's name.
    #[must_use]
    pub fn description(&self) -> &str {
        self.statement().and_then(|statement| statement.description.as_deref()).unwrap_or("(no description)")
    }

    /// The status reports, in the order of the BLOB.
    #[must_use]
    pub fn status_reports(&self) -> &[StatusReport] {
        self.members.status_reports.as_deref().unwrap_or_default()
    }

    /// `attestationRootCertificates`: roots, intermediates, or attestation certificates themselves.
    #[must_use]
    pub const fn roots(&self) -> &Anchors {
        &self.roots
    }

    /// Whether something is wrong with it that could hide a revocation: then nothing can be said of the
    /// model. The first such problem.
    #[must_use]
    pub fn obscured(&self) -> Option<&crate::member::Problem> {
        self.findings.problems.iter().find(|problem| problem.path == "$" || problem.path.starts_with("$.statusReports"))
    }
}

/// The identifier, of which an entry has one kind.
fn key(members: &PayloadEntry, findings: &mut Findings) -> Option<ModelKey> {
    const ONE: &str = "one of aaguid, aaid and attestationCertificateKeyIdentifiers";
    let aaguid = members.aaguid.as_deref().and_then(|text| {
        let read = text.parse::<Aaguid>();
        let place = Place::Root.member("aaguid");
        read.inspect_err(|_| findings.problem(&place, "an AAGUID", text.chars().take(60).collect())).ok()
    });
    let identifiers = members.attestation_certificate_key_identifiers.as_deref().unwrap_or_default();
    for (index, text) in identifiers.iter().enumerate() {
        if key_identifier(text).is_none() {
            let place = Place::Root.member("attestationCertificateKeyIdentifiers");
            findings.problem(&place.element(index), "40 hexadecimal digits", text.chars().take(60).collect());
        }
    }
    let u2f = identifiers.iter().find(|text| key_identifier(text).is_some());
    let kinds = [members.aaguid.is_some(), members.aaid.is_some(), !identifiers.is_empty()];
    let found = kinds.iter().filter(|there| **there).count();
    if found != 1 {
        findings.problem(&Place::Root, ONE, format!("{found} of them"));
    }
    let aaguid = aaguid.map(ModelKey::Aaguid);
    let aaid = || members.aaid.clone().map(ModelKey::Aaid);
    aaguid.or_else(aaid).or_else(|| u2f.map(|text| ModelKey::KeyIdentifier(text.to_ascii_lowercase())))
}

/// The 20 bytes of a key identifier.
pub(crate) fn key_identifier(text: &str) -> Option<[u8; 20]> {
    let digits = text.as_bytes();
    let mut bytes = [0; 20];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    (digits.len() == 40).then_some(bytes)
}

/// What every entry has to have, and what has to agree.
fn demand(members: &PayloadEntry, findings: &mut Findings) {
    let root = &Place::Root;
    let mut missing = |there: bool, place: Place<'_>, expected: &'static str| {
        if !there {
            findings.problem(&place, expected, "nothing".to_owned());
        }
    };
    missing(members.status_reports.is_some(), root.member("statusReports"), "an array");
    missing(members.time_of_last_status_change.is_some(), root.member("timeOfLastStatusChange"), "a date");
    let reports = members.status_reports.iter().flatten().enumerate();
    for (index, _) in reports.filter(|(_, report)| report.status.is_none()) {
        let reports = root.member("statusReports");
        missing(false, reports.element(index).member("status"), "a status");
    }
    let Some(statement) = &members.metadata_statement else { return };
    let place = root.member("metadataStatement");
    missing(statement.description.is_some(), place.member("description"), "a text");
    missing(statement.protocol_family.is_some(), place.member("protocolFamily"), "a text");
    missing(statement.attestation_types.is_some(), place.member("attestationTypes"), "an array");
    let roots = place.member("attestationRootCertificates");
    missing(statement.attestation_root_certificates.is_some(), roots, "an array");
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => true,
    };
    if !same(&members.aaguid, &statement.aaguid) {
        let found = statement.aaguid.clone().unwrap_or_default();
        findings.problem(&place.member("aaguid"), "the entry's own AAGUID", found);
    }
}

/// The anchors. One that cannot be read takes nothing from the others.
fn roots(members: &PayloadEntry, findings: &mut Findings) -> Anchors {
    let texts = members.metadata_statement.iter().flat_map(|statement| &statement.attestation_root_certificates);
    let statement = Place::Root.member("metadataStatement");
    let place = statement.member("attestationRootCertificates");
    let mut anchors = Anchors::new();
    for (index, text) in texts.flatten().enumerate() {
        match certificate(text) {
            Ok(der) => elements(&der, &place.element(index), &mut anchors, findings),
            Err(error) => findings.problem(&place.element(index), CERTIFICATE, error),
        }
    }
    anchors
}

/// The certificates of one element. There should be one; where vendors run several together, each counts.
fn elements(der: &[u8], place: &Place<'_>, anchors: &mut Anchors, findings: &mut Findings) {
    let mut rest = der;
    loop {
        match Anchor::from_der(rest, Origin::Given) {
            Ok(anchor) => return anchors.push(anchor),
            Err(AnchorError::Certificate { error: error @ CertificateError::Trailing(trailing), .. }) => {
                findings.problem(place, CERTIFICATE, error.to_string());
                let end = rest.len().saturating_sub(trailing as usize);
                let (first, behind) = rest.split_at(end);
                anchors.extend(Anchor::from_der(first, Origin::Given));
                rest = behind;
            }
            Err(AnchorError::Certificate { error, .. }) => {
                return findings.problem(place, CERTIFICATE, error.to_string());
            }
            Err(error) => return findings.problem(place, CERTIFICATE, error.to_string()),
        }
    }
}

/// A certificate in Base64. White space is no part of it.
pub(crate) fn certificate(text: &str) -> Result<Vec<u8>, String> {
    let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(plain).map_err(|error| error.to_string())
}
