//! Lies: named tamperings of an emulated authenticator or of the client, to see who notices.
//!
//! A lie is a file of `lies/`: its manual page ([`Page`]) and the [`Tamper`] that does it. The engine
//! and the client know none of them; they ask whatever tamper is in their `Env`. An engine and a
//! client need an instance each: [`tamper`] makes a fresh one.
//!
//! ```
//! # fn main() -> Result<(), lab_lies::LieError> {
//! let lies = [lab_lies::parse("aaguid-of:icloud-keychain")?, lab_lies::parse("be-hidden")?];
//! let (engine, client) = (lab_lies::tamper(&lies), lab_lies::tamper(&lies));
//! # let _ = (engine, client);
//! # Ok(())
//! # }
//! ```
//!
//! To add one: a file in `lies/`, and two lines in `lies.rs`.

mod lie;
mod lies;
mod page;
mod tampers;

pub use lie::{Lie, LieError, parse, parse_among, tamper};
pub use page::{Caught, Page, Seam};
pub use tampers::Tampers;

use lab_protocol::Tamper;

/// A tamper as an `Env` takes it.
pub type BoxedTamper = Box<dyn Tamper + Send>;

/// Every lie's page, by name.
#[must_use]
pub fn all() -> &'static [&'static Page] {
    lies::ALL
}

/// The page of a lie by its name, with or without an argument behind it.
#[must_use]
pub fn find(name: &str) -> Option<&'static Page> {
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    all().iter().find(|page| page.name == name).copied()
}
