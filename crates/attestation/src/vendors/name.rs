//! Distinguished names, in the makers' words and not to be mistaken for the makers'.

use const_oid::ObjectIdentifier;

use super::VendorsOptions;
use super::writer::{PRINTABLE_STRING, SEQUENCE, UTF8_STRING, attribute, element};
use crate::layout::{oid as id, text};

/// The longest organization and common name (RFC 5280 §A.1, `ub-common-name`).
const MAX_NAME: usize = 64;

/// A name with one attribute in each of its relative names.
pub(crate) fn name(attributes: &[(ObjectIdentifier, &str)]) -> Vec<u8> {
    let string_type = |oid| if oid == id::COUNTRY || oid == id::SERIAL_NUMBER { PRINTABLE_STRING } else { UTF8_STRING };
    let attributes: Vec<_> = attributes.iter().map(|(oid, text)| attribute(*oid, string_type(*oid), text)).collect();
    element(SEQUENCE, &[&attributes.concat()])
}

/// The organization of every CA of the lab.
pub(crate) fn laboratory(options: VendorsOptions) -> String {
    format!("{}{}", text::LABORATORY, seeded(options))
}

/// The organization of what a maker's stand-in certifies.
pub(crate) fn stand_in(maker: &str, options: VendorsOptions) -> String {
    fit("", maker, &format!(" (stand-in of Passkey Lab){}", seeded(options)))
}

/// What each certificate says whose key can be made again.
pub(crate) fn seeded(options: VendorsOptions) -> String {
    if options.seeded { format!(" {}", text::SEEDED) } else { String::new() }
}

/// The three parts, the middle one shortened so that all of it has at most [`MAX_NAME`] characters.
pub(crate) fn fit(before: &str, middle: &str, after: &str) -> String {
    let room = MAX_NAME.saturating_sub(before.chars().count() + after.chars().count());
    let shortened: String = middle.chars().take(room).collect();
    format!("{before}{shortened}{after}")
}
