//! The requirements on the AIK certificate (`webauthn-3 §8.3.1`; TCG EK Credential Profile §3.2.9).

use std::fmt;

use const_oid::ObjectIdentifier;
use lab_protocol::trace::{Choice, Reason};

use super::manufacturer::Manufacturer;
use crate::layout::oid;
use crate::note::Note;
use crate::policy::Policy;
use crate::x509::{Attribute, Certificate, CertificateError, GeneralName};

/// One way in which an AIK certificate misses the requirements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AikFault {
    /// It is no certificate.
    #[error("certificate {position} of x5c is unreadable: {error}")]
    Unreadable {
        /// Its place in x5c, counted from 1.
        position: usize,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// Not an X.509 version 3 certificate.
    #[error("it is a version {found} certificate, expected version 3")]
    Version {
        /// The version found.
        found: u8,
    },
    /// It has a subject.
    #[error("its subject is “{found}”, expected an empty one")]
    Subject {
        /// The subject found.
        found: String,
    },
    /// No alternative name.
    #[error("it has no subject alternative name, which has to say what TPM it is of")]
    NoAlternativeName,
    /// An alternative name that cannot be read.
    #[error("its subject alternative name is unreadable: {0}")]
    AlternativeName(der::Error),
    /// The alternative name is critical in none of the places where it has to be.
    #[error("its subject is empty and its subject alternative name is not critical")]
    NotCritical,
    /// An attribute of the TPM is missing.
    #[error("its subject alternative name does not say the {attribute} of the TPM")]
    Missing {
        /// The attribute.
        attribute: &'static str,
    },
    /// A manufacturer that is no id.
    #[error("the manufacturer of its TPM is “{found}”, expected id: and eight hexadecimal digits")]
    MalformedManufacturer {
        /// The attribute found.
        found: String,
    },
    /// A manufacturer that is on no list.
    #[error("the manufacturer of its TPM is “{found}”, which stands for nobody")]
    UnknownManufacturer {
        /// The attribute found.
        found: String,
    },
    /// The manufacturer of the FIDO conformance tools.
    #[error("the manufacturer of its TPM is that of the FIDO conformance tools (id:FFFFF1D0), not a real one")]
    TestManufacturer,
    /// No key usages.
    #[error("it has no extended key usage, which has to be that of an AIK (2.23.133.8.3)")]
    NoKeyUsage,
    /// Key usages that cannot be read.
    #[error("its extended key usage is unreadable: {0}")]
    KeyUsage(der::Error),
    /// Key usages, and not that of an AIK.
    #[error("its extended key usages are {found}, expected that of an AIK (2.23.133.8.3) among them")]
    OtherKeyUsage {
        /// The usages found.
        found: String,
    },
    /// No basic constraints.
    #[error("it has no basic constraints, which have to say that it is no CA")]
    NoBasicConstraints,
    /// Basic constraints that cannot be read.
    #[error("its basic constraints are unreadable: {0}")]
    BasicConstraints(der::Error),
    /// The certificate of a CA.
    #[error("its basic constraints say that it is a CA")]
    CertificateAuthority,
}

impl Reason for AikFault {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Unreadable { .. } => "Something cut or padded the certificate, or it never was one.",
            Self::TestManufacturer => "Accept test TPMs by the policy tpmTestManufacturer, and only where you test.",
            Self::UnknownManufacturer { .. } => {
                "Accept unlisted TPMs by the policy tpmManufacturer if you know the maker."
            }
            Self::CertificateAuthority => "The key of a CA must not sign statements: whoever did this holds too much.",
            _ => return None,
        })
    }
}

/// All ways in which an AIK certificate misses the requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AikFaults(pub Vec<AikFault>);

impl fmt::Display for AikFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, fault)| {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")
        })
    }
}

impl Reason for AikFaults {
    fn hint(&self) -> Option<&str> {
        self.0.iter().find_map(Reason::hint)
    }
}

/// What is wrong with the leaf and with the rest of the chain, and what is worth knowing.
pub(super) fn judge(
    leaf: &Result<Certificate<'_>, CertificateError>,
    x5c: &[&[u8]],
    policy: &Policy,
) -> (Option<AikFaults>, Vec<Note>) {
    let mut report = Report { policy, faults: Vec::new(), notes: Vec::new() };
    match leaf {
        Ok(leaf) => report.leaf(leaf),
        Err(error) => report.faults.push(AikFault::Unreadable { position: 1, error: error.clone() }),
    }
    for (position, der) in (1..).zip(x5c).skip(1) {
        if let Err(error) = Certificate::parse(der) {
            report.faults.push(AikFault::Unreadable { position, error });
        }
    }
    let faults = (!report.faults.is_empty()).then_some(AikFaults(report.faults));
    (faults, report.notes)
}

