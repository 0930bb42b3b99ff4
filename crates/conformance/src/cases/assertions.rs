//! authenticatorGetAssertion and authenticatorGetNextAssertion (`ctap-2.2 §6.2, §6.3`).

mod accounts;
mod authorization;
mod parameters;
mod protection;

use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::ctap2::get_assertion::Request;
use lab_protocol::ctap2::{Command, Permissions};

use crate::bench::{Bench, RP, authorize_request};
use crate::case::Case;
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const GA: Command = Command::GET_ASSERTION;

pub(super) const CASES: &[&[Case]] = &[parameters::CASES, accounts::CASES, protection::CASES, authorization::CASES];

fn members(b: &Bench<'_>) -> Result<Vec<(Value, Value)>, Stop> {
    let request = b.request(&[&[9; 64]]);
    let value = cbor::decode(&request.encode(), Rules::CTAP2).map_err(|error| Stop::fail("CBOR", error))?;
    Ok(value.into_map().unwrap_or_default())
}

fn without(b: &mut Bench<'_>, member: i64) -> Done {
    let kept = members(b)?.into_iter().filter(|(key, _)| *key != Value::from(member)).collect();
    b.send_value(GA, &Value::Map(kept))?.is_of(&[0x14], &[0x02, 0x11, 0x12])
}

/// Asks without a list, with the user verified where that can be.
fn ask_verified(b: &mut Bench<'_>) -> Result<Request, Stop> {
    let mut request = b.request(&[]);
    if b.info.option("uv") == Some(true) {
        request.options.push(("uv".to_owned(), true));
    } else if b.info.option("clientPin") == Some(true) {
        let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
        authorize_request(&mut request, &token);
    }
    Ok(request)
}
