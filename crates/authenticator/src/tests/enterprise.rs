//! Enterprise attestation in both modes (`ctap-2.2 §7.1`).

use lab_protocol::cbor::Value;
use lab_protocol::ctap2::RpEntity;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::make_credential::{Request, Response};

use crate::testing::*;

/// id-fido-gen-ce-sernum, 1.3.6.1.4.1.45724.1.1.2, in DER.
const SERIAL_NUMBER: [u8; 13] = [0x06, 0x0b, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x02];

fn key(enabled: bool) -> Bench {
    let mut bench = Bench::of("security-key-nfc-enterprise-ep");
    bench.engine.state.change(|state| state.enterprise_attestation = enabled);
    bench
}

fn asked(mode: i64, rp_id: &str) -> Request {
    let rp = RpEntity { id: rp_id.to_owned(), name: None };
    Request { enterprise_attestation: Some(mode), rp, ..create() }
}

/// Whether the certificate shows a serial number.
fn shows_serial(response: &Response) -> bool {
    let statement = response.att_stmt.as_ref().and_then(Value::as_map).unwrap();
    let (_, x5c) = statement.iter().find(|(key, _)| key.as_text() == Some("x5c")).unwrap();
    let leaf = x5c.as_array().unwrap()[0].as_bytes().unwrap();
    leaf.windows(SERIAL_NUMBER.len()).any(|window| window == SERIAL_NUMBER)
}

#[test]
fn a_key_that_is_not_capable_or_not_enabled_refuses_before_it_looks_at_the_mode() {
    for mode in [1, 2, 9] {
        assert_eq!(key(false).register_status(&asked(mode, RP)), StatusCode::INVALID_PARAMETER);
        assert_eq!(Bench::of("yubikey-5-nfc").register_status(&asked(mode, RP)), StatusCode::INVALID_PARAMETER);
    }
    assert_eq!(key(false).info().option("ep"), Some(false));
    assert_eq!(Bench::of("yubikey-5-nfc").info().option("ep"), None);
}

#[test]
fn the_platform_may_vouch_for_its_enterprise() {
    let mut bench = key(true);
    assert_eq!(bench.info().option("ep"), Some(true));
    let response = bench.register(&asked(2, RP)).0;
    assert_eq!((response.ep_att, shows_serial(&response)), (Some(true), true));
    let again = bench.register(&asked(2, RP)).0;
    assert!(shows_serial(&again), "the same key");
    let usual = bench.register(&create()).0;
    assert_eq!((usual.ep_att, shows_serial(&usual)), (None, false));
    for mode in [0, 3] {
        assert_eq!(bench.register_status(&asked(mode, RP)), StatusCode::INVALID_OPTION);
    }
    let none = Request { attestation_formats_preference: vec!["none".into()], ..asked(2, RP) };
    assert_eq!(bench.register(&none).0.ep_att, None, "nothing was attested");
}

#[test]
fn the_vendor_vouches_for_the_relying_parties_on_its_list() {
    let mut bench = key(true);
    let response = bench.register(&asked(1, RP)).0;
    assert_eq!((response.ep_att, shows_serial(&response)), (None, false));
    for rp_id in ["enterprisetest.certinfra.fidoalliance.org", "ep.fidoalliance.co.nz"] {
        let response = bench.register(&asked(1, rp_id)).0;
        assert_eq!((response.ep_att, shows_serial(&response)), (Some(true), true));
    }
}
