mod commands;
mod vectors;

use proptest::prelude::*;

use super::*;
use crate::Aaguid;
use crate::cose::Algorithm;

fn text() -> impl Strategy<Value = String> {
    "[a-z]{0,12}"
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..80)
}

fn descriptors() -> impl Strategy<Value = Vec<Descriptor>> {
    let one = (bytes(), prop::collection::vec(text(), 0..3));
    prop::collection::vec(one.prop_map(|(id, transports)| Descriptor { transports, ..Descriptor::new(id) }), 0..4)
}

fn options() -> impl Strategy<Value = Vec<(String, bool)>> {
    prop::collection::btree_map("[a-z]{1,8}", any::<bool>(), 0..4).prop_map(|options| {
        let mut options: Vec<_> = options.into_iter().collect();
        options.sort_by_key(|(name, _)| (name.len(), name.clone()));
        options
    })
}

proptest! {
    #[test]
    fn a_make_credential_request_survives_its_encoding(
        hash: [u8; 32], rp in text(), user in bytes(), alg: i32, exclude in descriptors(), options in options(),
        pin in prop::option::of(bytes()), formats in prop::collection::vec(text(), 0..3), unknown: i8,
    ) {
        let request = make_credential::Request {
            client_data_hash: hash,
            rp: RpEntity { id: rp.clone(), name: Some(rp) },
            user: UserEntity { id: user, name: Some("n".into()), display_name: None },
            pub_key_cred_params: vec![("public-key".into(), Algorithm(i64::from(alg)))],
            exclude_list: exclude,
            options,
            pin_uv_auth_param: pin,
            attestation_formats_preference: formats,
            unknown: vec![(Value::from(0x70), Value::from(unknown))],
            ..Default::default()
        };
        prop_assert_eq!(make_credential::Request::parse(&request.encode()).unwrap(), request);
    }

    #[test]
    fn a_get_assertion_request_and_reply_survive_their_encodings(
        hash: [u8; 32], rp in text(), allow in prop::option::of(descriptors()), options in options(), data in bytes(), count: Option<u16>,
    ) {
        let request = get_assertion::Request { rp_id: rp, client_data_hash: hash, allow_list: allow, options, ..Default::default() };
        prop_assert_eq!(get_assertion::Request::parse(&request.encode()).unwrap(), request);
        let response = get_assertion::Response {
            credential: Some(Descriptor::new(data.clone())),
            auth_data: data.clone(),
            signature: data,
            number_of_credentials: count.map(i64::from),
            ..Default::default()
        };
        prop_assert_eq!(get_assertion::Response::parse(&response.encode()).unwrap(), response);
    }

    #[test]
    fn get_info_survives_its_encoding(versions in prop::collection::vec(text(), 0..3), aaguid: [u8; 16], options in options(), size: Option<u16>, algs in prop::collection::vec(any::<i32>(), 0..4)) {
        let info = get_info::Response {
            versions,
            aaguid: Aaguid(aaguid),
            options,
            max_msg_size: size.map(i64::from),
            algorithms: algs.into_iter().map(|alg| Algorithm(i64::from(alg))).collect(),
            unknown: vec![(Value::from(0x7d), Value::from(63))],
            ..Default::default()
        };
        prop_assert_eq!(get_info::Response::parse(&info.encode()).unwrap(), info);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = make_credential::Request::parse(&bytes);
        let _ = make_credential::Response::parse(&bytes);
        let _ = get_assertion::Request::parse(&bytes);
        let _ = get_assertion::Response::parse(&bytes);
        let _ = get_info::Response::parse(&bytes);
    }
}

#[test]
fn parsing_errors_have_the_status_that_ctap_2_3_recommends() {
    let status = |value: Value| make_credential::Request::parse(&cbor::encode(&value)).unwrap_err().status;
    assert_eq!(status(Value::Map(vec![])), StatusCode::MISSING_PARAMETER);
    assert_eq!(status(Value::Map(vec![(2.into(), Value::Map(vec![]))])), StatusCode::CBOR_UNEXPECTED_TYPE);
    assert_eq!(status(Value::Map(vec![(1.into(), "x".into())])), StatusCode::CBOR_UNEXPECTED_TYPE);
    let error = make_credential::Request::parse(&[0xbf, 0xff]).unwrap_err();
    assert_eq!(error.status, StatusCode::INVALID_CBOR);
}

#[test]
fn a_status_that_nobody_registered_survives() {
    assert_eq!(StatusCode(0xf7).to_string(), "vendor error (0xf7)");
    assert_eq!(StatusCode::PIN_AUTH_INVALID.to_string(), "CTAP2_ERR_PIN_AUTH_INVALID (0x33)");
    assert_eq!(split_reply(&[0x99, 1, 2]), Some((StatusCode(0x99), &[1, 2][..])));
}
