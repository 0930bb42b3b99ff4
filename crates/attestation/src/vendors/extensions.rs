//! Certificate extensions (RFC 5280 §4.2), as DER.

use std::net::IpAddr;

use const_oid::ObjectIdentifier;

use super::writer::{BOOLEAN, OCTET_STRING, SEQUENCE, element, explicit, extension, integer, named_bits, oid};
use crate::layout::oid as id;

/// `[0] IMPLICIT`, the key identifier of an issuer.
const AUTHORITY_KEY_ID_TAG: u8 = 0x80;
/// `[2] IMPLICIT`, a DNS name among general names.
const DNS_NAME_TAG: u8 = 0x82;
/// `[6] IMPLICIT`, a URI among general names.
const URI_TAG: u8 = 0x86;
/// `[7] IMPLICIT`, an IP address among general names.
const IP_ADDRESS_TAG: u8 = 0x87;
/// `[4]`, a directory name among general names.
const DIRECTORY_NAME: u32 = 4;
/// `id-ad-caIssuers`.
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");

/// The bits of a key usage.
pub(crate) mod usage {
    pub(crate) const DIGITAL_SIGNATURE: u8 = 0;
    pub(crate) const NON_REPUDIATION: u8 = 1;
    pub(crate) const KEY_ENCIPHERMENT: u8 = 2;
    pub(crate) const DATA_ENCIPHERMENT: u8 = 3;
    pub(crate) const CERT_SIGN: u8 = 5;
    pub(crate) const CRL_SIGN: u8 = 6;
}

/// Basic constraints of what is no CA.
pub(crate) fn end_entity() -> Vec<u8> {
    extension(id::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[]))
}

/// Basic constraints of a CA.
pub(crate) fn authority(path_len: Option<u8>) -> Vec<u8> {
    let ca = element(BOOLEAN, &[&[0xff]]);
    let path_len = path_len.map(|length| integer(u64::from(length))).unwrap_or_default();
    extension(id::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[&ca, &path_len]))
}

pub(crate) fn key_usage(bits: &[u8]) -> Vec<u8> {
    extension(id::KEY_USAGE, true, &named_bits(bits))
}

pub(crate) fn extended_key_usage(purposes: &[ObjectIdentifier]) -> Vec<u8> {
    let purposes: Vec<_> = purposes.iter().map(|purpose| oid(*purpose)).collect();
    extension(id::EXTENDED_KEY_USAGE, false, &element(SEQUENCE, &[&purposes.concat()]))
}

pub(crate) fn subject_key_id(key_id: &[u8; 20]) -> Vec<u8> {
    extension(id::SUBJECT_KEY_ID, false, &element(OCTET_STRING, &[key_id]))
}

pub(crate) fn authority_key_id(key_id: &[u8; 20]) -> Vec<u8> {
    extension(id::AUTHORITY_KEY_ID, false, &element(SEQUENCE, &[&element(AUTHORITY_KEY_ID_TAG, &[key_id])]))
}

/// A subject alternative name that is a directory name; critical, for it stands in for the subject.
pub(crate) fn directory_name(name: &[u8]) -> Vec<u8> {
    extension(id::SUBJECT_ALT_NAME, true, &element(SEQUENCE, &[&explicit(DIRECTORY_NAME, &[name])]))
}

pub(crate) fn dns_name(host: &str) -> Vec<u8> {
    host_names(&[host])
}

/// The names of a server.
pub(crate) fn host_names(hosts: &[&str]) -> Vec<u8> {
    let names: Vec<_> = hosts.iter().map(|host| host_name(host)).collect();
    extension(id::SUBJECT_ALT_NAME, false, &element(SEQUENCE, &[&names.concat()]))
}

fn host_name(host: &str) -> Vec<u8> {
    match host.parse() {
        Ok(IpAddr::V4(address)) => element(IP_ADDRESS_TAG, &[&address.octets()]),
        Ok(IpAddr::V6(address)) => element(IP_ADDRESS_TAG, &[&address.octets()]),
        Err(_) => element(DNS_NAME_TAG, &[host.as_bytes()]),
    }
}

/// Where the certificate of the issuer can be had.
pub(crate) fn issuer_at(uri: &str) -> Vec<u8> {
    let description = element(SEQUENCE, &[&oid(CA_ISSUERS), &element(URI_TAG, &[uri.as_bytes()])]);
    extension(id::AUTHORITY_INFO, false, &element(SEQUENCE, &[&description]))
}
