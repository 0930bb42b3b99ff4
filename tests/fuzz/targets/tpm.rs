//! Any bytes as the two structures of a TPM: certInfo, its length first, and pubArea, in a statement whose
//! other members are as they have to be. No attestation key signs it, so that it never holds.
#![no_main]

use jiff::Timestamp;
use lab_attestation::verify::{self, Input, Policy};
use lab_protocol::cbor::{Value, encode};
use lab_protocol::cose::{Algorithm, CredentialPublicKey, Curve, KeyMaterial};
use lab_protocol::trace::{Choice, Known, Trace};
use lab_protocol::webauthn::AuthenticatorData;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(([high, low], rest)) = bytes.split_first_chunk() else { return };
    let (cert_info, pub_area) = rest.split_at(usize::from(u16::from_be_bytes([*high, *low])).min(rest.len()));
    let member = |name: &str, value: Value| (name.into(), value);
    let statement = encode(&Value::Map(vec![
        member("ver", "2.0".into()),
        member("alg", Algorithm::ES256.0.into()),
        member("x5c", Value::Array(vec![Value::Bytes(vec![0x30, 0])])),
        member("sig", Value::Bytes(vec![0; 8])),
        member("certInfo", Value::Bytes(cert_info.to_vec())),
        member("pubArea", Value::Bytes(pub_area.to_vec())),
    ]));
    let Ok(auth_data) = AuthenticatorData::parse(&[0; 37]) else { return };
    let material = KeyMaterial::Ec2 { curve: Curve::P256, x: vec![1; 32], y: vec![2; 32] };
    let key = CredentialPublicKey { alg: Algorithm::ES256, material, extra: Vec::new() };
    for tpm_trailing_bytes in [Choice::Refuse, Choice::Note] {
        let input = Input {
            auth_data: &auth_data,
            credential_key: Known::Value(&key),
            att_stmt: &statement,
            client_data_hash: &[7; 32],
            policy: &Policy { tpm_trailing_bytes, ..Policy::webauthn() },
            at: Timestamp::UNIX_EPOCH,
        };
        let mut trace = Trace::new();
        let attested = verify::format("tpm").and_then(|format| format.verify(&input, &mut trace));
        assert!(attested.is_none());
        trace.entries().iter().for_each(|entry| assert!(!entry.message().is_empty()));
    }
});
