//! EMSA-PKCS1-v1_5 (RFC 8017 §9.2) with SHA-1, which TPMs sign with.

use crate::signature::Hash;

/// DigestInfo up to the digest (RFC 8017 §9.2, note 1).
const SHA1_INFO: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// The least padding.
const MIN_PADDING: usize = 8;

/// The encoded message for a modulus of `length` bytes; `None` where it does not fit.
pub(super) fn encode_sha1(message: &[u8], length: usize) -> Option<Vec<u8>> {
    let digest = Hash::Sha1.digest(&[message]);
    let padding = length.checked_sub(SHA1_INFO.len() + digest.len() + 3).filter(|padding| *padding >= MIN_PADDING)?;
    Some([&[0, 1], &vec![0xff; padding][..], &[0], &SHA1_INFO, &digest].concat())
}
