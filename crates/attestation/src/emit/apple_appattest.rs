//! `apple-appattest` (Apple, DeviceCheck, “Validating apps that connect to your server”): Apple's service
//! certifies a key of an app, and adds a receipt for itself.

use ciborium::Value;

use super::{Attest, Attestor, EmitError, Format, apple, certificates};
use crate::layout::member;
use crate::sha256;
use crate::vendors::Maker;
use crate::vendors::writer::{OCTET_STRING, SEQUENCE, SET, element, explicit, extension, integer, oid};
use const_oid::ObjectIdentifier;

/// What the app is called in the certificate and in the receipt.
const APP_ID: &str = "LABORATORY.invalid.passkey-lab";
/// The extension about the key and the app.
const KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.8.5");
/// The extension about the operating system.
const SYSTEM: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.8.7");
/// `id-data`.
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");

/// Properties of the key, as a captured certificate has them: `[4]` the kind of key, `[1204]` the app,
/// `[5]` the secure key store.
const KEY_NUMBERS: [(u32, u64); 5] = [(4, 10), (1200, 1), (1201, 0), (1202, 1), (1203, 1)];
const KEY_STORE: &[u8] = b"sks ";
const KEY_TAIL: [(u32, u64); 5] = [(1206, 5), (1207, 0), (1209, 0), (1210, 0), (1211, 0)];
/// The operating system of that capture.
const VERSION: &str = "17.5.1";
const BUILD: &str = "21F90";
const LONG_BUILD: &str = "21.6.90.0.0,0";

/// The fields of a receipt (Apple, DeviceCheck, “Assessing fraud risk”).
mod receipt {
    pub(super) const APP: u64 = 2;
    pub(super) const CERTIFICATE: u64 = 3;
    pub(super) const CLIENT_HASH: u64 = 4;
    pub(super) const KIND: u64 = 6;
    pub(super) const ENVIRONMENT: u64 = 7;
    pub(super) const CREATED: u64 = 12;
}

/// The format.
pub(super) struct AppleAppAttest;

impl Format for AppleAppAttest {
    fn id(&self) -> &'static str {
        "apple-appattest"
    }

    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        apple::attestor(maker, "Apple App Attestation CA 1")
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let (client_data_hash, created) = (attest.client_data_hash, attest.now.to_string());
        let chain = apple::credential(attest, self.id(), &[key_properties(), system()].concat())?;
        let receipt = receipt(chain.first().map_or(&[], Vec::as_slice), client_data_hash, &created);
        Ok(Value::Map(vec![
            (member::X5C.into(), certificates(&chain)),
            (member::RECEIPT.into(), Value::Bytes(receipt)),
        ]))
    }
}

fn numbers(pairs: &[(u32, u64)]) -> Vec<u8> {
    pairs.iter().flat_map(|(tag, value)| explicit(*tag, &[&integer(*value)])).collect()
}

fn text(tag: u32, text: &str) -> Vec<u8> {
    explicit(tag, &[&element(OCTET_STRING, &[text.as_bytes()])])
}

fn key_properties() -> Vec<u8> {
    let store = explicit(5, &[&element(OCTET_STRING, &[KEY_STORE])]);
    let properties = [numbers(&KEY_NUMBERS), text(1204, APP_ID), store, numbers(&KEY_TAIL)].concat();
    extension(KEY, false, &element(SEQUENCE, &[&properties]))
}

fn system() -> Vec<u8> {
    let versions = [
        text(1400, VERSION),
        numbers(&[(1104, 0xffff_ffff)]),
        text(1403, BUILD),
        text(1405, VERSION),
        numbers(&[(1406, 0)]),
        text(1420, LONG_BUILD),
    ];
    extension(SYSTEM, false, &element(SEQUENCE, &[&versions.concat()]))
}

/// The fields of a receipt in CMS without a signature: Apple signs it for its own service, which the lab
/// is not, and no step of the verification looks into it.
fn receipt(certificate: &[u8], client_data_hash: &[u8; 32], created: &str) -> Vec<u8> {
    let field =
        |kind: u64, value: &[u8]| element(SEQUENCE, &[&integer(kind), &integer(1), &element(OCTET_STRING, &[value])]);
    let fields = [
        field(receipt::APP, APP_ID.as_bytes()),
        field(receipt::CERTIFICATE, certificate),
        field(receipt::CLIENT_HASH, &sha256(client_data_hash)),
        field(receipt::KIND, b"ATTEST"),
        field(receipt::ENVIRONMENT, b"production"),
        field(receipt::CREATED, created.as_bytes()),
    ];
    let content = element(OCTET_STRING, &[&element(SET, &[&fields.concat()])]);
    element(SEQUENCE, &[&oid(DATA), &explicit(0, &[&content])])
}
