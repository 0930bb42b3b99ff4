//! Any bytes as authenticator data: what is read accounts for every byte.
#![no_main]

use lab_protocol::webauthn::AuthenticatorData;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(data) = AuthenticatorData::parse(bytes) {
        let attested =
            data.attested.map_or(0, |attested| 18 + attested.credential_id.len() + attested.public_key.len());
        assert_eq!(37 + attested + data.extensions.map_or(0, <[u8]>::len), bytes.len());
    }
});