struct Report<'p> {
    policy: &'p Policy,
    faults: Vec<AikFault>,
    notes: Vec<Note>,
}

impl Report<'_> {
    fn leaf(&mut self, leaf: &Certificate<'_>) {
        if leaf.version != 3 {
            self.faults.push(AikFault::Version { found: leaf.version });
        }
        if !leaf.subject.is_empty() {
            self.faults.push(AikFault::Subject { found: leaf.subject.to_string() });
        }
        match leaf.alternative_names() {
            Ok(Some((names, critical))) => self.alternative_name(&names, critical),
            Ok(None) => self.faults.push(AikFault::NoAlternativeName),
            Err(error) => self.faults.push(AikFault::AlternativeName(error)),
        }
        self.key_usage(leaf);
        match leaf.basic_constraints() {
            Ok(Some(constraints)) if constraints.ca => self.faults.push(AikFault::CertificateAuthority),
            Ok(Some(_)) => {}
            Ok(None) => self.faults.push(AikFault::NoBasicConstraints),
            Err(error) => self.faults.push(AikFault::BasicConstraints(error)),
        }
    }

    /// A fault, or a note where the policy has it so.
    fn choose(&mut self, choice: Choice, fault: AikFault, note: Note) {
        match choice {
            Choice::Refuse => self.faults.push(fault),
            Choice::Note => self.notes.push(note),
        }
    }

    fn alternative_name(&mut self, names: &[GeneralName<'_>], critical: bool) {
        if !critical {
            let choice = self.policy.tpm_alternative_name;
            self.choose(choice, AikFault::NotCritical, Note::AlternativeNameNotCritical);
        }
        if names.contains(&GeneralName::Other(oid::HARDWARE_MODULE_NAME)) {
            self.notes.push(Note::HardwareModuleName);
        }
        let mut attributes = Vec::new();
        for name in names {
            if let GeneralName::Directory(name) = name {
                match name.attributes() {
                    Ok(found) => attributes.extend(found),
                    Err(error) => self.faults.push(AikFault::AlternativeName(error)),
                }
            }
        }
        self.tpm(&attributes);
    }

    /// Manufacturer, model and version of the TPM, which may share a relative name or have one each.
    fn tpm(&mut self, attributes: &[Attribute<'_>]) {
        let find = |oid: ObjectIdentifier| {
            attributes.iter().find(|attribute| attribute.oid == oid && !attribute.value.is_empty())
        };
        match find(oid::TCG_TPM_MANUFACTURER) {
            Some(manufacturer) => self.manufacturer(manufacturer.shown()),
            None => self.faults.push(AikFault::Missing { attribute: "manufacturer" }),
        }
        for (oid, attribute) in [(oid::TCG_TPM_MODEL, "model"), (oid::TCG_TPM_VERSION, "version")] {
            if find(oid).is_none() {
                self.faults.push(AikFault::Missing { attribute });
            }
        }
    }

    fn manufacturer(&mut self, found: String) {
        let policy = self.policy;
        match Manufacturer::of(&found) {
            Manufacturer::Known(_) => {}
            Manufacturer::Malformed => self.faults.push(AikFault::MalformedManufacturer { found }),
            Manufacturer::FidoTest => {
                self.choose(policy.tpm_test_manufacturer, AikFault::TestManufacturer, Note::TestTpm);
            }
            Manufacturer::Unknown => {
                let note = Note::UnknownTpm(found.clone());
                self.choose(policy.tpm_manufacturer, AikFault::UnknownManufacturer { found }, note);
            }
        }
    }

    fn key_usage(&mut self, leaf: &Certificate<'_>) {
        match leaf.extended_key_usages() {
            Ok(Some(usages)) if usages.contains(&oid::TCG_AIK_CERTIFICATE) => {}
            Ok(Some(usages)) => {
                let found: Vec<_> = usages.iter().take(8).map(ToString::to_string).collect();
                self.faults.push(AikFault::OtherKeyUsage { found: found.join(", ") });
            }
            Ok(None) => self.faults.push(AikFault::NoKeyUsage),
            Err(error) => self.faults.push(AikFault::KeyUsage(error)),
        }
    }
}
