use lab_protocol::ctap2::{Command, StatusCode};
use lab_protocol::{Message, Step};

use crate::models;
use crate::testing::*;

#[test]
fn every_model_says_only_what_the_engine_does() {
    for model in models::built_in() {
        let info = Bench::of(&model.id).info();
        let real = model.get_info.iter().flat_map(|info| info.versions.iter());
        let u2f_off = info.option("alwaysUv") == Some(true) && info.option("uv") != Some(true);
        let mut claimed: Vec<_> = real.filter(|version| !u2f_off || *version != "U2F_V2").cloned().collect();
        claimed.extend(claimed.is_empty().then(|| "FIDO_2_0".to_owned()));
        assert_eq!(info.versions, claimed, "{}", model.id);
        assert_eq!(info.aaguid, model.aaguid());
        let keys = info.option("clientPin").is_some() || info.extensions.contains(&"hmac-secret".to_owned());
        assert_eq!(info.pin_uv_auth_protocols.is_empty(), !keys, "{}", model.id);
        assert!(info.option("uv") == Some(true) || info.option("clientPin") == Some(true), "{}", model.id);
        assert!(!info.attestation_formats.contains(&"none".to_owned()));
        assert!(info.unknown.is_empty());
    }
}

/// `ctap-2.2 §6.4`: what must be there together.
#[test]
fn members_options_and_extensions_agree_in_every_model() {
    for model in models::built_in() {
        let info = Bench::of(&model.id).info();
        let (has, id) = (|name: &str| info.option(name) == Some(true), &model.id);
        let extends = |name: &str| info.extensions.iter().any(|extension| extension == name);
        assert_eq!(has("largeBlobs"), info.max_serialized_large_blob_array.is_some(), "{id}: 0x0B");
        assert_eq!(extends("credBlob"), info.max_cred_blob_length.is_some(), "{id}: 0x0F");
        assert!(!extends("largeBlobKey") || has("largeBlobs"), "{id}: largeBlobKey");
        assert!(!extends("hmac-secret-mc") || extends("hmac-secret"), "{id}: hmac-secret-mc");
        assert!(!has("setMinPINLength") || has("authnrCfg"), "{id}: setMinPINLength");
        assert!(info.option("bioEnroll").is_some() || !has("uvBioEnroll"), "{id}: uvBioEnroll");
        assert!(!has("uvAcfg") || has("authnrCfg"), "{id}: uvAcfg");
        assert!(!has("alwaysUv") || !has("makeCredUvNotRqd"), "{id}: alwaysUv");
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
    for command in [0x00, 0x03, 0x09, 0x3f, 0x40, 0xff] {
        assert_eq!(bench.call(Command(command), &[]).status(), StatusCode::INVALID_COMMAND, "{command:#x}");
    }
    let mut phone = Bench::of("icloud-keychain");
    for command in [0x09, 0x0a, 0x0c, 0x0d, 0x40, 0x41] {
        assert_eq!(phone.call(Command(command), &[]).status(), StatusCode::INVALID_COMMAND, "{command:#x}");
    }
    assert_eq!(bench.call(Command::GET_INFO, &[0xa0]).status(), StatusCode::INVALID_LENGTH);
    assert_eq!(status(&bench.engine.start(Message::Cbor(&[]), now())), StatusCode::INVALID_LENGTH);
}

#[test]
fn ctap1_is_answered_with_instruction_not_supported_by_models_without_u2f() {
    let mut bench = Bench::of("icloud-keychain");
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
