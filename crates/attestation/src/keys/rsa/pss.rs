//! EMSA-PSS (RFC 8017 §9.1.1) with MGF1 of the same hash.

use crate::signature::Hash;

/// The encoded message for a modulus of `bits + 1` bits; `None` where hash and salt do not fit.
pub(super) fn encode(hash: Hash, message: &[u8], salt: &[u8], bits: usize) -> Option<Vec<u8>> {
    let length = bits.div_ceil(8);
    let padding = length.checked_sub(hash.output_len() + salt.len() + 2)?;
    let salted = hash.digest(&[&[0; 8], &hash.digest(&[message]), salt]);
    let mut block = vec![0; padding];
    block.push(1);
    block.extend_from_slice(salt);
    mask(hash, &salted, &mut block);
    if let Some(first) = block.first_mut() {
        *first &= 0xff >> (length * 8 - bits);
    }
    block.extend_from_slice(&salted);
    block.push(0xbc);
    Some(block)
}

/// MGF1 (RFC 8017 §B.2.1), applied to `block`.
fn mask(hash: Hash, seed: &[u8], block: &mut [u8]) {
    for (counter, chunk) in (0_u32..).zip(block.chunks_mut(hash.output_len())) {
        let bytes = hash.digest(&[seed, &counter.to_be_bytes()]);
        chunk.iter_mut().zip(bytes).for_each(|(byte, mask)| *byte ^= mask);
    }
}
