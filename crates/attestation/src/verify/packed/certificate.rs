//! The requirements on the certificate (`webauthn-3 §8.2.1`, §8.2.2).

use std::fmt;

use const_oid::ObjectIdentifier;
use der::Tag;
use lab_protocol::trace::Reason;

use crate::layout::{oid, text};
use crate::note::Note;
use crate::x509::{Attribute, Certificate, CertificateError};

/// One way in which a certificate misses the requirements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
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
    /// The subject is no distinguished name.
    #[error("its subject is unreadable: {0}")]
    Subject(der::Error),
    /// A subject attribute is missing or empty.
    #[error("its subject has no {attribute}")]
    Missing {
        /// The attribute.
        attribute: &'static str,
    },
    /// The country is not a two-letter code.
    #[error("the country of its subject is “{found}”, expected a code of two letters")]
    Country {
        /// The country found.
        found: String,
    },
    /// The organizational unit is not the literal.
    #[error("the organizational unit (OU) of its subject is “{found}”, expected “{}”", text::ATTESTATION_OU)]
    OrganizationalUnit {
        /// The organizational unit found.
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
    /// An extension that must not be critical is.
    #[error("its {extension} extension is marked critical")]
    Critical {
        /// The extension.
        extension: &'static str,
    },
}

impl Reason for CertificateFault {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Unreadable { .. } => "Something cut or padded the certificate, or it never was one.",
            Self::CertificateAuthority => "The key of a CA must not sign statements: whoever did this holds too much.",
            _ => return None,
        })
    }
}

/// All ways in which a certificate misses the requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFaults(pub Vec<CertificateFault>);

impl fmt::Display for CertificateFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, fault)| {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")
        })
    }
}

impl Reason for CertificateFaults {
    fn hint(&self) -> Option<&str> {
        self.0.iter().find_map(Reason::hint)
    }
}

/// What is wrong with the leaf and with the rest of the chain, and what is worth knowing.
pub(super) fn judge(
    leaf: &Result<Certificate<'_>, CertificateError>,
    x5c: &[&[u8]],
) -> (Option<CertificateFaults>, Vec<Note>) {
    let mut report = Report::default();
    match leaf {
        Ok(leaf) => report.leaf(leaf),
        Err(error) => report.faults.push(CertificateFault::Unreadable { position: 1, error: error.clone() }),
    }
    for (position, der) in (1..).zip(x5c).skip(1) {
        if let Err(error) = Certificate::parse(der) {
            report.faults.push(CertificateFault::Unreadable { position, error });
        }
    }
    let faults = (!report.faults.is_empty()).then_some(CertificateFaults(report.faults));
    (faults, report.notes)
}

#[derive(Default)]
struct Report {
    faults: Vec<CertificateFault>,
    notes: Vec<Note>,
}

impl Report {
    fn leaf(&mut self, leaf: &Certificate<'_>) {
        if leaf.version != 3 {
            self.faults.push(CertificateFault::Version { found: leaf.version });
        }
        match leaf.subject.attributes() {
            Ok(attributes) => self.subject(&attributes),
            Err(error) => self.faults.push(CertificateFault::Subject(error)),
        }
        match leaf.basic_constraints() {
            Ok(Some(constraints)) if constraints.ca => self.faults.push(CertificateFault::CertificateAuthority),
            Ok(Some(_)) => {}
            Ok(None) => self.faults.push(CertificateFault::NoBasicConstraints),
            Err(error) => self.faults.push(CertificateFault::BasicConstraints(error)),
        }
        self.extensions(leaf);
    }

