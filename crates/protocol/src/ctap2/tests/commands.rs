//! The commands beyond registration and sign-in.

use proptest::prelude::*;

use super::*;

fn maybe_bytes() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop::option::of(bytes())
}

fn number() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(any::<i32>().prop_map(i64::from))
}

fn maybe_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn key() -> impl Strategy<Value = Option<KeyAgreement>> {
    prop::option::of(any::<([u8; 32], [u8; 32])>().prop_map(|(x, y)| KeyAgreement::p256(x, y)))
}

fn user() -> impl Strategy<Value = Option<UserEntity>> {
    let user = (bytes(), maybe_text(), maybe_text());
    prop::option::of(user.prop_map(|(id, name, display_name)| UserEntity { id, name, display_name }))
}

fn unknown(value: i8) -> Unknown {
    vec![(Value::from(0x70), Value::from(value))]
}

proptest! {
    #[test]
    fn client_pin_survives_its_encoding(
        sub: u8, protocol in number(), key in key(), one in maybe_bytes(), two in maybe_bytes(), three in maybe_bytes(),
        permissions in number(), rp in maybe_text(), state: Option<bool>, other: i8,
    ) {
        let request = client_pin::Request {
            pin_uv_auth_protocol: protocol,
            sub_command: client_pin::SubCommand(sub.into()),
            key_agreement: key.clone(),
            pin_uv_auth_param: one.clone(),
            new_pin_enc: two,
            pin_hash_enc: three,
            permissions: permissions.map(Permissions),
            rp_id: rp,
            unknown: unknown(other),
        };
        prop_assert_eq!(client_pin::Request::parse(&request.encode()).unwrap(), request);
        let response = client_pin::Response {
            key_agreement: key,
            pin_uv_auth_token: one,
            pin_retries: protocol,
            power_cycle_state: state,
            uv_retries: permissions,
            unknown: vec![],
        };
        prop_assert_eq!(client_pin::Response::parse(&response.encode()).unwrap(), response);
    }

    #[test]
    fn credential_management_survives_its_encoding(
        sub: u8, hash in maybe_bytes(), ids in descriptors(), user in user(), rp in maybe_text(), count in number(), flag: Option<bool>, other: i8,
    ) {
        let params = credential_management::Params {
            rp_id_hash: hash.clone(), credential_id: ids.first().cloned(), user: user.clone(), unknown: unknown(other),
        };
        let request = credential_management::Request {
            sub_command: credential_management::SubCommand(sub.into()),
            sub_command_params: Some(params.into()),
            pin_uv_auth_protocol: count,
            pin_uv_auth_param: hash.clone(),
            unknown: vec![],
        };
        prop_assert_eq!(credential_management::Request::parse(&request.encode()).unwrap(), request);
        let response = credential_management::Response {
            existing_resident_credentials_count: count,
            rp: rp.map(|id| RpEntity { id, name: None }),
            rp_id_hash: hash,
            user,
            credential_id: ids.last().cloned(),
            public_key: Some(cbor::encode(&Value::Map(unknown(other)))),
            third_party_payment: flag,
            ..Default::default()
        };
        prop_assert_eq!(credential_management::Response::parse(&response.encode()).unwrap(), response);
    }

    #[test]
    fn config_and_large_blobs_survive_their_encodings(
        length in number(), ids in prop::option::of(prop::collection::vec(text(), 0..3)), flag: Option<bool>, param in maybe_bytes(), size: u64,
    ) {
        let params = config::Params {
            new_min_pin_length: length, min_pin_length_rp_ids: ids, force_change_pin: flag, ..Default::default()
        };
        let request = config::Request {
            sub_command: config::SubCommand::SET_MIN_PIN_LENGTH,
            sub_command_params: Some(params.into()),
            pin_uv_auth_protocol: length,
            pin_uv_auth_param: param.clone(),
            unknown: vec![],
        };
        prop_assert_eq!(config::Request::parse(&request.encode()).unwrap(), request);
        let request = large_blobs::Request {
            get: length, set: param.clone(), offset: length, length, pin_uv_auth_param: param.clone(), ..Default::default()
        };
        prop_assert_eq!(large_blobs::Request::parse(&request.encode()).unwrap(), request);
        let response = large_blobs::Response { config: param.clone(), unknown: vec![] };
        prop_assert_eq!(large_blobs::Response::parse(&response.encode()).unwrap(), response);
        let map = large_blobs::LargeBlobMap { ciphertext: param.unwrap_or_default(), nonce: vec![1; 12], orig_size: size };
        prop_assert_eq!(large_blobs::LargeBlobMap::parse(&map.encode()).unwrap(), map);
    }

    #[test]
    fn bio_enrollment_survives_its_encoding(
        sub: Option<u8>, id in maybe_bytes(), name in maybe_text(), number in number(), flag: Option<bool>,
    ) {
        use bio_enrollment::{Params, Request, Response, SampleStatus, SubCommand, TemplateInfo};
        let params = Params {
            template_id: id.clone(), template_friendly_name: name.clone(), timeout_milliseconds: number, unknown: vec![],
        };
        let request = Request {
            modality: number,
            sub_command: sub.map(|sub| SubCommand(sub.into())),
            sub_command_params: Some(params.into()),
            pin_uv_auth_param: id.clone(),
            get_modality: flag,
            ..Default::default()
        };
        prop_assert_eq!(Request::parse(&request.encode()).unwrap(), request);
        let info = TemplateInfo { template_id: id.clone().unwrap_or_default(), template_friendly_name: name };
        let response = Response {
            modality: number,
            template_id: id,
            last_enroll_sample_status: number.map(SampleStatus),
            template_infos: Some(vec![info.clone(), info]),
            ..Default::default()
        };
        prop_assert_eq!(Response::parse(&response.encode()).unwrap(), response);
    }

    #[test]
    fn every_member_of_get_info_survives(
        numbers in prop::collection::vec(any::<u32>(), 9), flags in any::<[bool; 3]>(), bytes in bytes(), texts in prop::collection::vec(text(), 0..3), vendor: u64,
    ) {
        let number = |index: usize| Some(i64::from(numbers[index]));
        let info = get_info::Response {
            max_serialized_large_blob_array: number(0),
            force_pin_change: Some(flags[0]),
            min_pin_length: number(1),
            max_cred_blob_length: number(2),
            max_rp_ids_for_set_min_pin_length: number(3),
            preferred_platform_uv_attempts: number(4),
            uv_modality: number(5),
            certifications: vec![("FIDO".into(), 3), ("FIPS-CMVP-2".into(), 1)],
            vendor_prototype_config_commands: Some(vec![vendor]),
            uv_count_since_last_pin_entry: number(6),
            long_touch_for_reset: Some(flags[1]),
            enc_identifier: Some(bytes.clone()),
            transports_for_reset: Some(texts),
            pin_complexity_policy: Some(flags[2]),
            pin_complexity_policy_url: Some(bytes.clone()),
            max_pin_length: number(7),
            enc_cred_store_state: Some(bytes),
            authenticator_config_commands: Some(vec![1, 2, numbers[8].into()]),
            ..Default::default()
        };
        prop_assert_eq!(get_info::Response::parse(&info.encode()).unwrap(), info);
    }

    #[test]
    fn the_input_of_hmac_secret_survives(key in key(), salt in bytes(), auth in bytes(), protocol in number()) {
        let key_agreement = key.unwrap_or_default();
        let input = hmac_secret::Input { key_agreement, salt_enc: salt, salt_auth: auth, pin_uv_auth_protocol: protocol };
        prop_assert_eq!(hmac_secret::Input::from_value(&input.to_value()).unwrap(), input);
    }

    #[test]
    fn any_bytes_are_read_or_refused_by_every_command(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = client_pin::Request::parse(&bytes);
        let _ = client_pin::Response::parse(&bytes);
        let _ = credential_management::Request::parse(&bytes);
        let _ = credential_management::Response::parse(&bytes);
        let _ = config::Request::parse(&bytes);
        let _ = bio_enrollment::Request::parse(&bytes);
        let _ = bio_enrollment::Response::parse(&bytes);
        let _ = large_blobs::Request::parse(&bytes);
        let _ = large_blobs::Response::parse(&bytes);
        let _ = large_blobs::LargeBlobMap::parse(&bytes);
    }
}

