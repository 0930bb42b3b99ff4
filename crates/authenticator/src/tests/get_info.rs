use lab_protocol::ctap2::{Command, StatusCode};
use lab_protocol::{Message, Step};

use crate::models;
use crate::testing::*;

#[test]
fn every_model_says_only_what_the_engine_does() {
    for model in models::built_in() {
        let info = Bench::of(&model.id).info();
        assert_eq!(info.versions, ["FIDO_2_0"], "{}", model.id);
        assert_eq!(info.aaguid, model.aaguid());
        let keys = info.option("clientPin").is_some() || info.extensions.contains(&"hmac-secret".to_owned());
        assert_eq!(info.pin_uv_auth_protocols.is_empty(), !keys, "{}", model.id);
        assert!(info.option("uv") == Some(true) || info.option("clientPin") == Some(true), "{}", model.id);
        assert!(!info.attestation_formats.contains(&"none".to_owned()));
        assert!(info.unknown.is_empty());
    }
}

#[test]
fn the_yubikey_says_what_its_metadata_says_as_far_as_that_is_built() {
    let info = Bench::of("yubikey-5-nfc").info();
    assert_eq!(info.max_msg_size, Some(1280));
    assert_eq!(info.max_credential_count_in_list, Some(8));
    assert_eq!(info.max_credential_id_length, Some(128));
    assert_eq!(info.firmware_version, Some(329_473));
    assert_eq!(info.transports, ["nfc", "usb"]);
    assert_eq!(info.algorithms.iter().map(|alg| alg.0).collect::<Vec<_>>(), [-7, -8, -35]);
    assert_eq!(info.option("makeCredUvNotRqd"), Some(true));
    assert_eq!(info.option("plat"), Some(false));
    assert_eq!(info.remaining_discoverable_credentials, Some(100));
}

#[test]
fn free_slots_count_down() {
    let mut bench = Bench::of("yubikey-5-nfc");
    bench.register(&create());
    bench.register(&create_plain());
    assert_eq!(bench.info().remaining_discoverable_credentials, Some(99));
}

#[test]
fn what_is_not_built_is_an_invalid_command() {
    let mut bench = Bench::of("yubikey-5-nfc");
    for command in [0x00, 0x03, 0x09, 0x0a, 0x0c, 0x0d, 0x3f, 0x40, 0x41, 0xff] {
        assert_eq!(bench.call(Command(command), &[]).status(), StatusCode::INVALID_COMMAND, "{command:#x}");
    }
    assert_eq!(bench.call(Command::GET_INFO, &[0xa0]).status(), StatusCode::INVALID_LENGTH);
    assert_eq!(status(&bench.engine.start(Message::Cbor(&[]), now())), StatusCode::INVALID_LENGTH);
}

#[test]
fn ctap1_is_answered_with_instruction_not_supported() {
    let mut bench = Bench::of("yubikey-5-nfc");
    assert_eq!(bench.engine.start(Message::Msg(&[0, 3, 0, 0, 0]), now()), Step::Done(vec![0x6d, 0x00]));
}

#[test]
fn messages_over_the_limit_are_refused() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let mut message = vec![Command::MAKE_CREDENTIAL.0];
    message.resize(1281, 0);
    assert_eq!(status(&bench.engine.start(Message::Cbor(&message), now())), StatusCode::REQUEST_TOO_LARGE);
    message.truncate(1280);
    assert_eq!(status(&bench.engine.start(Message::Cbor(&message), now())), StatusCode::CBOR_UNEXPECTED_TYPE);
    message.resize(7610, 0);
    let mut phone = Bench::of("icloud-keychain");
    assert_eq!(status(&phone.engine.start(Message::Cbor(&message), now())), StatusCode::REQUEST_TOO_LARGE);
}
