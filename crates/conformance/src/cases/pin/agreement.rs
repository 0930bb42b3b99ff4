//! Key agreement (`ctap-2.2 §6.5.5.4`).

use lab_protocol::ctap2::KeyAgreement;
use lab_protocol::ctap2::client_pin::Request;

use super::{Done, HAS, SET, UNSET, padded};
use crate::bench::{Bench, OTHER_PIN, PIN};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.pin.ka-shape",
        needs: HAS,
        sends: "getKeyAgreement",
        must: "kty 2, alg -25, crv 1, x and y of 32 bytes",
        run: shape,
    },
    Case {
        id: "au.pin.ka-off-curve",
        needs: UNSET,
        sends: "a platform key that is not on the curve",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement::p256([1; 32], [1; 32])),
    },
    Case {
        id: "au.pin.ka-infinity",
        needs: UNSET,
        sends: "a platform key of zeros",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement::p256([0; 32], [0; 32])),
    },
    Case {
        id: "au.pin.ka-31-byte",
        needs: UNSET,
        sends: "an x of 31 bytes",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement { x: vec![1; 31], ..KeyAgreement::p256([1; 32], [1; 32]) }),
    },
    Case {
        id: "au.pin.ka-33-byte",
        needs: UNSET,
        sends: "an x of 33 bytes",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement { x: vec![1; 33], ..KeyAgreement::p256([1; 32], [1; 32]) }),
    },
    Case {
        id: "au.pin.ka-stable",
        needs: SET,
        sends: "getKeyAgreement before and after a wrong PIN",
        must: "the same key, then another",
        run: stable,
    },
    Case {
        id: "au.pin.ka-replug",
        needs: &[Need::Replug, Need::Option("clientPin")],
        sends: "getKeyAgreement before and after a replug",
        must: "another key",
        run: replugged_key,
    },
];

fn shape(b: &mut Bench<'_>) -> Done {
    let protocol = b.protocol()?;
    let key = b.authenticator_key(protocol)?;
    let expected = KeyAgreement { x: key.x.clone(), y: key.y.clone(), ..KeyAgreement::p256([0; 32], [0; 32]) };
    let lengths = (key.x.len(), key.y.len());
    if lengths != (32, 32) || key != expected {
        return Err(Stop::fail("kty 2, alg -25, crv 1, 32 and 32 bytes", format!("{key:?}")));
    }
    b.agree().map(|_| Outcome::Pass)
}

fn platform_key(b: &mut Bench<'_>, key: KeyAgreement) -> Done {
    let agreement = b.agree()?;
    let request = Request { key_agreement: Some(key), ..b.set_request(&agreement, &padded(PIN)) };
    b.client_pin(&request)?.is_of(&[0x02], &[0x11, 0x12, 0x03])
}

fn stable(b: &mut Bench<'_>) -> Done {
    let protocol = b.protocol()?;
    let keys = [b.authenticator_key(protocol)?, b.authenticator_key(protocol)?];
    if keys[0] != keys[1] {
        return Err(Stop::fail("the same key", "another one"));
    }
    b.try_pin(OTHER_PIN)?.must(0x31)?;
    Ok(Outcome::check(b.authenticator_key(protocol)? != keys[0], "another key after a wrong PIN", "the same"))
}

fn replugged_key(b: &mut Bench<'_>) -> Done {
    let protocol = b.protocol()?;
    let before = b.authenticator_key(protocol)?;
    b.replug()?;
    Ok(Outcome::check(b.authenticator_key(protocol)? != before, "another key", "the same"))
}