#[test]
fn the_bytes_of_sub_command_params_are_kept() {
    let pairs = vec![(Value::from(1), Value::Bytes(vec![7; 32])), (Value::from(9), Value::from("later"))];
    let params = cbor::encode(&Value::Map(pairs));
    let request =
        Value::Map(vec![(1.into(), 4.into()), (2.into(), cbor::decode(&params, cbor::Rules::CTAP2).unwrap())]);
    let request = credential_management::Request::parse(&cbor::encode(&request)).unwrap();
    let read = request.sub_command_params.unwrap();
    assert_eq!(read.as_bytes(), params);
    assert_eq!(read.rp_id_hash.as_deref(), Some(&[7; 32][..]));
    assert_eq!(read.unknown.len(), 1);
}

#[test]
fn missing_and_mistyped_parameters_have_the_status_that_ctap_2_3_recommends() {
    let encoded = |members: Vec<(Value, Value)>| cbor::encode(&Value::Map(members));
    let without = encoded(vec![]);
    let statuses = [
        client_pin::Request::parse(&without).unwrap_err().status,
        credential_management::Request::parse(&without).unwrap_err().status,
        config::Request::parse(&without).unwrap_err().status,
    ];
    assert_eq!(statuses, [StatusCode::MISSING_PARAMETER; 3]);
    let mistyped = encoded(vec![(1.into(), "two".into())]);
    assert_eq!(client_pin::Request::parse(&mistyped).unwrap_err().status, StatusCode::CBOR_UNEXPECTED_TYPE);
    let key = encoded(vec![(2.into(), 2.into()), (3.into(), Value::Map(vec![(1.into(), 2.into())]))]);
    let error = client_pin::Request::parse(&key).unwrap_err();
    assert_eq!(error.status, StatusCode::CBOR_UNEXPECTED_TYPE);
    assert_eq!(error.error.to_string(), "at byte 4: the member keyAgreement.crv is missing");
}

