//! The certificates in the header of the response.

use lab_protocol::trace::{Finding, Known, Reason};

use super::JWS_SIG;
use crate::asn1::{self, Class, ElementError};
use crate::layout::{oid, safetynet};
use crate::x509::{Certificate, CertificateError};

/// The most alternative names that are read.
const MAX_NAMES: usize = 256;
/// The number of `dNSName` among the alternative names (RFC 5280 §4.2.1.6).
const DNS_NAME: u32 = 2;

/// An element of x5c that is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("certificate {position} in the header of the JWS is unreadable: {error}")]
pub struct JwsChainError {
    /// Its place, from 1.
    pub position: usize,
    /// What is wrong with it.
    pub error: CertificateError,
}

impl Reason for JwsChainError {}

/// The certificate is another host's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Of this name, or these.
    #[error("the certificate is issued to {found}, expected {}", safetynet::HOST)]
    Other {
        /// The names.
        found: String,
    },
    /// Of none.
    #[error("the certificate names no host, expected {}", safetynet::HOST)]
    None,
    /// Names that cannot be read.
    #[error("the alternative names of the certificate are unreadable: {0}")]
    Names(ElementError),
    /// A subject that cannot be read.
    #[error("the subject of the certificate is unreadable: {0}")]
    Subject(der::Error),
}

impl Reason for HostError {}

/// The first certificate, if there is one, where every certificate can be read.
pub(super) fn read(x5c: &[Vec<u8>]) -> Result<Option<Certificate<'_>>, JwsChainError> {
    let mut leaf = None;
    for (position, der) in (1..).zip(x5c) {
        let certificate = Certificate::parse(der).map_err(|error| JwsChainError { position, error })?;
        leaf.get_or_insert(certificate);
    }
    Ok(leaf)
}

/// Whether the certificate is that of Google's host.
pub(super) fn issued_to_host<'a>(leaf: &Known<Option<&Certificate<'_>>>) -> Finding<'a> {
    leaf.judge(|leaf| match leaf {
        Some(leaf) => host(leaf).unwrap_or_else(Finding::refuse),
        None => Finding::not_judged(&JWS_SIG),
    })
}

fn host<'a>(leaf: &Certificate<'_>) -> Result<Finding<'a>, HostError> {
    let names = match leaf.extension(oid::SUBJECT_ALT_NAME) {
        Some(extension) => dns_names(extension.value).map_err(HostError::Names)?,
        None => common_names(leaf).map_err(HostError::Subject)?,
    };
    match names.iter().any(|name| name.eq_ignore_ascii_case(safetynet::HOST)) {
        true => Ok(Finding::pass_with(safetynet::HOST)),
        false if names.is_empty() => Err(HostError::None),
        false => Err(HostError::Other { found: names.iter().take(4).cloned().collect::<Vec<_>>().join(", ") }),
    }
}

/// `SEQUENCE OF GeneralName`; only the DNS names are asked for.
fn dns_names(value: &[u8]) -> Result<Vec<String>, ElementError> {
    let names = asn1::only(value)?.expect(asn1::Tag::SEQUENCE, "a SEQUENCE")?;
    let names = asn1::elements(names, MAX_NAMES)?;
    let dns = names.iter().filter(|name| name.tag.class == Class::Context && name.tag.number == DNS_NAME);
    Ok(dns.map(|name| shown(&String::from_utf8_lossy(name.content))).collect())
}

fn common_names(leaf: &Certificate<'_>) -> Result<Vec<String>, der::Error> {
    let attributes = leaf.subject.attributes()?;
    Ok(attributes.iter().filter(|name| name.oid == oid::COMMON_NAME).map(|name| name.shown()).collect())
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}
