//! What getInfo says only to a platform that holds the persistent token (`ctap-2.2 §6.4`, encIdentifier).

use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Block};
use hkdf::Hkdf;
use lab_protocol::Random;
use sha2::Sha256;

/// `iv || AES-128-CBC(key, plaintext)`, where the key is derived from the token for `info`.
pub(crate) fn seal(token: &[u8; 32], info: &str, plaintext: &[u8; 16], rng: &mut dyn Random) -> Option<Vec<u8>> {
    let (mut key, mut iv) = ([0; 16], [0; 16]);
    Hkdf::<Sha256>::new(Some(&[0; 32]), token).expand(info.as_bytes(), &mut key).ok()?;
    rng.fill(&mut iv);
    let mut block = Block::from(*plaintext);
    cbc::Encryptor::<Aes128>::new(&key.into(), &iv.into()).encrypt_block(&mut block);
    Some([iv.as_slice(), &block].concat())
}

#[cfg(test)]
mod tests {
    use aes::cipher::BlockModeDecrypt;

    use super::*;
    use crate::testing::Seeded;

    #[test]
    fn who_has_the_token_reads_it() {
        let sealed = seal(&[7; 32], "encIdentifier", &[3; 16], &mut Seeded(1, 0)).unwrap();
        let again = seal(&[7; 32], "encIdentifier", &[3; 16], &mut Seeded(2, 0)).unwrap();
        assert_ne!(sealed, again);
        for sealed in [sealed, again] {
            let mut key = [0; 16];
            Hkdf::<Sha256>::new(Some(&[0; 32]), &[7; 32]).expand(b"encIdentifier", &mut key).unwrap();
            let mut block = Block::try_from(&sealed[16..]).unwrap();
            let mut decryptor = cbc::Decryptor::<Aes128>::new_from_slices(&key, &sealed[..16]).unwrap();
            decryptor.decrypt_block(&mut block);
            assert_eq!(block.as_slice(), [3; 16]);
        }
    }
}
