//! authenticatorMakeCredential (`ctap-2.2 §6.1`).

mod algorithms;
mod attestation;
mod authorization;
mod exclusion;
mod parameters;
mod storage;

use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::Command;
use lab_protocol::ctap2::make_credential::Request;

use crate::bench::Bench;
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const MC: Command = Command::MAKE_CREDENTIAL;
const UNPROTECTED: Need = Need::IsNot("uv");

pub(super) const CASES: &[&[Case]] =
    &[parameters::CASES, algorithms::CASES, exclusion::CASES, authorization::CASES, storage::CASES, attestation::CASES];

fn key(alg: i64) -> (String, Algorithm) {
    ("public-key".to_owned(), Algorithm(alg))
}

fn map(members: &[(&str, Value)]) -> Value {
    Value::Map(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

/// A request that is changed and must succeed.
fn with(b: &mut Bench<'_>, change: impl FnOnce(&mut Request)) -> Done {
    let mut request = b.creation();
    change(&mut request);
    b.made(request).map(|_| Outcome::Pass)
}

/// The request's members by key.
fn members(b: &Bench<'_>) -> Result<Vec<(Value, Value)>, Stop> {
    let value = cbor::decode(&b.creation().encode(), Rules::CTAP2).map_err(|error| Stop::fail("CBOR", error))?;
    Ok(value.into_map().unwrap_or_default())
}

fn replaced(b: &mut Bench<'_>, member: i64, value: Value, expected: &[u8], tolerated: &[u8]) -> Done {
    let mut members: Vec<_> = members(b)?.into_iter().filter(|(key, _)| *key != Value::from(member)).collect();
    members.push((member.into(), value));
    b.send_value(MC, &Value::Map(members))?.is_of(expected, tolerated)
}
