//! authenticatorClientPIN: keys, PINs and attempts (`ctap-2.2 §6.5`).

mod agreement;
mod attempts;
mod requests;
mod setting;

use lab_client::manage;
use lab_protocol::ctap2::config::Params;

use crate::bench::{Agreement, Bench};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const HAS: &[Need] = &[Need::Option("clientPin")];
const UNSET: &[Need] = &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin")];
const SET: &[Need] = &[Need::Fresh, Need::Pin];

pub(super) const CASES: &[&[Case]] = &[requests::CASES, agreement::CASES, setting::CASES, attempts::CASES];

/// A PIN as it is padded, of any length.
fn padded(text: &str) -> Vec<u8> {
    let mut padded = text.as_bytes().to_vec();
    padded.resize(64, 0);
    padded
}

fn change(b: &mut Bench<'_>, current: &str, new: &str) -> Result<crate::bench::Reply, Stop> {
    let agreement: Agreement = b.agree()?;
    let request = b.change_request(&agreement, current, new)?;
    b.client_pin(&request)
}

/// setMinPINLength with forceChangePin.
pub(super) fn force(b: &mut Bench<'_>) -> Result<(), Stop> {
    b.drive(manage::config::set_min_pin_length(Params { force_change_pin: Some(true), ..Default::default() }))
}
