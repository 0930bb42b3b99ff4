//! Any bytes as an attestation object, down to the statement's own verification.
#![no_main]

use jiff::Timestamp;
use lab_attestation::verify::{self, Input, Policy};
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::trace::{Check, Document, Known, Trace};
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData};

static KEY: Check = Check::new("fuzz/key", Document::Lab, "1", "The key can be read.");

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(object) = AttestationObject::parse(bytes) else { return };
    let Ok(data) = AuthenticatorData::parse(object.auth_data) else { return };
    let key = data.attested.and_then(|attested| CredentialPublicKey::parse(attested.public_key).ok());
    let credential_key = key.as_ref().map_or(Known::Missing(&KEY), Known::Value);
    let input = Input {
        auth_data: &data,
        credential_key,
        att_stmt: object.att_stmt,
        client_data_hash: &[7; 32],
        policy: &Policy::webauthn(),
        at: Timestamp::UNIX_EPOCH,
    };
    if let Some(format) = verify::format(object.fmt) {
        let mut trace = Trace::new();
        let _ = format.verify(&input, &mut trace);
        trace.entries().iter().for_each(|entry| assert!(!entry.message().is_empty()));
    }
});
