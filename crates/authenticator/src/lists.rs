//! Lists of AAGUIDs: tables with a row for each model, of which little more is known than its name.
//!
//! A list is a CSV file. Its header names the columns, in any order and case; only the first two must be
//! there:
//!
//! | column | also called | what stands in it |
//! |---|---|---|
//! | `aaguid` | | 8-4-4-4-12 hexadecimal digits |
//! | `name` | `description`, `model` | the name for people |
//! | `type` | `synced_or_device_bound` | `device-bound`, `synced`, `exportable`, `unknown`, or nothing |
//! | `bio`, `usb`, `nfc`, `ble` | | `true` or `false` (`yes`, `no`, `1`, `0`), or nothing |
//!
//! Lines that start with `#` may stand before the header; `# source: …` names the document that the rows
//! are from. Cells are separated by comma, semicolon or tab, whichever the header has, and quoted as RFC
//! 4180 says. Other columns are ignored, and named.
//!
//! A row that has `bio`, `usb`, `nfc` or `ble` is a row of a table like Microsoft's of FIDO2 hardware
//! vendors: a security key that passes with attestation enforced. A row with a `type` is a passkey
//! provider. A broken row is a [`ListError`] with line and column among [`AaguidList::problems`]; the
//! others are still there, and the caller decides whether to use them.

mod csv;
mod error;
mod generic;
mod read;
mod write;

use lab_protocol::Aaguid;

use crate::model::{GENERIC_ID, ListedType, Place};

pub use error::{ListError, ListErrorKind};

/// A table of AAGUIDs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AaguidList {
    /// The file, as its reader named it.
    pub file: String,
    /// The document that the rows are from.
    pub source: String,
    /// The rows that can be used, each AAGUID once.
    pub rows: Vec<Row>,
    /// The rows that name no model, although nothing is wrong with them.
    pub left_out: Vec<LeftOut>,
    /// The rows whose AAGUID stands in an earlier row.
    pub repeated: Vec<ListError>,
    /// The rows that cannot be read.
    pub problems: Vec<ListError>,
    /// The columns that no list needs.
    pub ignored: Vec<String>,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The AAGUID.
    pub aaguid: Aaguid,
    /// The name for people.
    pub name: String,
    /// The type of its passkeys.
    pub passkeys: Option<ListedType>,
    /// It has a biometric sensor.
    pub bio: Option<bool>,
    /// It speaks USB.
    pub usb: Option<bool>,
    /// It speaks NFC.
    pub nfc: Option<bool>,
    /// It speaks Bluetooth Low Energy.
    pub ble: Option<bool>,
    /// Where the row stands.
    pub place: Place,
}

/// A row that names no model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where the row stands.
    pub place: Place,
    /// The AAGUID.
    pub aaguid: Aaguid,
    /// Its name in the list.
    pub name: String,
    /// Why it is left out.
    pub reason: &'static str,
}

/// Why the AAGUID of zeros is left out of every list.
pub const NOBODY: &str =
    "zeros name no model: they are what a U2F key has, and what a client reports that hides the model";

impl Row {
    /// The id of the generic model that it makes.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{GENERIC_ID}{}", self.aaguid)
    }

    /// Whether it is a row of a table of hardware vendors.
    fn is_hardware(&self) -> bool {
        [self.bio, self.usb, self.nfc, self.ble].iter().any(Option::is_some)
    }
}

#[cfg(test)]
mod tests;