    fn subject(&mut self, attributes: &[Attribute<'_>]) {
        self.attribute(attributes, &COUNTRY);
        self.attribute(attributes, &ORGANIZATION);
        self.attribute(attributes, &ORGANIZATIONAL_UNIT);
        self.attribute(attributes, &COMMON_NAME);
    }

    fn attribute(&mut self, attributes: &[Attribute<'_>], demand: &Demand) {
        let named = || attributes.iter().filter(|attribute| attribute.oid == demand.oid);
        let found = named().filter(|attribute| !attribute.value.is_empty()).count();
        let fitting = named().find(|attribute| (demand.fits)(&attribute.text()));
        match (fitting, named().next()) {
            (None, Some(first)) if found > 0 => self.faults.push((demand.otherwise)(first.shown())),
            (None, _) => self.faults.push(CertificateFault::Missing { attribute: demand.name }),
            (Some(fitting), _) => {
                if found > 1 {
                    self.notes.push(Note::Repeated { attribute: demand.name, found });
                }
                if fitting.tag != demand.tag {
                    let (expected, found) = (demand.tag_name, fitting.tag.to_string());
                    self.notes.push(Note::StringType { attribute: demand.name, expected, found });
                }
            }
        }
    }

    fn extensions(&mut self, leaf: &Certificate<'_>) {
        for extension in &leaf.extensions {
            match NOT_CRITICAL.iter().find(|(oid, _)| *oid == extension.oid) {
                Some((_, name)) if extension.critical => {
                    self.faults.push(CertificateFault::Critical { extension: name })
                }
                Some(_) if extension.oid == oid::FIDO_SERIAL => self.notes.push(Note::Serial),
                Some(_) => {}
                None if ORDINARY.contains(&extension.oid) => {}
                None => self.notes.push(Note::Extension(extension.oid)),
            }
        }
    }
}

/// What the subject has to have.
struct Demand {
    oid: ObjectIdentifier,
    name: &'static str,
    tag: Tag,
    tag_name: &'static str,
    fits: fn(&str) -> bool,
    otherwise: fn(String) -> CertificateFault,
}

const COUNTRY: Demand = Demand {
    oid: oid::COUNTRY,
    name: "country (C)",
    tag: Tag::PrintableString,
    tag_name: "a PrintableString",
    fits: |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
    otherwise: |found| CertificateFault::Country { found },
};

const ORGANIZATION: Demand = Demand {
    oid: oid::ORGANIZATION,
    name: "organization (O)",
    tag: Tag::Utf8String,
    tag_name: "a UTF8String",
    fits: |text| !text.is_empty(),
    otherwise: |_| CertificateFault::Missing { attribute: "organization (O)" },
};

const ORGANIZATIONAL_UNIT: Demand = Demand {
    oid: oid::ORGANIZATIONAL_UNIT,
    name: "organizational unit (OU)",
    tag: Tag::Utf8String,
    tag_name: "a UTF8String",
    fits: |text| text == text::ATTESTATION_OU,
    otherwise: |found| CertificateFault::OrganizationalUnit { found },
};

const COMMON_NAME: Demand = Demand {
    oid: oid::COMMON_NAME,
    name: "common name (CN)",
    tag: Tag::Utf8String,
    tag_name: "a UTF8String",
    fits: |text| !text.is_empty(),
    otherwise: |_| CertificateFault::Missing { attribute: "common name (CN)" },
};

/// Extensions that must not be critical (`webauthn-3 §8.2.1`, §8.2.2).
const NOT_CRITICAL: [(ObjectIdentifier, &str); 3] =
    [(oid::FIDO_AAGUID, "AAGUID"), (oid::FIDO_SERIAL, "serial number"), (oid::FIDO_FIRMWARE, "firmware version")];

/// Extensions that any certificate may have.
const ORDINARY: [ObjectIdentifier; 10] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::SUBJECT_KEY_ID,
    oid::AUTHORITY_KEY_ID,
    oid::SUBJECT_ALT_NAME,
    oid::EXTENDED_KEY_USAGE,
    oid::CRL_POINTS,
    oid::POLICIES,
    oid::AUTHORITY_INFO,
    oid::FIDO_TRANSPORTS,
];
