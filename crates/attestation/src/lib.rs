//! Attestation: signatures verified and made, statements emitted and verified, certificate paths
//! built and checked.
//!
//! Verification runs on aws-lc. Keys sign either with it or, in a seeded run, with RustCrypto, where
//! the same seed gives the same bytes. Time is always an argument.

pub mod keys;
pub mod signature;
#[cfg(test)]
mod test_rng;

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    hash
}