#[test]
fn vendor_parameters_of_config_are_not_those_of_set_min_pin_length() {
    let vendor = Value::Map(vec![(1.into(), Value::from(u64::MAX)), (2.into(), "anything".into())]);
    let request = Value::Map(vec![(1.into(), 0xff.into()), (2.into(), vendor)]);
    let request = config::Request::parse(&cbor::encode(&request)).unwrap();
    assert_eq!(request.sub_command_params.unwrap().unknown.len(), 2);
}

#[test]
fn a_key_that_is_no_p256_key_has_no_point() {
    let key = KeyAgreement::p256([1; 32], [2; 32]);
    assert_eq!(key.point().unwrap()[..2], [4, 1]);
    assert_eq!(KeyAgreement { crv: 2, ..key.clone() }.point(), None);
    assert_eq!(KeyAgreement { x: vec![1; 31], ..key }.point(), None);
}

#[test]
fn permissions_have_the_names_of_the_specification() {
    let both = Permissions::MAKE_CREDENTIAL | Permissions::LARGE_BLOB_WRITE;
    assert_eq!(both.to_string(), "mc|lbw");
    assert_eq!(Permissions::NONE.to_string(), "none");
    assert!(both.contains(Permissions::MAKE_CREDENTIAL) && !both.contains(Permissions::GET_ASSERTION));
    assert_eq!(both.without(Permissions::MAKE_CREDENTIAL), Permissions::LARGE_BLOB_WRITE);
}
