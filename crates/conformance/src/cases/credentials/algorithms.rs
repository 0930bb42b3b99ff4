//! pubKeyCredParams: which algorithm is chosen.

use lab_protocol::cbor::Value;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::make_credential::Request;

use super::{Done, key, map, replaced};
use crate::bench::Bench;
use crate::case::Case;
use crate::outcome::{Outcome, Stop};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.mc.params-empty",
        needs: &[],
        sends: "pubKeyCredParams without an entry",
        must: "0x26 or 0x14",
        run: |b| {
            let request = Request { pub_key_cred_params: vec![], ..b.creation() };
            b.make(&request)?.is_of(&[0x26, 0x14], &[])
        },
    },
    Case {
        id: "au.mc.params-unknown-alg",
        needs: &[],
        sends: "only the algorithm -999",
        must: "0x26",
        run: |b| {
            let request = Request { pub_key_cred_params: vec![key(-999)], ..b.creation() };
            b.make(&request)?.is(0x26)
        },
    },
    Case {
        id: "au.mc.params-second",
        needs: &[],
        sends: "-999, then -7",
        must: "a key of -7",
        run: |b| chosen(b, vec![key(-999), key(-7)], -7),
    },
    Case {
        id: "au.mc.params-order",
        needs: &[],
        sends: "-8, then -7",
        must: "-8 where it has that",
        run: params_order,
    },
    Case {
        id: "au.mc.params-bad-later",
        needs: &[],
        sends: "-7, then an entry without alg",
        must: "an error",
        run: params_bad_later,
    },
    Case {
        id: "au.mc.params-type-unknown",
        needs: &[],
        sends: "an entry of an unknown type, then public-key",
        must: "the second is chosen",
        run: |b| chosen(b, vec![("unknown".to_owned(), Algorithm(-7)), key(-7)], -7),
    },
];

fn chosen(b: &mut Bench<'_>, params: Vec<(String, Algorithm)>, expected: i64) -> Done {
    let credential = b.made(Request { pub_key_cred_params: params, ..b.creation() })?;
    Ok(Outcome::check(credential.public_key.alg.0 == expected, expected, credential.public_key.alg.0))
}

fn params_order(b: &mut Bench<'_>) -> Done {
    let both = [-8, -7].iter().all(|alg| b.info.algorithms.contains(&Algorithm(*alg)));
    if !both {
        return Err(Stop::not_applicable("it does not list both -8 and -7"));
    }
    chosen(b, vec![key(-8), key(-7)], -8)
}

fn params_bad_later(b: &mut Bench<'_>) -> Done {
    let params = Value::Array(vec![
        map(&[("alg", (-7).into()), ("type", "public-key".into())]),
        map(&[("type", "public-key".into())]),
    ]);
    replaced(b, 4, params, &[0x11, 0x12, 0x14, 0x02], &[])
}
