//! Any bytes as CTAP2 requests and replies: what is read survives its encoding.
#![no_main]

use lab_protocol::ctap2::{
    bio_enrollment, client_pin, config, credential_management, get_assertion, get_info, large_blobs, make_credential,
};

macro_rules! survives {
    ($bytes:ident: $($message:ty),*) => {
        $(if let Ok(message) = <$message>::parse($bytes) {
            // Replies of other order are read too, and keys that are two only by their encoding; what is read
            // of a canonical one stays as it is.
            let canonical = message.encode();
            if let Ok(again) = <$message>::parse(&canonical) {
                assert_eq!(again.encode(), canonical);
            }
        })*
    };
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Values that hold a NaN are not equal to themselves.
    if bytes.iter().any(|byte| (0xf9..=0xfb).contains(byte)) {
        return;
    }
    survives!(bytes: make_credential::Request, get_assertion::Request, client_pin::Request, bio_enrollment::Request);
    survives!(bytes: credential_management::Request, config::Request, large_blobs::Request);
    survives!(bytes: make_credential::Response, get_assertion::Response, get_info::Response, client_pin::Response);
    survives!(bytes: credential_management::Response, bio_enrollment::Response, large_blobs::Response);
});
