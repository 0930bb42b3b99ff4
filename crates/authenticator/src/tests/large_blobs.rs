use lab_protocol::Event;
use lab_protocol::ctap2::large_blobs::{Request, Response};
use lab_protocol::ctap2::{Command, Permissions, StatusCode};

use crate::state::EMPTY_LARGE_BLOB_ARRAY;
use crate::testing::*;

const LBW: Permissions = Permissions::LARGE_BLOB_WRITE;

fn read(count: i64, offset: i64) -> Request {
    Request { get: Some(count), offset: Some(offset), ..Request::default() }
}

/// An array of so many bytes, its hash included: one element, a byte string.
fn array(length: usize) -> Vec<u8> {
    let mut bytes = vec![0x58; length - 16];
    bytes[0] = 0x81;
    let hash = lab_attestation::sha256(&bytes);
    [&bytes[..], &hash[..16]].concat()
}

fn stored(bench: &mut Bench) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let reply = bench.blobs(&read(1000, i64::try_from(whole.len()).unwrap()));
        let part = Response::parse(reply.ok()).unwrap().config.unwrap();
        if part.is_empty() {
            return whole;
        }
        whole.extend(part);
    }
}

#[test]
fn it_starts_with_an_empty_array() {
    let mut bench = Bench::of("yubikey-5-nfc");
    assert_eq!(stored(&mut bench), EMPTY_LARGE_BLOB_ARRAY);
    assert_eq!(lab_attestation::sha256(&[0x80])[..16], EMPTY_LARGE_BLOB_ARRAY[1..]);
    let mut without = Bench::of("yubikey-5-nfc-5.4");
    assert_eq!(without.blobs(&read(17, 0)).status(), StatusCode::INVALID_COMMAND);
}

#[test]
fn reading_has_its_limits() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let good = read(17, 0);
    let mut status = |request: &Request| bench.blobs(request).status();
    assert_eq!(status(&Request { offset: None, ..good.clone() }), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&Request { get: None, ..good.clone() }), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&Request { set: Some(vec![1]), ..good.clone() }), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&Request { length: Some(17), ..good.clone() }), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&Request { pin_uv_auth_param: Some(vec![]), ..good.clone() }), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&read(1280 - 64, 0)), StatusCode::OK);
    assert_eq!(status(&read(1280 - 63, 0)), StatusCode::INVALID_LENGTH);
    assert_eq!(status(&read(1, 17)), StatusCode::OK, "at the end: nothing");
    assert_eq!(status(&read(1, 18)), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&read(-1, 0)), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&read(1, -1)), StatusCode::INVALID_PARAMETER);
}

#[test]
fn fragments_make_an_array_and_the_token_lasts() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(LBW);
    let whole = array(4096);
    let mut offset = 0;
    for fragment in whole.chunks(1216) {
        let length = (offset == 0).then_some(whole.len());
        let request = token.write(fragment, u32::try_from(offset).unwrap(), length);
        assert_eq!(bench.blobs(&request).0, [0], "at {offset}");
        offset += fragment.len();
    }
    assert_eq!(stored(&mut bench), whole);
    assert_eq!(bench.call(Command::RESET, &[]).status(), StatusCode::OK);
    assert_eq!(stored(&mut bench), EMPTY_LARGE_BLOB_ARRAY);
}

#[test]
fn writing_is_refused_as_the_specification_says() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(LBW);
    let part = array(64);
    let mut status = |request: &Request| bench.blobs(request).status();
    assert_eq!(status(&token.write(&[0; 1217], 0, Some(2000))), StatusCode::INVALID_LENGTH);
    assert_eq!(status(&token.write(&part, 0, None)), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&token.write(&part, 0, Some(16))), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&token.write(&part, 0, Some(4097))), StatusCode::LARGE_BLOB_STORAGE_FULL);
    assert_eq!(status(&token.write(&part, 1, None)), StatusCode::INVALID_SEQ, "nothing was begun");
    assert_eq!(status(&token.write(&part[..32], 0, Some(64))), StatusCode::OK);
    assert_eq!(status(&token.write(&part[32..], 32, Some(64))), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&token.write(&part[32..], 31, None)), StatusCode::INVALID_SEQ);
    assert_eq!(status(&token.write(&part, 32, None)), StatusCode::INVALID_PARAMETER, "longer than was said");
    assert_eq!(status(&write(&part, 0, Some(64))), StatusCode::PUAT_REQUIRED);
    let good = token.write(&part, 0, Some(64));
    assert_eq!(status(&Request { pin_uv_auth_protocol: None, ..good.clone() }), StatusCode::MISSING_PARAMETER);
    assert_eq!(status(&Request { set: Some(vec![0; 64]), ..good.clone() }), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(status(&good), StatusCode::OK);
    let other = bench.authorized(Permissions::CREDENTIAL_MANAGEMENT);
    assert_eq!(bench.blobs(&other.write(&part, 0, Some(64))).status(), StatusCode::PIN_AUTH_INVALID, "no lbw");
    assert_eq!(stored(&mut bench), part);
}

#[test]
fn what_is_not_whole_leaves_the_old_array() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(LBW);
    let (good, mut bad) = (array(100), array(100));
    bad[99] ^= 1;
    assert_eq!(bench.blobs(&token.write(&good, 0, Some(100))).status(), StatusCode::OK);
    let revision = bench.engine.revision();
    assert_eq!(bench.blobs(&token.write(&bad, 0, Some(100))).status(), StatusCode::INTEGRITY_FAILURE);
    assert_eq!(bench.blobs(&token.write(&array(60)[..30], 0, Some(60))).status(), StatusCode::OK);
    bench.engine.event(Event::PowerCycle, now());
    assert_eq!(stored(&mut bench), good);
    assert_eq!(bench.engine.revision(), revision);
    let token = bench.authorized(LBW);
    let rest = token.write(&array(60)[30..], 30, None);
    assert_eq!(bench.blobs(&rest).status(), StatusCode::INVALID_SEQ, "what was begun is forgotten");
}

#[test]
fn without_any_verification_anybody_may_write() {
    let mut bench = Bench::fresh_of("yubikey-5-nfc");
    assert_eq!(bench.blobs(&write(&array(40), 0, Some(40))).status(), StatusCode::OK);
    assert_eq!(stored(&mut bench), array(40));
}
