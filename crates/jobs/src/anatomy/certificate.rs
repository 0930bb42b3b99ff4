//! Certificates (RFC 5280 §4.1), down to the fields of the signed part and the extensions.

use const_oid::ObjectIdentifier;
use const_oid::db::DB;
use lab_attestation::asn1::{self, Tag};
use lab_attestation::layout::oid;

use super::cutter::{Cutter, hex};
use super::der;
use super::shape::CERTIFICATE;

pub(super) fn certificate(cutter: &mut Cutter<'_, '_>) {
    der::element(cutter, "Certificate", &CERTIFICATE);
}

/// The name of an extension by its content.
pub(super) fn extension_name(content: &[u8]) -> String {
    match asn1::element(content) {
        Ok((element, _)) if element.tag == Tag::OBJECT_IDENTIFIER => {
            format!("Extension {}", oid_name(element.content))
        }
        _ => "Extension".to_owned(),
    }
}

/// An object identifier with the name that it is known by.
pub(super) fn oid_name(content: &[u8]) -> String {
    let Ok(id) = ObjectIdentifier::from_bytes(content) else { return hex(content) };
    match NAMES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name).or_else(|| DB.by_oid(&id)) {
        Some(name) => format!("{id} ({name})"),
        None => id.to_string(),
    }
}

/// Names that the registry of the library does not have.
const NAMES: [(ObjectIdentifier, &str); 9] = [
    (oid::FIDO_AAGUID, "id-fido-gen-ce-aaguid"),
    (oid::FIDO_SERIAL, "id-fido-gen-ce-sernum"),
    (oid::FIDO_FIRMWARE, "id-fido-gen-ce-fw-version"),
    (oid::FIDO_TRANSPORTS, "id-fido-u2f-ce-transports"),
    (oid::TCG_TPM_MANUFACTURER, "tcg-at-tpmManufacturer"),
    (oid::TCG_TPM_MODEL, "tcg-at-tpmModel"),
    (oid::TCG_TPM_VERSION, "tcg-at-tpmVersion"),
    (oid::ANDROID_KEY, "Android key description"),
    (oid::APPLE_NONCE, "Apple nonce"),
];
