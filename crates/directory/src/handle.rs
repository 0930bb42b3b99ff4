//! User handles of options that leave the process.
//!
//! A discoverable credential replaces another one with the same RP ID and user handle. Which device
//! answers is out of a server's hands, so no real handle is ever sent: a random one that starts with
//! `LAB` stands in for it, and the directory knows whose it is.

use lab_protocol::Random;

/// How such a handle begins.
pub const TAG: &[u8; 3] = b"LAB";
/// How long it is: as long as Entra's.
pub const LENGTH: usize = lab_entra::handle::LENGTH;

/// A new handle.
#[must_use]
pub fn random(rng: &mut (impl Random + ?Sized)) -> [u8; LENGTH] {
    let mut handle = [0; LENGTH];
    rng.fill(&mut handle);
    handle.iter_mut().zip(TAG).for_each(|(place, byte)| *place = *byte);
    handle
}

/// Whether a handle is one of the lab's own.
#[must_use]
pub fn is_lab(handle: &[u8]) -> bool {
    handle.starts_with(TAG)
}
