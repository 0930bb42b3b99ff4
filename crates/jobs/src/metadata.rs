//! FIDO metadata: what a BLOB says, whether it can be believed, what changed in it.

mod check;
mod consulted;
mod diff;
mod find;
mod lab;
mod scenario;
mod show;
mod source;

pub use check::{Checked, check};
pub use consulted::{Consulted, When};
pub use diff::{Difference, Watch, diff};
pub use find::{Found, find};
pub use lab::blob as lab_blob;
pub use scenario::{Scenario, Staging};
pub use show::show;
pub use source::{Loaded, Roots};

use std::path::Path;

use jiff::Timestamp;
use lab_authenticator::lists::AaguidList;
use lab_authenticator::models as built_in;
use lab_metadata::entry::StatusReport;
use lab_metadata::standing::InHand;
use lab_metadata::{Entry, Standing, standing};
use serde_json::{Value, json};

use crate::error::JobError;
use crate::input::read_text;
use crate::pem;
use crate::report::{Cell, Tone};
use crate::world::World;

/// The file of the built-in table of attestable keys.
const VENDOR_TABLE: &str = "vendor-keys.csv";

/// The root of this run's laboratory, as PEM.
#[must_use]
pub fn lab_root(world: &World) -> String {
    pem::certificate(world.vendors().stand_in_root())
}

/// Microsoft's table of attestable keys: a user's own file, else the built-in one with its date.
///
/// # Errors
/// A file that cannot be read, or is no list.
pub fn vendor_table(file: Option<&Path>) -> Result<AaguidList, JobError> {
    match file {
        Some(file) => Ok(AaguidList::from_csv(&file.display().to_string(), &read_text(file, &mut std::io::empty())?)?),
        None => {
            let table = built_in::lists().iter().find(|list| list.file.ends_with(VENDOR_TABLE));
            table.cloned().ok_or_else(|| JobError::Emulation(format!("{VENDOR_TABLE} is not built in")))
        }
    }
}

/// The day of a moment, in UTC.
fn day(at: Timestamp) -> jiff::civil::Date {
    jiff::tz::Offset::UTC.to_datetime(at).date()
}

/// Where a model stands today, without a particular authenticator in hand.
fn today(entry: &Entry, at: Timestamp) -> Standing {
    standing::standing(entry, InHand::default(), at)
}

/// "Is this model trusted today?" in a few words.
fn verdict(standing: &Standing) -> Cell {
    match (standing.refusals.first(), &standing.certification) {
        (Some(refusal), _) => Cell::new(format!("no: {refusal}"), Tone::Bad),
        (None, Some(level)) => Cell::new(format!("yes, {level}"), Tone::Good),
        (None, None) => Cell::new("not certified", Tone::Doubt),
    }
}

/// The name of that answer in JSON results.
fn verdict_name(standing: &Standing) -> &'static str {
    match (standing.acceptable(), &standing.certification) {
        (false, _) => "refused",
        (true, Some(_)) => "trusted",
        (true, None) => "not-certified",
    }
}

fn report_json(report: &StatusReport) -> Value {
    json!({
        "status": report.status.as_ref().map(ToString::to_string),
        "effective_date": report.effective_date.map(|date| date.to_string()),
    })
}

fn report_text(report: &StatusReport) -> String {
    let status = report.status.as_ref().map_or("(no status)", |status| status.as_str());
    report.effective_date.map_or_else(|| status.to_owned(), |date| format!("{status} ({date})"))
}

#[cfg(test)]
mod tests;
