//! A list as text: the columns in one order, the values in one spelling.

use std::fmt::Write as _;

use super::{AaguidList, Row};
use crate::model::Named as _;

impl AaguidList {
    /// The list as [`AaguidList::from_csv`] reads it: what it could use, and where that is from.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = format!("# source: {}\naaguid,name,type,bio,usb,nfc,ble\n", self.source);
        for row in &self.rows {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", line(row));
        }
        text
    }
}

fn line(row: &Row) -> String {
    let flag = |flag: Option<bool>| flag.map_or_else(String::new, |flag| flag.to_string());
    let passkeys = row.passkeys.map_or("", |passkeys| passkeys.name()).to_owned();
    let cells = [row.aaguid.to_string(), quoted(&row.name), passkeys];
    let flags = [row.bio, row.usb, row.nfc, row.ble].map(flag);
    cells.into_iter().chain(flags).collect::<Vec<_>>().join(",")
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', ';', '\t']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
