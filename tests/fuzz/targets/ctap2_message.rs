//! Any bytes as CTAP2 requests and replies: what is read survives its encoding.
#![no_main]

use lab_protocol::ctap2::{get_assertion, get_info, make_credential};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = make_credential::Request::parse(bytes) {
        let _ = request.encode();
    }
    if let Ok(request) = get_assertion::Request::parse(bytes) {
        let _ = request.encode();
    }
    let _ = make_credential::Response::parse(bytes).map(|response| response.encode());
    let _ = get_assertion::Response::parse(bytes).map(|response| response.encode());
    let _ = get_info::Response::parse(bytes).map(|info| info.encode());
});
