//! CTAP2 messages from the test suites of authenticator-rs, webauthn-rs and python-fido2.

use lab_protocol::ctap2::{StatusCode, get_assertion, get_info, make_credential};

use crate::testing::{Bench, hex, vectors};

/// Which structure of which command the bytes are.
fn decodes(command: &str, kind: &str, bytes: &[u8]) -> Result<bool, String> {
    let body = if kind == "CBOR map" { bytes } else { &bytes[1..] };
    let error = |error: lab_protocol::ctap2::MessageError| error.to_string();
    let either = |request: Result<bool, String>, response: Result<bool, String>| request.or(response);
    match command {
        "authenticatorMakeCredential" => either(
            make_credential::Request::parse(body).map(|request| request.encode() == body).map_err(error),
            make_credential::Response::parse(body).map(|response| response.encode() == body).map_err(error),
        ),
        "authenticatorGetAssertion" => either(
            get_assertion::Request::parse(body).map(|request| request.encode() == body).map_err(error),
            get_assertion::Response::parse(body).map(|response| response.encode() == body).map_err(error),
        ),
        "authenticatorGetInfo" if body.is_empty() => Ok(true),
        "authenticatorGetInfo" => get_info::Response::parse(body).map(|info| info.encode() == body).map_err(error),
        _ => Err("no such structure".to_owned()),
    }
}

#[test]
fn messages_of_other_implementations_are_read_and_written_to_the_same_bytes() {
    let Some(file) = vectors("ctap2/messages.json") else { return };
    let commands = ["authenticatorMakeCredential", "authenticatorGetAssertion", "authenticatorGetInfo"];
    let (mut read, mut same) = (0, 0);
    for message in file["messages"].as_array().unwrap() {
        let (Some(command), Some(kind)) = (message["command"].as_str(), message["kind"].as_str()) else { continue };
        let bytes = hex(message["hex"].as_str().unwrap());
        // One entry is taken for a getInfo request because it starts with 04; that command has no parameters.
        let misfiled = command == "authenticatorGetInfo" && kind == "request" && bytes.len() > 1;
        if !commands.contains(&command) || misfiled {
            continue;
        }
        let identical =
            decodes(command, kind, &bytes).unwrap_or_else(|error| panic!("{command}: {error}: {bytes:02x?}"));
        read += 1;
        same += usize::from(identical);
    }
    // Two replies write the length of authData with more bytes than it needs.
    assert_eq!((read, same), (17, 15));
}

/// Requests of other implementations' clients are answered as they ask, once their PIN is taken out.
#[test]
fn requests_of_other_implementations_register() {
    let Some(file) = vectors("ctap2/messages.json") else { return };
    let mut asked = 0;
    for message in file["messages"].as_array().unwrap() {
        if message["command"] != "authenticatorMakeCredential" {
            continue;
        }
        let bytes = hex(message["hex"].as_str().unwrap());
        let body = if message["kind"] == "CBOR map" { &bytes[..] } else { &bytes[1..] };
        let Ok(request) = make_credential::Request::parse(body) else { continue };
        let mut bench = Bench::of("yubikey-5-nfc");
        if request.pin_uv_auth_param.is_some() {
            assert_eq!(bench.register_status(&request), StatusCode::PIN_AUTH_INVALID, "another PIN, another token");
        }
        let options = vec![("rk".to_owned(), true), ("uv".to_owned(), true)];
        let request =
            make_credential::Request { pin_uv_auth_param: None, pin_uv_auth_protocol: None, options, ..request };
        assert_eq!(bench.register_status(&request), StatusCode::OK);
        asked += 1;
    }
    assert!(asked > 0);
}
